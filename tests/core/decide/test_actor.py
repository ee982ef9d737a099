"""Who acts on a governed execution has a name, and what nobody asked for is the engine's."""

from __future__ import annotations

import pytest

from pectin.core.command import AnyCommand, Cancel, Decide, Deliver, Hold, Refused, Release, Resolve, Signal, Start
from pectin.core.decide import decide
from pectin.core.decide.actor import ENGINE, acting, refuse_unnamed
from pectin.core.definition import WorkflowLimits
from pectin.core.event import (
    CancelRequested,
    ClosingBegan,
    ExecutionCreated,
    ExecutionHeld,
    HoldReleased,
    MessageReceived,
    NodeCompleted,
)
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import SessionType
from tests.core.case import EXECUTION, Case
from tests.core.world import approval, finalizer, program

GOVERNED = SessionType.PERSISTENT_GOVERNED
DAY = 24 * 3_600_000


def bound() -> Program:
    return program("review -> a", nodes=[approval("review", deadline_ms=DAY)], session_type=GOVERNED)


def asking(by: str | None) -> list[AnyCommand]:
    """A command of each sort that comes from outside."""
    name = by or ""
    return [
        Decide(at=1, activation="review", decision="approved", by=name),
        Signal(at=1, name="go", by=by),
        Hold(at=1, by=by),
        Release(at=1, by=by),
        Resolve(at=1, activation="a", happened=True, by=name),
        Cancel(at=1, by=by),
    ]


@pytest.mark.parametrize("by", [None, "", "  ", "engine", " engine "])
def test_a_command_of_nobody_changes_nothing(by: str | None) -> None:
    case = Case(bound=bound())
    version = case.run.version
    for command in asking(by):
        assert case.send(command) == []
        assert isinstance(case.answer, Refused), command
        assert case.answer.code == "no_actor", command
        assert "`by`" in case.answer.reason
        assert "--by" in case.answer.reason
    assert case.run.version == version


def test_a_start_of_nobody_is_refused() -> None:
    for by, code in ((None, "no_actor"), ("engine", "no_actor")):
        start = Start(at=0, execution_id=EXECUTION, input={}, state={}, definition="d", by=by)
        events, answer = decide(bound(), Run(), start)
        assert isinstance(answer, Refused)
        assert (events, answer.code) == ([], code)


def test_an_event_that_names_no_sender_is_refused() -> None:
    case = Case(bound=bound())
    assert case.send(Deliver(at=1, activation="review", name="paid", correlation="1")) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "no_actor"


def test_others_need_no_name() -> None:
    for command in asking(None)[1:4]:
        case = Case("a -> b")
        case.send(command)
        assert not (isinstance(case.answer, Refused) and case.answer.code == "no_actor")
    assert refuse_unnamed(None, None) is refuse_unnamed(SessionType.RESUMABLE, None) is None


def test_whoever_acts_is_named() -> None:
    case = Case(bound=bound())
    assert case.last(ExecutionCreated).by == "shop"
    for command in (Hold(at=1, by="ops"), Signal(at=1, name="go", by="shop"), Release(at=2, by="ops")):
        case.send(command)
    assert case.last(ExecutionHeld).by == case.last(HoldReleased).by == "ops"
    assert case.last(MessageReceived).by == "shop"
    case.cancel()
    assert case.last(ClosingBegan).by == "operator"


def test_what_is_inherited_was_asked_of_the_parent() -> None:
    case = Case(bound=bound())
    case.send(Hold(at=1, by=None, inherited=True))
    case.send(Release(at=2, by=None, inherited=True))
    assert case.last(ExecutionHeld).by == case.last(HoldReleased).by == ENGINE
    case.send(Cancel(at=3, inherited=True))
    assert case.last(ClosingBegan).by == ENGINE


def test_what_the_engine_does_is_the_engines() -> None:
    case = Case(bound=bound())
    case.wake(DAY)
    decided = case.last(NodeCompleted)
    assert (decided.by, decided.output["by"]) == (ENGINE, ENGINE)
    case.done("a")
    assert case.last(ClosingBegan).by == ENGINE


def test_a_time_that_is_used_up_is_the_engines() -> None:
    case = Case(bound=program("a -> b", session_type=GOVERNED, limits=WorkflowLimits(wall_time_ms=10)))
    case.send(Hold(at=1, by="ops"))
    case.wake(10)
    assert case.last(HoldReleased).by == case.last(ClosingBegan).by == ENGINE


def test_a_cut_is_the_engines_too() -> None:
    bound = program("a -> b", nodes=[finalizer("f")], session_type=GOVERNED)
    case = Case(bound=bound)
    case.fail("a")
    case.send(Cancel(at=9, inherited=True))
    assert case.last(CancelRequested).by == ENGINE


def test_in_others_the_engine_has_no_name() -> None:
    assert acting(Run(), None) is None
    assert acting(Run(), "ops") == "ops"
    assert acting(Run(session_type=GOVERNED), "ops") == "ops"
