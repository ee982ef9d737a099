"""What is different in a trial from the calm run: in what is stored, in the bodies, in the outside world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple, cast

import msgspec

from pectin.core.audit.purse import reached_budgets
from pectin.core.codec import same
from pectin.core.definition import Effect, Json, Reducer
from pectin.core.event import DoubtRaised, DoubtResolved, NodeCompleted
from pectin.core.need import NeedKind
from pectin.testing.crashtest.facts import Facts
from pectin.testing.crashtest.outcome import End, Outcome, Seen
from pectin.testing.crashtest.probe import same_change, show

Reading = tuple[Json, Json]
"""What a probe says before and after a trial."""


class Kind(StrEnum):
    """What is different, the gravest first."""

    LOST = "lost"
    STRANDED = "stranded"
    AUDIT = "audit"
    BEGUN_TWICE = "begun_twice"
    ONCE_TWICE = "once_twice"
    OTHER_KEY = "other_key"
    BROKEN = "broken"
    HUNG = "hung"
    RECONCILE = "reconcile"
    STUCK = "stuck"
    WORLD = "world"
    ROWS = "rows"
    STATUS = "status"
    OUTCOME = "outcome"
    STATE = "state"
    ORDER = "order"

    @property
    def is_ours(self) -> bool:
        """Whether no workflow can be to blame for it, only Pectin."""
        return self in (
            Kind.LOST,
            Kind.STRANDED,
            Kind.AUDIT,
            Kind.BEGUN_TWICE,
            Kind.ONCE_TWICE,
            Kind.OTHER_KEY,
        )


class Difference(NamedTuple):
    """`activation` is whose it is, empty if nobody's in particular; `what` says it in words."""

    kind: Kind
    activation: str
    what: str


class Calm(NamedTuple):
    """The run that nothing happens to: its outcome, what the probe said, and the keys of each execution's state, the
    activations and the tables that were different in a second one, which can't be compared."""

    outcome: Outcome
    world: Reading
    volatile: dict[str, frozenset[str]]
    unsettled: frozenset[str]
    tables: frozenset[str]


def settle_on(first: Outcome, second: Outcome, world: Reading) -> Calm:
    """The calm run of two."""
    volatile: dict[str, frozenset[str]] = {}
    for path, seen in first.executions.items():
        other = second.executions.get(path)
        state: dict[str, Json] = {} if other is None else other.state
        volatile[path] = frozenset(_other_keys(seen.state, state))
    one, two = _outcomes(first), _outcomes(second)
    unsettled = frozenset(name for name in {*one, *two} if one.get(name) != two.get(name))
    tables = {name for name in {*first.tables, *second.tables} if first.tables.get(name) != second.tables.get(name)}
    return Calm(first, world, volatile, unsettled, frozenset(tables))


def compare(calm: Calm, trial: Outcome, world: Reading, facts: Facts) -> list[Difference]:
    """All that is different; nothing for a trial that came to the same."""
    found = [*_faults(trial), *_bodies(trial, facts)]
    if trial.end in (End.BROKEN, End.HUNG):
        kind = Kind.BROKEN if trial.end is End.BROKEN else Kind.HUNG
        return [*found, Difference(kind, _last_entered(trial), trial.detail)]
    if trial.end is End.WAITS and calm.outcome.end is End.ENDED and not trial.lacks:
        return [
            *found,
            Difference(Kind.STRANDED, _last_entered(trial), "it has not ended, and nothing goes on with it"),
        ]
    if trial.lacks and trial.end is not calm.outcome.end:
        in_doubt = all(lack.kind is NeedKind.DOUBT for lack in trial.lacks)
        if in_doubt:  # it was cut off in the middle, and a person is asked, as declared
            return found
        lack = trial.lacks[0]
        return [*found, Difference(Kind.STUCK, lack.activation, f"`{lack.activation}` waits for {lack.what}")]
    if _budgets(trial) != _budgets(calm.outcome):  # a crash costs a whole ceiling, as declared
        return found
    found += _ends(calm, trial)
    found += _rows(calm, trial)
    if calm.world[1] is None:
        found += _lies(trial)
    elif not same_change(calm.world, world):
        now, was = show(world[1]), show(calm.world[1])
        what = f"{now}, but not the same" if now == was else now
        found.append(Difference(Kind.WORLD, _repeated(calm, trial, facts), what))
    return found


def _budgets(outcome: Outcome) -> list[str]:
    """The limits on what is spent that were reached."""
    return sorted(limit for seen in outcome.executions.values() for limit in reached_budgets(seen.events))


def compare_order(calm: Calm, trial: Outcome, reducers: dict[str, Reducer]) -> list[Difference]:
    """What depends on the order in which results arrive. That of what is added to a list may."""
    lists = {key for key, reducer in reducers.items() if reducer is Reducer.APPEND}
    return [difference._replace(kind=Kind.ORDER) for difference in _ends(calm, trial, lists)]


# -- what no workflow can be to blame for ------------------------------------------------------------------------


def _faults(trial: Outcome) -> Iterator[Difference]:
    for what in trial.lost:
        yield Difference(Kind.LOST, "", what)
    for finding in trial.findings:
        kind = Kind.STRANDED if "stranded" in finding.code else Kind.AUDIT
        yield Difference(kind, "", f"{finding.where}: {finding.message}")
    for seen in trial.executions.values():
        if seen.status.is_terminal and seen.ends() != 1:
            yield Difference(Kind.AUDIT, "", f"{seen.execution_id} has {seen.ends()} terminal events")
    for path in trial.executions:
        if path == trial.executions[path].execution_id:
            yield Difference(Kind.AUDIT, "", f"{path} was started beside the one that has its key")


def _bodies(trial: Outcome, facts: Facts) -> Iterator[Difference]:
    """Bodies that were entered otherwise than their effect says."""
    attempts: set[tuple[str, int]] = set()
    given: dict[str, tuple[str, str]] = {}
    for name, entered in trial.entries():
        if (name, entered.attempt) in attempts:
            yield Difference(Kind.BEGUN_TWICE, name, f"attempt {entered.attempt} was entered twice")
        attempts.add((name, entered.attempt))
        first = given.setdefault(name, (entered.key, entered.input))
        fact = facts.of(name)
        if fact is None or fact.effect is not Effect.KEYED or first == (entered.key, entered.input):
            continue
        which = "key" if first[0] != entered.key else "input"
        yield Difference(Kind.OTHER_KEY, name, f"attempt {entered.attempt} had another {which} than the first")
    allowed = sum((seen.allowed() for seen in trial.executions.values()), start=Counter[str]())
    for name, times in trial.entered().items():
        fact = facts.of(name)
        if fact is not None and fact.effect is Effect.ONCE and times > 1 + allowed[name]:
            yield Difference(Kind.ONCE_TWICE, name, f"it was entered {times} times")


def _lies(trial: Outcome) -> Iterator[Difference]:
    """What a `reconcile` said that is not so, as far as can be told where no probe looks: a body that returned has
    happened, and one that was never entered has not."""
    entered = trial.entered()
    returned = {(name, record.attempt) for name, record in trial.returned() if record.raised is None}
    for seen in trial.executions.values():
        attempts: dict[str, int] = {}
        for event in seen.events:
            if isinstance(event, DoubtRaised):
                attempts[seen.name(event.activation)] = event.attempt
            if not isinstance(event, DoubtResolved) or event.by is not None:
                continue
            name = seen.name(event.activation)
            if not event.happened and (name, attempts.get(name)) in returned:
                yield Difference(Kind.RECONCILE, name, "it said that nothing had happened, and the body had returned")
            if event.happened and not entered[name]:
                yield Difference(Kind.RECONCILE, name, "it said that it had happened, and the body was never entered")


# -- the end -----------------------------------------------------------------------------------------------------


def _ends(calm: Calm, trial: Outcome, unordered: set[str] | None = None) -> Iterator[Difference]:
    """Status, state and outcomes, of each execution."""
    expected, got = _outcomes(calm.outcome), _outcomes(trial)
    for name in sorted({*expected, *got} - calm.unsettled):
        if expected.get(name) != got.get(name):
            was, now = expected.get(name, "never entered"), got.get(name, "never entered")
            yield Difference(Kind.OUTCOME, name, f"`{name}` is {now}; in the calm run it is {was}")
    for path, seen in calm.outcome.executions.items():
        other = trial.executions.get(path)
        whose = f"of `{path}` " if path else ""
        if other is None:
            yield Difference(Kind.STATUS, path, f"the execution {whose}is not there")
            continue
        if other.status is not seen.status:
            yield Difference(Kind.STATUS, path, f"the execution {whose}is {other.status}, not {seen.status}")
        for key in _other_keys(seen.state, other.state) - calm.volatile[path]:
            if unordered is not None and key in unordered and _same_items(seen.state.get(key), other.state.get(key)):
                continue
            was, now = (_show(each.state, key) for each in (seen, other))
            yield Difference(Kind.STATE, _writer(other, key), f"`{key}` {whose}is {now}; in the calm run it is {was}")


def _rows(calm: Calm, trial: Outcome) -> Iterator[Difference]:
    for name in sorted({*calm.outcome.tables, *trial.tables} - calm.tables):
        was, now = calm.outcome.tables.get(name, []), trial.tables.get(name, [])
        if was != now:
            yield Difference(Kind.ROWS, "", f"the table `{name}` has {_count(now)}; in the calm run {_count(was)}")


def _outcomes(outcome: Outcome) -> dict[str, str]:
    return {name: str(told) for seen in outcome.executions.values() for name, told in seen.outcomes().items()}


def _other_keys(one: dict[str, Json], two: dict[str, Json]) -> set[str]:
    return {key for key in {*one, *two} if key not in one or key not in two or not same(one[key], two[key])}


def _same_items(one: Any, two: Any) -> bool:
    """Whether two lists have the same items in some order."""
    if not isinstance(one, list) or not isinstance(two, list):
        return False
    both = cast("list[list[Json]]", [one, two])
    first, second = (sorted(msgspec.json.encode(item, order="sorted") for item in items) for items in both)
    return first == second


def _show(state: dict[str, Json], key: str) -> str:
    return show([msgspec.json.encode(state[key]).decode()]) if key in state else "not there"


def _count(rows: list[list[Any]]) -> str:
    return f"{len(rows)} row{'' if len(rows) == 1 else 's'}" if rows else "none"


# -- whose it is -------------------------------------------------------------------------------------------------


def _writer(seen: Seen, key: str) -> str:
    """The last activation that has set the key."""
    for event in reversed(seen.events):
        if isinstance(event, NodeCompleted) and key in event.patch:
            return seen.name(event.activation)
    return ""


def _last_entered(trial: Outcome) -> str:
    return next((name for name, _ in reversed(list(trial.entries()))), "")


def _repeated(calm: Calm, trial: Outcome, facts: Facts) -> str:
    """Who was entered more often than in the calm run: an effect that may be repeated before one that may not."""
    before, more = calm.outcome.entered(), trial.entered()
    names = [name for name, times in more.items() if times > before[name]]
    order = list(Effect)

    def rank(name: str) -> int:
        fact = facts.of(name)
        return len(order) if fact is None or fact.effect is None else order.index(fact.effect)

    return min(names, key=rank, default=_last_entered(trial))
