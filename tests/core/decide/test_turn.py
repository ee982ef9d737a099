"""One command: what it is told, and that it comes once."""

from pectin.core.command import Already, Begin, Decide, Done, Refused, Start, Wake
from pectin.core.decide import decide
from pectin.core.decide.turn import Turn
from pectin.core.event import ExecutionCreated, ExecutionStarted, NodeScheduled
from pectin.core.limits import LIMITS
from pectin.core.state import Run
from tests.core.case import EXECUTION, Case
from tests.core.world import program, step

START = Start(at=3, execution_id=EXECUTION, input={"x": 1}, state={"x": 1}, definition="d", key="k", by="shop")


def test_a_start_creates_starts_and_schedules_in_one_commit() -> None:
    run = Run()
    decision = decide(program("a -> b"), run, START)
    created, started, scheduled = decision.events
    assert isinstance(created, ExecutionCreated)
    assert (created.workflow_id, created.input, created.key, created.by) == ("world", {"x": 1}, "k", "shop")
    assert isinstance(started, ExecutionStarted)
    assert started.cause is None
    assert isinstance(scheduled, NodeScheduled)
    assert decision.answer == Done()
    assert (run.status, run.version) == ("running", 3)


def test_a_second_start_has_been_done_already() -> None:
    run = Run()
    decide(program("a -> b"), run, START)
    assert decide(program("a -> b"), run, START) == ([], Already("the execution was started", "shop"))


def test_there_is_nothing_to_decide_before_the_start() -> None:
    for command in (Wake(at=1), Decide(at=1, activation="a", decision="approved", by="x")):
        decision = decide(program("a -> b"), Run(), command)
        assert decision.events == []
        assert isinstance(decision.answer, Refused)
        assert decision.answer.code == "not_found"


def test_every_event_has_the_time_of_its_command() -> None:
    case = Case("a -> b")
    case.done("a")
    assert {event.at for event in case.events} == {0, 1}


def test_slots_are_taken_one_by_one() -> None:
    bound = program("a -> b")
    turn = Turn.of(bound, Run(), Wake(at=1, begin=Begin("w", 2, frozenset({"b"}))), LIMITS)
    assert [turn.take_slot(node) for node in "abaa"] == ["w", None, "w", None]
    assert Turn.of(bound, Run(), Wake(at=1), LIMITS).take_slot("a") is None


def test_a_node_without_a_timeout_has_the_workflows() -> None:
    turn = Turn.of(program("a -> b"), Run(), Wake(at=1), LIMITS)
    assert turn.timeout_ms(step("a")) == 300_000
