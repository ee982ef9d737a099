"""A crash at any write changes nothing: before it, inside of it and after it, and between an effect and its record.

Each scenario runs calmly, and then once for each moment at which it can die. What the dead process left is sound as it
is, before anybody recovers it; what comes of the recovery is what came of the calm run, in every execution of it, and
the ledger of effects agrees with what each effect promises. Then the recovery dies, too.

`TORTURE=1` tries every pair of moments of the smaller scenarios, where else a sample stands for them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from pectin import WorkflowStatus
from pectin.core.definition import Effect
from pectin.core.event import EVENTS, ExecutionEnded
from pectin.nodes import KINDS
from tests.crash.every_write.campaign import attempt, calm_trial, moments
from tests.crash.every_write.mortal import Moment, When
from tests.crash.every_write.place import InFile, InMemory, Place
from tests.crash.every_write.scenarios import SCENARIOS
from tests.crash.every_write.stage import Scenario
from tests.crash.every_write.trial import Trial
from tests.crash.every_write.tried import TRIED

TORTURE = os.environ.get("TORTURE") == "1"
SAMPLE = {"memory": 8, "sqlite": 2}
"""Pairs of moments that are tried of each scenario."""

SMALL = 24
"""Moments of a scenario that is small: all its pairs are tried under TORTURE."""

MakePlace = Callable[[], Place]
TRIALS = [(name, store) for name, make in SCENARIOS.items() for store in SAMPLE if store == "sqlite" or not make().sql]


@pytest.fixture
def make_place(store: str, directory: Path) -> MakePlace:
    return InMemory if store == "memory" else lambda: InFile(directory)


@pytest.mark.parametrize(("name", "store"), TRIALS)
def test_a_crash_at_any_moment_changes_nothing(name: str, make_place: MakePlace) -> None:
    scenario = SCENARIOS[name]()
    calm = calm_trial(scenario, make_place())
    firsts = moments(*calm.lives[0], has_inside=calm.place.has_inside)
    for moment in firsts:
        hold(scenario, calm, make_place, [moment])
    random = Random(name)
    if TORTURE and len(firsts) <= SMALL:
        for moment in firsts:
            for second in recoveries(scenario, make_place, moment):
                hold(scenario, calm, make_place, [moment, second])
        return
    for moment in random.sample(firsts, min(SAMPLE[name_of(calm.place)], len(firsts))):
        second = random.choice(recoveries(scenario, make_place, moment))
        hold(scenario, calm, make_place, [moment, second])


def name_of(place: Place) -> str:
    return "sqlite" if place.has_inside else "memory"


def recoveries(scenario: Scenario, make_place: MakePlace, moment: Moment) -> list[Moment]:
    """The moments of the life that recovers from this one."""
    place = make_place()
    return moments(*Trial(scenario, place, [moment]).run().lives[1], has_inside=place.has_inside)


def hold(scenario: Scenario, calm: Trial, make_place: MakePlace, at: Sequence[Moment]) -> None:
    """Raise `AssertionError` if this crash, or these, changed anything."""
    trial = Trial(scenario, make_place(), at)
    said = attempt(scenario, calm, trial)
    TRIED[f"on {name_of(trial.place)} with {'one crash' if len(at) == 1 else 'one in the recovery too'}"] += 1
    assert not said, f"{scenario.workflow.id} died {', then '.join(map(str, at))}: {'; '.join(said)}"


# -- what is reached -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calm_runs() -> list[tuple[Scenario, Trial]]:
    made = [make() for make in SCENARIOS.values()]
    return [(scenario, calm_trial(scenario, InMemory())) for scenario in made if not scenario.sql]


def test_the_scenarios_use_everything(calm_runs: list[tuple[Scenario, Trial]]) -> None:
    blueprints = [make().workflow.build() for make in SCENARIOS.values()]
    nodes = [node for each in blueprints for one in (each, *each.children) for node in one.definition.nodes]
    assert len(SCENARIOS) >= 40
    assert {node.kind for node in nodes} == {kind.NAME for kind in KINDS}
    assert {node.effect for node in nodes} >= set(Effect)
    ends = {event.status for _, calm in calm_runs for event in events_of(calm) if isinstance(event, ExecutionEnded)}
    assert ends == {status for status in WorkflowStatus if status.is_terminal}


def events_of(trial: Trial) -> list[object]:
    return [event for events in trial.seen.histories.values() for event in events]


def test_crashes_reach_every_kind_of_event(calm_runs: list[tuple[Scenario, Trial]]) -> None:
    reached = {type(event) for _, calm in calm_runs for event in events_of(calm)}
    for scenario, calm in calm_runs:
        _, lines = calm.lives[0]
        last, second = Moment("line", lines, When.AFTER), Moment("line", 2, When.BEFORE)
        asking = Moment("write", 3, When.AFTER)  # twice: the second time a reconcile is cut off
        for at in ([last], [second] * 3, [asking] * 2):
            reached |= {type(event) for event in events_of(Trial(scenario, InMemory(), at).run())}
    assert set(EVENTS) == reached
