"""What is told of a history."""

from __future__ import annotations

import io

from pectin.cli.paper import Paper, columns_of
from pectin.cli.story import Columns, Line, Story, tell_error, took
from pectin.core.command import Begin, Complete, Decide, Fail, Interrupt, Start, Wake
from pectin.core.decide import decide
from pectin.core.definition import END, Definition, Edge, Effect, Node
from pectin.core.error import ErrorData
from pectin.core.event import AnyEvent
from pectin.core.program import Program
from pectin.core.retry import RetryPolicy
from pectin.core.schema import Field, Integer, Object
from pectin.core.state import Run
from pectin.nodes import bind

ID = "01a206d6-a8ef-7fac-aa2d-d5197ec1c621"


def program() -> Program:
    retry = RetryPolicy(max_attempts=3, initial_delay_ms=800, jitter=False)
    nodes = (
        Node("fetch", "python_fn", {"function": "fetch"}, retry=retry, effect=Effect.KEYED),
        Node("review", "human_approval", {"prompt": "Go on?", "deadline_ms": 72 * 3_600_000}),
    )
    edges = (Edge("fetch", "review"), Edge("review", END))
    state = Object({"n": Field(Integer(), default=0)})
    return bind(Definition("w", "1.0.0", state, "fetch", nodes, edges))


def history() -> list[tuple[int, AnyEvent]]:
    """An attempt that fails, one that is cut off, one that succeeds, and a decision."""
    begin = Begin("engine", 8)
    error = ErrorData("io_error", "OSError", "connection\nrefused", attempt=1)
    commands = [
        Start(at=0, execution_id=ID, input={}, state={"n": 0}, definition="d", begin=begin),
        Fail(at=1_000, activation="fetch", attempt=1, error=error, begin=begin),
        Wake(at=1_800, begin=begin),
        Interrupt(at=2_000, reason="gone", begin=begin),
        Complete(at=3_500, activation="fetch", attempt=3, patch={"n": 5}, begin=begin),
        Decide(at=9_000, activation="review", decision="approved", by="finance", comment="ok", begin=begin),
    ]
    run, events, bound = Run(), list[AnyEvent](), program()
    for command in commands:
        events += decide(bound, run, command).events
    return list(enumerate(events, 1))


def told(story: Story, events: list[tuple[int, AnyEvent]]) -> list[tuple[str, str, str, str]]:
    return [(line.mark, line.activation, took(line), line.text) for line in story.tell(events)]


def test_as_run_tells_it() -> None:
    assert told(Story(program()), history()) == [
        ("✗", "fetch", "1.0 s", "io_error: connection refused, retried after 800 ms (attempt 1 of 3)"),
        ("↻", "fetch", "", "attempt 3: attempt 2 was cut off, same key"),
        ("✓", "fetch", "1.5 s", "n 5 (attempt 3, same key)"),
        ("✓", "review", "5.5 s", "approved by finance: ok"),
    ]


def test_as_show_tells_it() -> None:
    lines = told(Story(program(), changes=True), history())
    assert [text for *_, text in lines] == [
        "io_error: connection refused, retried after 800 ms (attempt 1 of 3)",
        "cut off (attempt 2, keyed)",
        "n 0 → 5 (attempt 3, same key)",
        "approved by finance: ok",
        "completed",
    ]


def test_it_is_the_same_however_it_is_cut() -> None:
    events = history()
    whole = told(Story(program()), events)
    for cut in range(len(events)):
        story = Story(program())
        assert told(story, events[:cut]) + told(story, events[cut:]) == whole


def test_what_is_going_on() -> None:
    events = history()
    story = Story(program())
    story.tell(events[:3])
    (line,) = story.now(700)
    assert (line.activation, line.took_ms, line.text) == ("fetch", 700, "runs")
    assert story.now(700, served=False)[0].text == "nothing runs it now"
    story.tell(events[3:4])
    assert story.now(1_300)[0].text == "again in 500 ms"
    assert story.waits(1_300) == []


def test_columns() -> None:
    paper = Paper(io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    columns = Columns(paper, program())
    line, long = Line(1, "✓", "fetch", 1_000, "n 5"), Line(2, "✓", "fetch", 1_000, "n " + 30 * "5")
    assert columns.write([line], "done before") == ["  ✓ fetch    1.0 s   n 5                           done before"]
    assert columns.write([line]) == ["  ✓ fetch    1.0 s   n 5"]
    ends = [columns_of(told) for told in columns.write([line, long], "done before")]
    assert ends == [66, 66]


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
