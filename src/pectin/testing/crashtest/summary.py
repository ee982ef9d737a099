"""From trials to a report: a verdict for each node, and one failure for all trials that failed alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pectin.core.error import shorten
from pectin.testing.crashtest import explain
from pectin.testing.crashtest.compare import Calm, Difference, Kind, Reading
from pectin.testing.crashtest.facts import Facts, node_name
from pectin.testing.crashtest.outcome import End, Outcome
from pectin.testing.crashtest.points import Lives, node_of, side_by_side
from pectin.testing.crashtest.probe import show
from pectin.testing.crashtest.report import Failure, Report, Verdict


class Trial(NamedTuple):
    """One that is through, with all that was different in it. `order` is the seed of another order of arrival."""

    lives: Lives
    outcome: Outcome
    differences: list[Difference]
    world: Reading
    order: int | None = None


Again = Callable[[Trial, Calm], Trial]
"""Tries the same once more."""


def sum_up(calm: Calm, trials: Sequence[Trial], facts: Facts, again: Again, *, simulated: bool) -> Report:
    """The report; what isn't known here is left empty."""
    crashed = [trial for trial in trials if trial.order is None and not trial.outcome.unreached]
    at = Counter(node_of(trial.lives[0], calm.outcome) for trial in crashed)
    failures = [
        _failure(kind, node, failed, calm=calm, crashed=crashed, facts=facts, again=again)
        for (kind, node), failed in _alike(trials, calm).items()
    ]
    failures.sort(key=lambda failure: list(Kind).index(failure.kind))
    to_tell = {*at, *(failure.node for failure in failures)}
    shown = [node for node in dict.fromkeys([*_nodes(calm), *to_tell]) if node in to_tell]
    verdicts = [_verdict(node, calm, crashed, at[node], failures, facts) for node in shown]
    root = calm.outcome
    return Report(
        workflow="",
        version="",
        status="" if root.status is None else root.status.value,
        nodes=len(_nodes(calm)),
        commits=len(root.writes()),
        verdicts=tuple(verdicts),
        failures=tuple(failures),
        crashes=sum(len(trial.lives) for trial in crashed),
        recoveries=sum(trial.outcome.lives - 1 for trial in crashed),
        orders=sum(trial.order is not None for trial in trials),
        simulated=simulated,
        seconds=0.0,
        probe=calm.world[1],
        state=root.state,
        notes=tuple(_notes(calm, trials)),
    )


def _alike(trials: Sequence[Trial], calm: Calm) -> dict[tuple[Kind, str], list[tuple[Trial, Difference]]]:
    """The trials that failed, by what was different, and at which node. What follows from a graver difference in the
    same trial is not told."""
    found: defaultdict[tuple[Kind, str], list[tuple[Trial, Difference]]] = defaultdict(list)
    order = list(Kind)
    for trial in trials:
        if not trial.differences:
            continue
        gravest = min(trial.differences, key=lambda difference: order.index(difference.kind))
        node = node_name(gravest.activation) if _is_name(gravest.activation) else ""
        if not node and trial.lives:
            node = node_of(trial.lives[0], calm.outcome)
        found[gravest.kind, node].append((trial, gravest))
    return found


def _is_name(activation: str) -> bool:
    return bool(activation) and activation[0].isascii() and not activation[0].isdigit()


def _failure(
    kind: Kind,
    node: str,
    failed: list[tuple[Trial, Difference]],
    *,
    calm: Calm,
    crashed: Sequence[Trial],
    facts: Facts,
    again: Again,
) -> Failure:
    # The smallest: one crash before several, and one at a body, which is there in every run, before one at a commit.
    trial, difference = min(failed, key=lambda one: (len(one[0].lives), not any(point.place for point in one[0].lives)))
    repeated = any(other.kind is kind for other in again(trial, calm).differences)
    more = _entered(trial.outcome, node) - _entered(calm.outcome, node)
    fact = facts.of(node) if node else None
    at_node = [other for other in crashed if node_of(other.lives[0], calm.outcome) == node]
    details = dict.fromkeys(other.what for _, other in failed)
    return Failure(
        kind=kind,
        node=node,
        title=explain.title(kind, node, more),
        how=explain.how(trial.lives, calm.outcome, ran_again=more > 0) if trial.lives else difference.what,
        details=tuple(details)[:5],
        points=tuple(map(str, trial.lives)),
        mend=explain.mend(kind, fact, side_by_side(calm.outcome) if kind is Kind.ORDER else ()),
        source=None if fact is None else fact.source,
        times=len(failed),
        trials=max(len(at_node), len(failed)),
        every_time=repeated,
        order=trial.order,
    )


def _verdict(
    node: str, calm: Calm, crashed: Sequence[Trial], crashes: int, failures: Sequence[Failure], facts: Facts
) -> Verdict:
    fact = facts.of(node) if node else None
    own = [failure for failure in failures if failure.node == node]
    counts = _counts(node, calm, crashed)
    effect = None if fact is None else fact.effect
    if own:
        first = own[0]
        words = f"{first.details[0]} in {first.times} of {first.trials}"
        if first.kind is Kind.WORLD:
            words += f", the calm run has {show(calm.world[1])}"
    else:
        label = "" if fact is None else fact.label
        words = explain.words(calm, effect, label, has_probe=calm.world[1] is not None)
    return Verdict(
        node=node or "start, end",
        effect="" if fact is None else fact.label,
        crashes=crashes,
        entered=(min(counts), max(counts)) if counts and effect is not None else None,
        ok=not own,
        words=words,
    )


def _counts(node: str, calm: Calm, crashed: Sequence[Trial]) -> list[int]:
    """How often each activation of a node was entered in each trial that came to an end."""
    counts: list[int] = []
    for trial in crashed:
        if trial.outcome.end in (End.ENDED, End.WAITS):
            entered = trial.outcome.entered()
            names = (name for name in {*calm.outcome.entered(), *entered} if node_name(name) == node)
            counts += [entered[name] for name in names]
    return counts


def _nodes(calm: Calm) -> list[str]:
    """The nodes that the calm run came to, in its order."""
    return list(dict.fromkeys(node_name(name) for written in calm.outcome.writes() for name in written.touches))


def _entered(outcome: Outcome, node: str) -> int:
    return sum(times for name, times in outcome.entered().items() if node and node_name(name) == node)


def _notes(calm: Calm, trials: Sequence[Trial]) -> list[str]:
    different = [
        f"`{key}`{f' of `{path}`' if path else ''}" for path, keys in calm.volatile.items() for key in sorted(keys)
    ]
    different += [f"the table `{table}`" for table in sorted(calm.tables)]
    different += [f"what became of `{name}`" for name in sorted(calm.unsettled)]
    notes = [f"{what} was different in two calm runs, and is not compared" for what in different]
    notes += [
        f"the calm run goes no further than this: `{lack.activation}` waits for {lack.what}"
        for lack in calm.outcome.lacks
    ]
    if calm.outcome.root is not None and (error := calm.outcome.root.error) is not None:
        where = "".join(f" at `{name}`" for name, told in calm.outcome.root.outcomes().items() if told.how == "failed")
        notes.append(f"the calm run failed{where}, and goes no further: {error.type}: {shorten(error.message, 200)}")
    if calm.world[0] == calm.world[1] is not None:
        notes.append("the probe says the same before and after the calm run: it sees nothing of what the bodies do")
    missed = sum(bool(trial.outcome.unreached) for trial in trials if trial.order is None)
    if missed:
        points = "point was" if missed == 1 else "points were"
        notes.append(f"{missed} {points} never come to again, and not counted")
    asked = sum(bool(trial.outcome.lacks) and not trial.differences for trial in trials)
    if asked and not calm.outcome.lacks:
        notes.append(f"{asked} times a body was cut off in the middle, and a person is asked what came of it")
    return notes
