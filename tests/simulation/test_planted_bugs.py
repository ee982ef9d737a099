"""The campaign can fail: a slip in each part of the runtime and the store turns it red, and for the right reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from types import FunctionType, ModuleType

import pytest

from pectin.testing.simulate import Fault
from pectin.testing.simulate.campaign import quiet
from tests.core.bugs.plant import Plant
from tests.simulation.bugs import storing, waking, working
from tests.simulation.campaign import Case, Counts, Failure, faults_of, go_through
from tests.simulation.trial import calm_outcome

SEEDS = 1_000
HORIZON_SECONDS = 2 * 24 * 3_600
"""Nobody decides at a deadline a month away here, so whoever has not ended by then is stranded."""

STRANDED = "stranded"
LATE = "s late$"

CAUGHT: dict[Plant, tuple[int, str]] = {
    storing.fence_not_raised: (6, STRANDED),
    storing.version_unchecked: (16, "a row at"),
    storing.line_forgotten: (927, "the row says"),
    storing.start_key_unchecked: (111, "one key is one execution"),
    storing.message_kept: (12, "is taken twice|were received"),
    storing.message_taken_unchecked: (20, "is taken twice"),
    storing.dedup_forgotten: (12, "were received"),
    storing.letters_lost: (8, STRANDED),
    storing.seals_lost: (20, "is broken at event"),
    storing.waits_not_written: (8, "wait_missing"),
    storing.waits_stand_for_ever: (8, "wait_left_over"),
    storing.expired_too_early: (296, STRANDED),
    storing.claim_skips_the_oldest: (0, STRANDED),
    storing.claim_forgets_the_dead: (6, STRANDED),
    storing.due_not_written: (0, "due_differs"),
    storing.children_unborn: (8, "UUID"),
    working.begun_before_it_is_durable: (0, "was entered [0-9]+ times|before its begin is durable"),
    working.acknowledged_before_it_is_durable: (0, "was entered [0-9]+ times|has not ended"),
    working.foreign_attempts_taken_for_own: (0, STRANDED),
    working.snapshot_forgets_outcomes: (184, "is tried once too often"),
    working.chain_that_does_not_go_on: (20, "is broken at event"),
    working.newest_definition: (0, "'added'"),
    working.cancel_leaves_what_has_not_begun: (39, "after the end was decided"),
    working.live_views: (20, "otherwise than in a calm run"),
    working.key_of_the_attempt: (0, "keys and activations are mixed up"),
    working.launched_twice: (0, "was entered 2 times"),
    working.slot_leaked_by_a_failed_commit: (171, STRANDED),
    working.slot_counted_twice: (1, STRANDED),
    working.slot_not_promised: (56, STRANDED),
    working.timeout_forgotten: (32, STRANDED),
    working.report_given_up: (200, STRANDED),
    working.broken_store_tried_again: (357, STRANDED),
    waking.hints_ignored: (7, STRANDED),
    waking.due_not_expected: (0, LATE),
    waking.timer_behind_a_later_one: (8, LATE),
    waking.rung_a_minute_early: (600, "is not up|before it is"),
    waking.children_not_woken: (8, LATE),
    waking.post_not_asked: (8, LATE),
    waking.cancel_not_passed_on: (138, f"{STRANDED}|{LATE}"),
    waking.hold_not_passed_on: (21, STRANDED),
    waking.end_not_told: (8, STRANDED),
    waking.post_forgets_what_failed: (186, STRANDED),
    waking.stale_run_kept: (0, STRANDED),
}
"""Where to look first, and what is found."""


def plants(module: ModuleType) -> Iterator[Plant]:
    for plant in vars(module).values():
        is_own = isinstance(plant, FunctionType) and plant.__module__ == module.__name__
        if is_own and not plant.__name__.startswith("_"):
            yield plant


def find(first: int) -> Failure | None:
    """The first failure from this seed on."""
    with quiet():
        for seed in chain(range(first, SEEDS), range(first)):
            faults = faults_of(seed) - {Fault.DECISION_AT_DEADLINE}
            failure = go_through(Case(seed, faults, horizon_seconds=HORIZON_SECONDS), Counts())
            if failure is not None:
                return failure
    return None


@pytest.fixture(autouse=True)
def calm_runs_of_its_own() -> Iterator[None]:
    """What a calm run comes to with a bug is nothing to compare others with."""
    calm_outcome.cache_clear()
    yield
    calm_outcome.cache_clear()


def test_every_planted_bug_is_listed() -> None:
    assert set(CAUGHT) == {plant for module in (storing, working, waking) for plant in plants(module)}
    assert len(CAUGHT) >= 30


@pytest.mark.filterwarnings("ignore")  # coroutines that a bug leaves behind
@pytest.mark.parametrize("plant", CAUGHT, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    first, reason = CAUGHT[plant]
    failure = find(first)
    assert failure is not None, f"{SEEDS} seeds, and nobody has noticed"
    assert re.search(reason, str(failure.problem)), failure
