"""The points at which a calm run can be cut off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pectin.core.event import NodeCancelled, NodeCompleted, NodeFailed, NodeScheduled
from pectin.testing.crashtest.facts import Facts, node_name
from pectin.testing.crashtest.ledger import Entered, Returned, Written
from pectin.testing.crashtest.outcome import Outcome, Seen
from pectin.testing.crashtest.point import Point, When, commit_point

POINTS_MAX: Final = 400
"""How many are tried, unless all are asked for: a minute's worth of real processes."""

Lives = tuple[Point, ...]
"""Where the lives of one trial end; mostly one."""


def find_lives(calm: Outcome, facts: Facts, *, has_inside: bool) -> list[Lives]:
    """Every single crash, in the order of the calm run: on each side of each commit, and of each body. Where a doubt is
    to be resolved by a `reconcile`, that is cut off, too."""
    sides = (When.BEFORE, When.INSIDE, When.AFTER) if has_inside else (When.BEFORE, When.AFTER)
    names = {id(record): name for name, record in calm.entries()}
    found: list[Lives] = []
    for record in calm.ledger:
        if isinstance(record, Written):
            found += [(commit_point(record.number, when),) for when in sides]
        elif isinstance(record, Entered) and not record.reconcile:
            name, attempt = names[id(record)], record.attempt
            before, after = Point(name, attempt, When.BEFORE_BODY), Point(name, attempt, When.AFTER_BODY)
            found += [(before,), (after,)]
            fact = facts.of(name)
            if fact is not None and fact.has_reconcile:
                asked = (When.BEFORE_RECONCILE, When.AFTER_RECONCILE)
                found += [(after, Point(name, attempt, when)) for when in asked]
    return found


def some(lives: Sequence[Lives], count: int) -> list[Lives]:
    """So many of them, evenly spread; the first and the last are among them."""
    if len(lives) <= count:
        return list(lives)
    step = (len(lives) - 1) / (count - 1)
    return [lives[round(index * step)] for index in range(count)]


def node_of(point: Point, calm: Outcome) -> str:
    """The node that a point is at: that of its body, or the first one that its commit speaks of."""
    if point.place:
        return node_name(point.place)
    written = next((record for record in calm.writes() if record.number == point.number), None)
    touched = written.touches if written is not None else ()
    return node_name(touched[0]) if touched else ""


def side_by_side(calm: Outcome) -> list[str]:
    """The nodes whose results could overtake one another: one was scheduled before the other's result was written down,
    or their bodies ran at once, in different executions too."""
    found: dict[str, None] = {}
    for seen in calm.executions.values():
        found |= _scheduled_at_once(seen)
    running: list[str] = []
    names = {id(record): name for name, record in (*calm.entries(), *calm.returned())}
    for record in calm.ledger:
        name = names.get(id(record), "")
        if isinstance(record, Entered) and name:
            running.append(name)
            if len(running) > 1:
                found |= dict.fromkeys(map(node_name, running))
        elif isinstance(record, Returned) and name in running:
            running.remove(name)
    return list(found)


def _scheduled_at_once(seen: Seen) -> dict[str, None]:
    """A body may be so short that it has returned when the next one is entered, or that this one never is: the history
    says whether it had to be so."""
    found: dict[str, None] = {}
    at_work: dict[str, None] = {}
    for event in seen.events:
        if isinstance(event, NodeScheduled):
            at_work[seen.name(event.activation)] = None
            if len(at_work) > 1:
                found |= dict.fromkeys(map(node_name, at_work))
        elif isinstance(event, NodeCompleted | NodeFailed | NodeCancelled):
            at_work.pop(seen.name(event.activation), None)
    return found
