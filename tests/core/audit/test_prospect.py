"""Nobody is stranded: what an execution can go on by is known wherever it stands, and whoever has nothing is found."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import settings

from pectin.core.audit import MEANINGS, Prospect, prospects, stranded
from pectin.core.command import AnyCommand, Cancel, Fail, Hold, Interrupt, Wake
from pectin.core.decide import Decision
from pectin.core.definition import Effect
from pectin.core.error import ErrorData
from pectin.core.retry import RetryPolicy
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.nodes import bind
from tests.core.case import Case
from tests.core.chance import random_definition
from tests.core.play import Play
from tests.core.world import approval, child, each, step, timer

PLAYS = settings().max_examples
RETRY = RetryPolicy(max_attempts=3, initial_delay_ms=1_000, max_delay_ms=1_000)


def running() -> Case:
    return Case("a -> b", nodes=[step("a", RETRY), step("b")])


def in_backoff() -> Case:
    case = running()
    case.send(Fail(at=1, activation="a", attempt=1, error=ErrorData("timeout", "T", "late"), draw=0.5))
    return case


def in_quarantine() -> Case:
    case = running()
    for at in range(3):
        case.send(Interrupt(at=at, begin=case.offer if at < 2 else None, reason="crash"))
    return case


def in_doubt() -> Case:
    case = Case("a -> b", nodes=[step("a", effect=Effect.ONCE)])
    case.send(Interrupt(at=1, reason="crash"))
    return case


def held() -> Case:
    case = running()
    case.send(Interrupt(at=1, reason="crash"))
    case.send(Hold(at=2))
    return case


def in_grace() -> Case:
    case = running()
    case.send(Cancel(at=1))
    return case


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (running, {Prospect.RUNNING}),
        (lambda: Case("a -> b", slots=0), {Prospect.READY}),
        (in_backoff, {Prospect.TIMER}),
        (lambda: Case("a -> b", nodes=[timer("a")]), {Prospect.WAIT}),
        (lambda: Case("a -> b when output.decision == 'approved'", "a -> c otherwise", nodes=[approval("a")]),
         {Prospect.WAIT}),
        (lambda: Case("a -> b", nodes=[child("a")]), {Prospect.CHILD}),
        (in_doubt, {Prospect.DOUBT}),
        (in_quarantine, {Prospect.QUARANTINE}),
        (held, {Prospect.READY, Prospect.HOLD}),
        (in_grace, {Prospect.TIMER}),
    ],
)  # fmt: skip
def test_what_it_can_go_on_by(make: Callable[[], Case], expected: set[Prospect]) -> None:
    case = make()
    assert prospects(case.run) == expected
    assert stranded(case.run, case.program) == []


def test_every_prospect_is_reached() -> None:
    assert len(Prospect) == 9


def test_one_that_has_ended_needs_nothing() -> None:
    case = running()
    case.done("a", x=1)
    case.done("b", x=2)
    assert case.run.status is WorkflowStatus.COMPLETED
    assert prospects(case.run) == set()
    assert stranded(case.run, case.program) == []
    assert stranded(Run()) == []


# -- what is found ----------------------------------------------------------------------------------------------


def lose_the_activation(case: Case) -> None:
    case.run.activations.clear()


def lose_the_readiness(case: Case) -> None:
    case.run.ready.clear()


def settle_the_items(case: Case) -> None:
    mapping = case.run.activations["a"].mapping
    assert mapping is not None
    for name in [name for name in case.run.activations if "#" in name]:
        del case.run.activations[name]
    mapping.outputs.update(dict.fromkeys(range(mapping.scheduled), 1))


def leave_one_behind(case: Case) -> None:
    del case.run.ready["b"]


def forget_to_enter(case: Case) -> None:
    case.run.arrivals["b"] = case.run.arrivals.pop("b")
    case.run.arrivals["b"].resolved = 2


def forget_to_pause(case: Case) -> None:
    case.run.status = WorkflowStatus.RUNNING


def fan() -> Case:
    case = Case("a -> b", "a -> c", "b -> d", "c -> d", slots=0)
    case.slots = 1
    case.send(Wake(at=1, begin=case.offer))
    case.slots = 0
    case.done("a")
    return case


def mapped() -> Case:
    return Case("a -> b", nodes=[each("a", "item"), step("item")], state={"items": [1, 2]})


def half_joined() -> Case:
    case = Case("a -> b", "a -> c", "c -> b")
    case.done("a")
    return case


@pytest.mark.parametrize(
    ("make", "damage", "code", "message"),
    [
        (running, lose_the_activation, "stranded",
         "it has not ended, and nothing of it runs, waits, is due or is held"),
        (lambda: Case("a -> b", slots=0), lose_the_readiness, "stranded",
         "it has not ended, and nothing of it runs, waits, is due or is held"),
        (mapped, settle_the_items, "stranded", "it has not ended, and nothing of it runs, waits, is due or is held"),
        (fan, leave_one_behind, "activation_stranded", "`b` is scheduled, and nothing will go on with it"),
        (half_joined, forget_to_enter, "never_entered", "all edges to `b` are resolved, and it was not entered"),
        (lambda: Case("a -> b", nodes=[timer("a")]), forget_to_pause, "pause_forgotten",
         "it is running, and all of it waits"),
    ],
)  # fmt: skip
def test_whoever_is_stranded_is_found(
    make: Callable[[], Case], damage: Callable[[Case], None], code: str, message: str
) -> None:
    case = make()
    assert stranded(case.run, case.program) == []
    damage(case)
    (finding,) = stranded(case.run, case.program)
    assert (finding.code, finding.message) == (code, message)
    assert finding.hint == MEANINGS[code][1]


class WatchedPlay(Play):
    def send(self, command: AnyCommand) -> Decision:
        decision = super().send(command)
        assert stranded(self.run, self.program) == [], command
        assert bool(prospects(self.run)) != self.run.status.is_terminal
        return decision


def test_in_random_plays_nobody_is_stranded() -> None:
    for seed in range(PLAYS):
        calm = seed % 2 == 0
        WatchedPlay(bind(random_definition(seed, calm)), seed, Random(seed), calm).play()
