"""Pictures."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pectin.cli.picture.chart import Box, Chart, Way, chart_of
from pectin.cli.picture.standing import WORDS, Standing
from pectin.cli.picture.svg import draw_svg
from pectin.nodes import bind
from tests.cli.picture.drawn import ROOT, every_kind, example
from tests.core.chance import random_definition

SVG = "{http://www.w3.org/2000/svg}"
GOLDEN = Path("tests", "cli", "picture", "golden")

PICTURES = {
    "refund": Path("docs", "tutorial", "refund.svg"),  # stands in the README
    "chase": GOLDEN / "chase.svg",
    "release_notes": GOLDEN / "release_notes.svg",
}


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", PICTURES)
def test_the_examples(name: str) -> None:
    assert draw_svg(example(name)[name]) + "\n" == (ROOT / PICTURES[name]).read_text("utf-8")


def test_everything_at_once() -> None:
    svg = draw_svg(chart_of(every_kind()))
    assert {"look", "score", "each of state.items, 2 at once", "approval, 1 h", "at the end"} <= set(texts(svg))
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text == "all 1.0.0"
    assert "again leads to write (repeat when !state.ok, at most 3)." in (root[1].text or "")


def test_a_standing_is_a_sign_a_word_and_a_class() -> None:
    names = list(WORDS)
    boxes = [Box("(start)", "(start)", "start"), *(Box(f"n{index}", "python_fn", f"n{index}") for index in range(7))]
    chart = Chart("w 1.0.0", tuple(boxes), tuple(Way("(start)", box.id) for box in boxes[1:]))
    standings = {f"n{index}": Standing(mark, WORDS[mark], index + 1) for index, mark in enumerate(names)}
    svg = draw_svg(chart, standings, "w 1.0.0 · A-1 · paused")
    assert {"✓ done", "✗ failed (2×)", "● at work (3×)", "w 1.0.0 · A-1 · paused"} <= set(texts(svg))
    classes = re.findall(r'class="box python_fn (\w+)"', svg)
    assert len(set(classes)) == len(names)


HOSTILE = "</text><script>alert(1)</script> & \"quoted\" 'single' ]]> \x00\x1b[31m \ud800 \u202e"


def test_no_text_is_markup() -> None:
    boxes = (Box("(start)", "(start)", "start"), Box("a", "python_fn", "a", (HOSTILE,)), Box("b", "wait", HOSTILE))
    chart = Chart(HOSTILE, boxes, (Way("(start)", "a"), Way("a", "b", (HOSTILE,)), Way("a", "b", (HOSTILE,), True)))
    svg = draw_svg(chart, {"a": Standing("✓", HOSTILE)}, HOSTILE)
    svg.encode("utf-8")
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "g", "rect", "path", "text", "circle", "polygon",
    }  # fmt: skip
    assert not re.search(r"[\x00-\x08\x1b\ud800\u202e]", svg)


def test_long_labels_are_cut_and_stand_whole_in_a_title() -> None:
    condition = "when " + " && ".join(f"state.field_{number} == {number}" for number in range(12))
    boxes = (Box("(start)", "(start)", "start"), Box("a", "python_fn", "a"), Box("b", "python_fn", "b" * 90))
    svg = draw_svg(Chart("w", boxes, (Way("(start)", "a"), Way("a", "b", (condition,)))))
    labels = [text for text in texts(svg) if "state.field" in text or text.endswith("…")]
    assert all(len(label) <= 40 for label in labels)
    assert any(label.endswith("…") for label in labels)
    titles = [title.text or "" for title in ElementTree.fromstring(svg).iter(f"{SVG}title")]
    assert condition in titles
    assert "b" * 90 in titles


@pytest.mark.parametrize("seed", range(20))
def test_the_same_workflow_is_the_same_picture_and_good_xml(seed: int) -> None:
    program = bind(random_definition(seed))
    svg = draw_svg(chart_of(program))
    assert svg == draw_svg(chart_of(bind(random_definition(seed))))
    width, height = (float(ElementTree.fromstring(svg).get(name) or 0) for name in ("width", "height"))
    for rectangle in ElementTree.fromstring(svg).iter(f"{SVG}rect"):
        x, y = (float(rectangle.get(name) or 0) for name in ("x", "y"))
        assert x + float(rectangle.get("width") or 0) <= width
        assert y + float(rectangle.get("height") or 0) <= height
