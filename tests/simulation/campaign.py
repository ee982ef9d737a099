"""Many seeds, each with its own order and faults, and what each came through.

Four seeds share a graph. Two of them have only faults that must make no difference, and end as a calm run does; one has
every fault, and if nothing happened that may change its end, it ends so too; the last has every fault and a graph
whose end depends on time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from pectin.core.event import AttemptStopped
from pectin.core.problem import DefinitionError
from pectin.testing.simulate import Fault, Throw
from pectin.testing.simulate.campaign import quiet
from pectin.testing.simulate.shrink import shrink
from pectin.testing.simulate.verdict import budgets_reached
from tests.simulation.trial import NEUTRAL, Outcome, Trial, calm_outcome, make_trial

ORDERS = 4
ROUNDS_MAX = 20
SLOTS = (8, 1, 2, 8, 3)


class Case(NamedTuple):
    """What is tried: with `only` none but these faults happen, and `without` are nodes that are left out. Whoever has
    not ended by the horizon is stranded; that of the world is more than a year away."""

    seed: int
    faults: frozenset[Fault]
    only: tuple[Throw, ...] | None = None
    without: frozenset[str] = frozenset()
    horizon_seconds: float | None = None

    @property
    def graph(self) -> int:
        return self.seed // ORDERS

    @property
    def is_calm(self) -> bool:
        """Whether the graph's end doesn't depend on time."""
        return self.seed % ORDERS < ORDERS - 1

    def trial(self) -> Trial:
        """Its world."""
        return make_trial(
            self.graph,
            self.seed,
            calm=self.is_calm,
            faults=self.faults,
            only=self.only,
            without=self.without,
            slots=SLOTS[self.seed % len(SLOTS)],
            horizon_seconds=self.horizon_seconds,
        )

    def command(self) -> str:
        """The command that tries it again."""
        words = ["python -m tests.simulation", f"--seed {self.seed}"]
        if self.only is not None:
            words.append(f"--only {','.join(map(str, self.only)) or 'none'}")
        elif self.faults != faults_of(self.seed):
            words.append(f"--faults {','.join(sorted(self.faults)) or 'none'}")
        if self.without:
            words.append(f"--without {','.join(sorted(self.without))}")
        return " ".join(words)


class Failure(NamedTuple):
    """A case that went wrong, with the faults that had happened by then."""

    case: Case
    problem: Exception
    happened: tuple[Throw, ...]

    def __str__(self) -> str:
        return f"{type(self.problem).__name__}: {self.problem}\n  {self.case.command()}"


@dataclass
class Counts:
    """What a campaign came through. `reached` counts the faults, `seen` the events and what people were answered."""

    seeds: int = 0
    compared: int = 0
    commits: int = 0
    reached: Counter[str] = field(default_factory=Counter[str])
    seen: Counter[str] = field(default_factory=Counter[str])
    traces: dict[int, int] = field(default_factory=dict[int, int])
    failures: list[Failure] = field(default_factory=list[Failure])

    def add(self, other: Counts) -> None:
        """Take in what another process counted."""
        self.seeds += other.seeds
        self.compared += other.compared
        self.commits += other.commits
        self.reached.update(other.reached)
        self.seen.update(other.seen)
        self.traces |= other.traces
        self.failures += other.failures

    def missing(self) -> list[Fault]:
        """The faults that were never reached."""
        return [fault for fault in Fault if not self.reached[fault]]


def faults_of(seed: int) -> frozenset[Fault]:
    """The faults of a seed's world."""
    return NEUTRAL if seed % ORDERS < 2 else frozenset(Fault)


def go_through(case: Case, counts: Counts) -> Failure | None:
    """Try one case. The failure, if it has failed."""
    trial = case.trial()
    problem: Exception | None = None
    try:
        _compare(case, trial.judge(), trial, counts)
    except Exception as found:
        problem = found
    happened = tuple(trial.dice.happened)
    counts.seeds += 1
    counts.commits += trial.watch.commits
    counts.reached.update(str(throw.fault) for throw in happened)
    counts.seen.update(trial.watch.seen)
    counts.seen.update(trial.reached)
    events = (event for history in trial.watch.histories.values() for event in history)
    counts.seen.update(f"late: {event.late}" for event in events if isinstance(event, AttemptStopped) and event.late)
    counts.traces[case.seed] = trial.trace
    return None if problem is None else Failure(case, problem, happened)


def _compare(case: Case, outcome: Outcome, trial: Trial, counts: Counts) -> None:
    if case.is_calm and NEUTRAL.issuperset(throw.fault for throw in trial.dice.happened):
        if budgets_reached(trial):  # what was cut off costs its ceiling, and that may be too much
            return
        calm = calm_outcome(case.graph, case.without)
        assert outcome == calm, f"it ends otherwise than in a calm run: {_difference(outcome, calm)}"
        counts.compared += 1


def _difference(one: Sequence[object], other: Sequence[object]) -> str:
    """The first part in which two outcomes differ."""
    if not one or not other:
        return "one of them is cut short"
    first, second = next((a, b) for a, b in zip(one, other, strict=True) if a != b)
    if isinstance(first, dict) and isinstance(second, dict):
        some, others = cast("dict[str, object]", first), cast("dict[str, object]", second)
        first, second = dict(some.items() - others.items()), dict(others.items() - some.items())
    return f"{first} instead of {second}"


def run_seeds(seeds: Iterable[int], faults: frozenset[Fault] | None = None, failures_max: int = 1) -> Counts:
    """What one process has to do. It goes on until so many have failed."""
    counts = Counts()
    with quiet():
        for seed in seeds:
            failure = go_through(Case(seed, faults_of(seed) if faults is None else faults), counts)
            if failure is not None:
                counts.failures.append(failure)
                if len(counts.failures) >= failures_max:
                    break
    return counts


# -- from a case that went wrong to a smaller one -----------------------------------------------------------------


def make_smaller(failure: Failure) -> Failure:
    """Fewer faults: whole kinds first, then single ones; then fewer nodes, and once more fewer faults."""
    with quiet():
        failure = _try(failure, only=failure.happened) or failure
        for kind in dict.fromkeys(throw.fault for throw in failure.happened):
            fewer = tuple(throw for throw in failure.happened if throw.fault is not kind)
            failure = _try(failure, only=fewer) or failure
        return _with_fewer_throws(_with_fewer_nodes(_with_fewer_throws(failure)))


def _with_fewer_throws(failure: Failure) -> Failure:
    found = failure

    def fails(only: Sequence[Throw]) -> bool:
        nonlocal found
        smaller = _try(failure, only=tuple(only))
        found = smaller or found
        return smaller is not None

    shrink(failure.happened, fails)
    return found


def _with_fewer_nodes(failure: Failure) -> Failure:
    """Leave out one node after the other, the last first, as long as something goes."""
    for _ in range(ROUNDS_MAX):
        nodes = failure.case.trial().cast.program.definition.nodes
        found = (_try(failure, without=failure.case.without | {node.id}) for node in reversed(nodes[1:]))
        smaller = next((each for each in found if each is not None), None)
        if smaller is None:
            break
        failure = smaller
    return failure


def _try(
    failure: Failure, only: tuple[Throw, ...] | None = None, without: frozenset[str] | None = None
) -> Failure | None:
    """The failure of a smaller case, if it fails in the same way."""
    case = failure.case
    if only is not None:
        case = case._replace(only=only)
    if without is not None:
        case = case._replace(without=without)
    try:
        found = go_through(case, Counts())
    except DefinitionError:  # nothing that could run is left
        return None
    return found if found is not None and type(found.problem) is type(failure.problem) else None
