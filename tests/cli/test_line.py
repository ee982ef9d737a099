"""Lines that people read, in columns."""

from __future__ import annotations

import io

from pectin.cli.line import Columns, Line, gather, short_id, tell_by, tell_error, tell_hold
from pectin.cli.paper import Paper, columns_of
from pectin.core.definition import Definition, Node
from pectin.core.error import ErrorData
from pectin.core.program import Program
from pectin.core.schema import Field, Integer, Object
from pectin.core.state import Hold
from pectin.nodes import bind


def program() -> Program:
    nodes = (Node("fetch", "python_fn", {"function": "fetch"}),)
    return bind(Definition("w", "1.0.0", Object({"n": Field(Integer(), default=0)}), "fetch", nodes))


def test_columns() -> None:
    paper = Paper(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    columns = Columns(paper, program())
    line, long = Line(1, "✓", "fetch", 1_000, "n 5"), Line(2, "✓", "fetch", 1_000, "n " + 30 * "5")
    assert columns.write([line], "done before") == ["  ✓ fetch   1.0 s   n 5                            done before"]
    assert columns.write([line]) == ["  ✓ fetch   1.0 s   n 5"]
    ends = [columns_of(told) for told in columns.write([line, long], "done before")]
    assert ends == [65, 65]


def test_a_timeout_says_it_all() -> None:
    assert tell_error(ErrorData("timeout", "TimeoutError", "no result within 30 s")) == "timeout"
    assert tell_error(ErrorData("io_error", "OSError", "")) == "io_error"


def test_columns_never_collide_and_a_note_is_never_cut() -> None:
    paper = Paper(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    columns = Columns(paper, program())
    (told,) = columns.write([Line(1, "✓", "loopbody[12]", 4, "n 5")])
    assert told == "  ✓ loopbody[12]   4 ms    n 5"
    assert columns.write([Line(2, "✓", "fetch", 4, "n 5")]) == ["  ✓ fetch          4 ms    n 5"]
    (told,) = columns.write([Line(3, "✓", "x" * 90, 90_000, "n " + "5" * 200)], "done before")
    assert columns_of(told) <= paper.columns
    assert told.endswith("…  done before")
    assert "…   1 min 30 s" in told


def test_lines_of_a_group_are_one() -> None:
    items = [Line(seq, "–", "score", None, "{items} cancelled", "score cancelled") for seq in (4, 5, 6)]
    alone = Line(7, "–", "score", None, "cancelled")
    assert [(line.seq, line.text) for line in gather([*items, alone, items[0]])] == [
        (6, "3 items cancelled"),
        (7, "cancelled"),
        (4, "1 item cancelled"),
    ]


def test_who_and_what() -> None:
    assert tell_by("ops") == " by ops"
    assert tell_by(None) == tell_by("") == ""
    assert tell_hold(Hold(0, "ops", "bank\n is down")) == "paused by ops: bank is down"
    assert tell_hold(Hold(0, inherited=True)) == "paused with its parent"
    assert short_id("01a206d6-a8ef-7fac-aa2d-d5197ec1c621") == "…c1c621"
