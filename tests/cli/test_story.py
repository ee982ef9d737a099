"""What is told of a history."""

from __future__ import annotations

from typing import Any

from pectin.cli.line import took
from pectin.cli.story import Story
from pectin.core.command import (
    AnyCommand,
    Begin,
    Cancel,
    Complete,
    Decide,
    Deliver,
    Fail,
    Hold,
    Interrupt,
    Reconciled,
    Release,
    Resolve,
    Signal,
    Start,
    Wake,
)
from pectin.core.decide import decide
from pectin.core.definition import END, Child, Definition, Edge, Effect, Node, Trigger, WorkflowLimits
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


# -- what only some executions have -----------------------------------------------------------------------------

STATE = Object({"n": Field(Integer(), default=0)})
OPS = "ops"


def lines_of(definition: Definition, *commands: AnyCommand, changes: bool = True) -> list[tuple[str, str, str]]:
    """What these commands are told as, after the start at 0."""
    bound, run, events = bind(definition), Run(), list[AnyEvent]()
    start = Start(at=0, execution_id=ID, input={}, state={"n": 0}, definition="d", begin=Begin("engine", 8))
    for command in (start, *commands):
        events += decide(bound, run, command).events
    story = Story(bound, changes=changes)
    return [(line.mark, line.activation, line.text) for line in story.tell(enumerate(events, 1))]


def one(node: Node, *edges: Edge, **options: Any) -> Definition:
    return Definition("w", "1.0.0", STATE, node.id, (node,), edges, **options)


def pay(**fields: Any) -> Node:
    return Node("pay", "python_fn", {"function": "pay"}, effect=Effect.ONCE, **fields)


def cut(at: int) -> Interrupt:
    return Interrupt(at=at, reason="the engine that ran it is gone")


def test_doubt_that_a_person_resolves() -> None:
    did_not = Resolve(at=2, activation="pay", happened=False, by=OPS, begin=Begin("engine", 8))
    happened = Resolve(at=4, activation="pay", happened=True, by=OPS, result={"n": 7}, attempt=2)
    assert lines_of(one(pay()), cut(1), did_not, cut(3), happened) == [
        ("?", "pay", "in doubt (attempt 1): the engine that ran it is gone"),
        ("↻", "pay", "it did not happen, says ops; runs again"),
        ("?", "pay", "in doubt (attempt 2): the engine that ran it is gone"),
        ("?", "pay", "it happened, says ops"),
        ("✓", "pay", "n 0 → 7 (attempt 2)"),
        ("✓", "finished", "completed"),
    ]


def test_doubt_that_its_reconcile_is_asked_about() -> None:
    error = ErrorData("io_error", "OSError", "refused")
    begin = Begin("engine", 8)
    asked = (
        Interrupt(at=1, reason="gone", begin=begin),
        Interrupt(at=2, reason="gone", begin=begin),
        Reconciled(at=3, activation="pay", attempt=1, happened=None, error=error),
    )
    assert lines_of(one(pay(reconcile="asked")), *asked) == [
        ("?", "pay", "in doubt (attempt 1): gone; its reconcile is asked"),
        ("?", "pay", "still in doubt: asking its reconcile was cut off"),
        ("?", "pay", "still in doubt after its reconcile, which failed (io_error: refused)"),
    ]
    says = Reconciled(at=3, activation="pay", attempt=1, happened=True, patch={"n": 1})
    assert ("?", "pay", "it happened, says its reconcile") in lines_of(one(pay(reconcile="asked")), *asked[:2], says)


def test_what_is_cancelled_in_doubt_stays_in_doubt() -> None:
    told = lines_of(one(pay()), cut(1), Cancel(at=2, by=OPS))
    assert ("?", "pay", "cancelled, and nobody knows whether it happened") in told


def test_a_hold_and_a_quarantine() -> None:
    step = Node("step", "python_fn", {"function": "step"})
    again = Begin("engine", 8)
    commands = (
        *(Interrupt(at=at, reason="gone", begin=again) for at in (1, 2, 3)),
        Hold(at=4, by=OPS, reason="look first"),
        Release(at=5, by=OPS),
    )
    assert lines_of(one(step), *commands, changes=False) == [
        ("↻", "step", "attempt 2: attempt 1 was cut off"),
        ("↻", "step", "attempt 3: attempt 2 was cut off"),
        ("⏸", "step", "in quarantine: cut off 3 times in a row"),
        ("⏸", "", "paused by ops: look first"),
        ("↻", "step", "let out of quarantine by ops"),
        ("↻", "", "goes on, resumed by ops"),
    ]


def test_messages() -> None:
    wait = Node("arrive", "wait", {"event": "parcel", "correlation": "C", "signal": "go"})
    late = Node("late", "wait", {"signal": "stop", "deadline_ms": 5}, output_key="n")
    definition = Definition("w", "1.0.0", STATE, "arrive", (wait, late), (Edge("arrive", "late"),))
    early = Signal(at=1, name="stop", payload=5, by=OPS)
    assert lines_of(definition, early, Signal(at=2, name="go", by=OPS)) == [
        ("⏸", "", "signal stop came by ops: 5; it is kept"),
        ("✓", "arrive", "signal go came by ops"),
        ("✓", "late", "signal stop came by ops: n 0 → 5"),
        ("✓", "finished", "completed"),
    ]
    event = Deliver(at=1, activation="arrive", name="parcel", correlation="C", payload={"kg": 3})
    assert lines_of(definition, event, Wake(at=9), changes=False) == [
        ("✓", "arrive", "event parcel came: {1 key}"),
        ("✗", "late", "timeout"),
    ]


def test_a_child() -> None:
    node = Node("sub", "subgraph", child=Child("inner", "2.0.0"))
    bound, run = bind(one(node)), Run()
    start = Start(at=0, execution_id=ID, input={}, state={"n": 0}, definition="d")
    events = decide(bound, run, start).events
    events += decide(bound, run, Cancel(at=1, by=OPS)).events
    story = Story(bound)
    told = [line.text for line in story.tell(enumerate(events, 1))]
    end = run.execution_id and story.children["sub"].child[-6:]
    assert told == [f"began its child inner 2.0.0 …{end}", "cancelled by ops", f"cancelled, and its child …{end}"]


def test_a_limit_of_a_loop_and_one_of_the_whole() -> None:
    nodes = tuple(Node(name, "python_fn", {"function": name}) for name in ("write", "check", "after", "explain"))
    edges = (
        Edge("write", "check"),
        Edge("check", "write", Trigger.REPEAT, "true", 1),
        Edge("write", "after", Trigger.LIMIT),
    )
    definition = Definition(
        "w", "1.0.0", STATE, "write", nodes, edges, limits=WorkflowLimits(wall_time_ms=100, on_limit="explain")
    )
    begin = Begin("engine", 8)
    done = [
        Complete(at=at, activation=f"{name}[1]", attempt=1, begin=begin) for at, name in ((1, "write"), (2, "check"))
    ]
    told = lines_of(definition, *done, Wake(at=200, begin=begin))
    assert ("✗", "write", "its iterations are used up; goes on at after") in told
    assert any(text.startswith("wall_time: ") and text.endswith("; goes on at explain") for *_, text in told)
