"""Trees of lines."""

from __future__ import annotations

import io
import re

import pytest

from pectin.cli.paper import Paper, columns_of
from pectin.cli.picture.chart import Box, Chart, Way, chart_of
from pectin.cli.picture.standing import Standing
from pectin.cli.picture.tree import draw_tree
from pectin.nodes import bind
from tests.cli.picture.drawn import EXAMPLES, ROOT, every_kind, example
from tests.core.chance import random_definition

GOLDEN = ROOT / "tests" / "cli" / "picture" / "golden" / "examples.txt"


def paper(encoding: str = "utf-8") -> Paper:
    return Paper(io.TextIOWrapper(io.BytesIO(), encoding=encoding))


def trees() -> str:
    """All examples, as the golden file has them."""
    parts: list[str] = []
    for name in EXAMPLES:
        for chart in example(name).values():
            parts += [f"# {chart.title}", *draw_tree(chart, {}, paper()), ""]
    return "\n".join(parts)


def test_the_examples() -> None:
    assert trees() == GOLDEN.read_text("utf-8")


def test_everything_at_once() -> None:
    standings = {
        "write": Standing("✓", "done", 2),
        "check": Standing("●", "at work"),
        "tidy": Standing("–", "not done"),
    }
    assert draw_tree(chart_of(every_kind()), standings, paper()) == [
        "look  (pure)",
        "├─ write  ✓ done (2×)  (pure)",
        "│  ├─ check  ● at work  (condition)",
        "│  │  ├─ when state.ok: again  (pure)",
        "│  │  │  └─ repeat when !state.ok, at most 3: back to write",
        "│  │  └─ otherwise: score  (each of state.items, 2 at once, runs one, pure)",
        "│  │     review  (approval, 1 h)",
        "│  │     ├─ approved: ship  (runs ship_order 2.0.0) → meet",
        "│  │     └─ rejected or timeout: arrive  (waits for event parcel or signal go) → meet",
        "│  │     meet  (first of them)",
        "│  └─ on_limit: too_long  (pure)",
        "└─ on_error when error.type == 'OSError' → end",
        "when a limit is passed:",
        "   explain  (pure)",
        "   stop  (ends the execution)",
        "at the end:",
        "   tidy  – not done  (finalizer, always, pure)",
        "   thank  (finalizer, on success, pure)",
    ]


def test_where_there_is_only_ascii() -> None:
    ascii_paper = paper("ascii")
    lines = [ascii_paper.fit(line) for line in draw_tree(example("refund")["refund"], {}, ascii_paper)]
    assert lines[2:5] == [
        "+- when state.risk == 'high': review  (approval, 72 h)",
        "|  +- approved -> pay",
        "|  +- rejected or timeout -> end",
    ]


def test_what_would_be_indented_too_far_begins_anew() -> None:
    boxes = [Box("(start)", "(start)", "start"), Box("n0", "python_fn", "n0")]
    ways = [Way("(start)", "n0")]
    for number in range(1, 100):
        boxes += [Box(f"n{number}", "python_fn", f"n{number}"), Box(f"x{number}", "python_fn", f"x{number}")]
        ways += [Way(f"n{number - 1}", f"n{number}"), Way(f"n{number - 1}", f"x{number}")]
    lines = draw_tree(Chart("w", tuple(boxes), tuple(ways)), {}, paper())
    assert max(map(columns_of, lines)) < 60
    assert [line for line in lines if "(below)" in line]
    assert set(re.findall(r"\b[nx]\d+\b", "\n".join(lines))) == {box.id for box in boxes[1:]}


@pytest.mark.parametrize("seed", range(60))
def test_each_node_is_drawn_once(seed: int) -> None:
    chart = chart_of(bind(random_definition(seed)))
    drawn = [re.sub(r" → .*", "", line) for line in draw_tree(chart, {}, paper()) if "back to" not in line]
    for box in chart.boxes:
        if not box.kind.startswith("("):
            begins = re.compile(rf"(?:^|[ :]){re.escape(box.name)}(?=$|  \()")
            assert sum(bool(begins.search(line)) for line in drawn) == 1, box.name
