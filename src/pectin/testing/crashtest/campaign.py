"""A crash test: a calm run, then a trial for each point at which it can be cut off, and some for other orders."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from pectin.core.error import BadValue
from pectin.core.status import SessionType
from pectin.testing.answers import check_answers
from pectin.testing.crashtest.case import Case
from pectin.testing.crashtest.compare import Calm, Reading, compare, compare_order, settle_on
from pectin.testing.crashtest.facts import Facts
from pectin.testing.crashtest.gate import Gate, Shuffle
from pectin.testing.crashtest.outcome import End, Outcome
from pectin.testing.crashtest.point import Point, parse_point
from pectin.testing.crashtest.points import POINTS_MAX, Lives, find_lives, side_by_side, some
from pectin.testing.crashtest.probe import DIRECTORY, Probe, ProbeFailed, World, same_change, show
from pectin.testing.crashtest.real import run_trial
from pectin.testing.crashtest.report import CalmRunFailed, Report
from pectin.testing.crashtest.simulated import simulate_trial
from pectin.testing.crashtest.summary import Trial, sum_up
from pectin.testing.stand_in import refuse_endpoints

ORDERS: Final = 4
"""How many other orders of arrival are tried where results can overtake one another."""

HANGS_MAX: Final = 3
"""So many trials that don't end say enough."""


class Plan(NamedTuple):
    """What is to be tried: `at` one crash (or several in a row) instead of all; with `simulate` no process is killed;
    `any_order` is for a workflow whose outcome is meant to depend on timing."""

    at: Sequence[str] = ()
    probe: Probe | None = None
    simulate: bool = False
    any_order: bool = False
    everything: bool = False


EVERY_CRASH: Final = Plan()

Progress = Callable[[int, int, str], None]
"""Told before each trial: how many are through, of how many, and what comes."""


def _silent(through: int, total: int, what: str) -> None:
    """Tell nobody."""


def try_crashes(case: Case, plan: Plan = EVERY_CRASH, progress: Progress = _silent) -> Report:
    """Try it. Raises `BadValue` for what can't be tried, `CalmRunFailed`, `ProbeFailed` and `CannotFork`."""
    if case.workflow.build().definition.session_type is SessionType.STATELESS:
        raise BadValue("workflow", "is stateless, and a crash loses its executions, as declared", "test another")
    if plan.simulate:
        blueprints = [workflow.build() for workflow in (case.workflow, *case.workflows)]
        refuse_endpoints(each.definition for parent in blueprints for each in (parent, *parent.children))
    points = tuple(parse_point(text) for text in plan.at)
    folder = Path(tempfile.mkdtemp(prefix="pectin-crashtest-"))
    try:
        return _Campaign(case, plan, folder, progress).run(points)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Campaign:
    """All trials of one case."""

    def __init__(self, case: Case, plan: Plan, folder: Path, progress: Progress) -> None:
        self._case = case
        self._plan = plan
        self._folder = folder
        self._progress = progress
        self._facts = Facts(case)
        self._world = World(folder, plan.probe, inside=plan.simulate)

    def run(self, at: Lives) -> Report:
        began = time.monotonic()
        blueprints = [workflow.build() for workflow in (self._case.workflow, *self._case.workflows)]
        family = [each for blueprint in blueprints for each in (blueprint, *blueprint.children)]
        check_answers(self._case.script, [each.definition for each in family])
        for point in at:
            self._facts.check(point)
        with self._world.open():
            calm = self._run_calmly()
            found = [at] if at else find_lives(calm.outcome, self._facts, has_inside=not self._plan.simulate)
            chosen = found if self._plan.everything else some(found, POINTS_MAX)
            orders = range(ORDERS) if not at and side_by_side(calm.outcome) and not self._plan.any_order else ()
            total = len(chosen) + len(orders)
            trials = self._crash_each(calm, chosen, total)
            if at and trials[0].outcome.unreached:
                raise _unreached(trials[0].outcome.unreached[0], calm.outcome)
            for seed in orders if len(trials) == len(chosen) else ():
                self._progress(len(chosen) + seed, total, "another order of arrival")
                trials.append(self._reorder(calm, seed))
            report = sum_up(calm, trials, self._facts, self._again, simulated=self._plan.simulate)
        notes = [*report.notes]
        if len(trials) < total:
            left = total - len(trials)
            notes.append(f"{HANGS_MAX} trials had not ended in time; the {left} after them were not tried")
        elif len(chosen) < len(found):
            notes.append(f"{len(chosen)} of {len(found)} points were tried; --all tries all of them")
        workflow = self._case.workflow
        return msgspec.structs.replace(
            report,
            workflow=workflow.id,
            version=workflow.version,
            points=tuple(map(str, at)),
            has_probe=self._plan.probe is not None,
            seconds=time.monotonic() - began,
            notes=tuple(notes),
        )

    def _run_calmly(self) -> Calm:
        """Two calm runs: what is different in them depends on time, on chance or on something else from outside."""
        self._progress(0, 0, "the calm run")
        (first, world), (second, other) = self._try_calmly(), self._try_calmly()
        if first.status is not second.status:
            ends = f"{first.status} and {second.status}"
            raise CalmRunFailed(f"two calm runs ended differently, {ends}: there is nothing to compare with")
        if not same_change(world, other):
            raise ProbeFailed(
                f"the probe said something else after a second calm run: {show(other[1])}, not {show(world[1])}. "
                "So there is nothing to compare with: let it leave out what depends on time or chance, sort what comes "
                f"in any order, and let each run have a world of its own, in the directory {DIRECTORY}"
            )
        return settle_on(first, second, world)

    def _try_calmly(self) -> tuple[Outcome, Reading]:
        outcome, world = self._try(())
        if outcome.end in (End.BROKEN, End.HUNG):
            raise CalmRunFailed(f"the calm run came to no end, which leaves nothing to compare with: {outcome.detail}")
        if outcome.end is End.WAITS and not outcome.lacks:
            raise CalmRunFailed("the calm run stopped short of its end: nothing goes on with it")
        if refused := next(iter(outcome.refused), None):
            raise CalmRunFailed(f"the calm run was told something that it refused: {refused.reason}")
        return outcome, world

    def _crash_each(self, calm: Calm, chosen: Sequence[Lives], total: int) -> list[Trial]:
        """One trial after another, until too many have not ended: each of those takes all the time that there is."""
        trials: list[Trial] = []
        for number, lives in enumerate(chosen):
            trials.append(self._crash(calm, lives, partial(self._progress, number, total)))
            if sum(trial.outcome.end is End.HUNG for trial in trials) == HANGS_MAX:
                break
        return trials

    def _crash(self, calm: Calm, lives: Lives, progress: Callable[[str], None]) -> Trial:
        progress(" then ".join(map(str, lives)))
        outcome, world = self._try(lives)
        if outcome.unreached and outcome.end in (End.ENDED, End.WAITS):
            return Trial(lives, outcome, [], world)
        return Trial(lives, outcome, compare(calm, outcome, world, self._facts), world)

    def _reorder(self, calm: Calm, seed: int) -> Trial:
        outcome, world = self._try((), partial(Shuffle, seed))
        reducers = self._case.workflow.build().definition.reducers
        return Trial((), outcome, compare_order(calm, outcome, reducers), world, order=seed)

    def _again(self, trial: Trial, calm: Calm) -> Trial:
        """The same once more: does it fail every time?"""
        if trial.order is not None:
            return self._reorder(calm, trial.order)
        return self._crash(calm, trial.lives, lambda _: None)

    def _try(self, lives: Lives, gate: Callable[[], Gate] = Gate) -> tuple[Outcome, Reading]:
        self._world.renew()
        before = self._world.read()
        if self._plan.simulate:
            outcome = simulate_trial(self._case, lives, gate=gate)
        else:
            outcome = run_trial(self._case, lives, self._folder / "trial", gate)
        return outcome, (before, self._world.read())


def _unreached(point: Point, calm: Outcome) -> BadValue:
    if not point.place:
        what = f"{point}: the run has {len(calm.writes())} commits"
        return BadValue("point", what, f"write commit-1 to commit-{len(calm.writes())}")
    entered = list(dict.fromkeys(name for name, _ in calm.entries()))
    listed = ", ".join(f"`{name}`" for name in entered) or "none"
    return BadValue("point", f"{point}: this run never comes to it", f"the bodies that it enters are {listed}")
