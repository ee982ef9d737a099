"""What came of a trial: what is in the store, what the ledger says, and how the last life ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import msgspec

from pectin.core.audit import Finding
from pectin.core.definition import Json
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptFailed,
    DoubtResolved,
    ExecutionEnded,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeSkipped,
)
from pectin.core.need import NeedKind
from pectin.core.status import WorkflowStatus
from pectin.testing.crashtest.ledger import Entered, Killed, Record, Refused, Returned, Written
from pectin.testing.crashtest.point import Point


class End(StrEnum):
    """How the last life ended: all executions have, or wait for what nobody gives; or it was still at work when its
    time was up; or it could not be brought to an end at all."""

    ENDED = "ended"
    WAITS = "waits"
    HUNG = "hung"
    BROKEN = "broken"


class Told(msgspec.Struct, frozen=True):
    """How an activation settled: `completed`, `failed`, `skipped`, `cancelled`, and with which class of error."""

    how: str
    error_class: str | None = None

    def __str__(self) -> str:
        return self.how if self.error_class is None else f"{self.how}: {self.error_class}"


class Lack(msgspec.Struct, frozen=True):
    """What an activation waits for, and nobody gives."""

    kind: NeedKind
    activation: str
    what: str


class Seen(msgspec.Struct):
    """An execution in the store. `path` is the activation that runs it, in its parent, with the parent's path; empty
    for the one that was started."""

    path: str
    execution_id: str
    workflow_id: str
    status: WorkflowStatus
    state: dict[str, Json]
    events: list[AnyEvent]
    version: int
    error: ErrorData | None = None
    lacks: list[Lack] = []

    def name(self, activation: str) -> str:
        """An activation of it, as the whole trial calls it."""
        return f"{self.path}/{activation}" if self.path else activation

    def outcomes(self) -> dict[str, Told]:
        """How each activation settled."""
        told: dict[str, Told] = {}
        for event in self.events:
            match event:
                case NodeCompleted():
                    told[self.name(event.activation)] = Told("completed")
                case NodeFailed():
                    told[self.name(event.activation)] = Told("failed", event.error.error_class)
                case NodeSkipped():
                    told[self.name(event.activation)] = Told("skipped")
                case NodeCancelled():
                    told[self.name(event.activation)] = Told("cancelled")
                case _:
                    pass
        return told

    def ends(self) -> int:
        """How many terminal events it has."""
        return sum(isinstance(event, ExecutionEnded) for event in self.events)

    def allowed(self) -> Counter[str]:
        """How often the history lets the body of a `once` node be entered, by activation: once more after each error
        that is retried, and each time somebody found that nothing had happened."""
        counts: Counter[str] = Counter()
        for event in self.events:
            if isinstance(event, AttemptFailed) or (isinstance(event, DoubtResolved) and not event.happened):
                counts[self.name(event.activation)] += 1
        return counts


class Outcome(msgspec.Struct):
    """A trial's. `detail` says more of an `end` that is no good. `findings` are the audits' after every life, before
    anything was recovered; `lost` what had been acknowledged and is not there; `tables` the rows of the user's own."""

    end: End
    executions: dict[str, Seen] = {}
    ledger: list[Record] = []
    findings: list[Finding] = []
    lost: list[str] = []
    tables: dict[str, list[list[Any]]] = {}
    lives: int = 0
    detail: str = ""
    points: list[Point] = []

    @property
    def root(self) -> Seen | None:
        """The execution that was started."""
        return self.executions.get("")

    @property
    def status(self) -> WorkflowStatus | None:
        """Its status; None if it isn't there."""
        return None if self.root is None else self.root.status

    @property
    def state(self) -> dict[str, Json]:
        """Its state."""
        return {} if self.root is None else self.root.state

    @property
    def lacks(self) -> list[Lack]:
        """What anybody waits for in vain."""
        return [lack for seen in self.executions.values() for lack in seen.lacks]

    @property
    def stranded(self) -> list[str]:
        """Who can't go on by anything, in words."""
        return [f"{found.where}: {found.message}" for found in self.findings if "stranded" in found.code]

    @property
    def unreached(self) -> list[Point]:
        """The points that it never came to."""
        killed = [record.point for record in self.ledger if isinstance(record, Killed)]
        return self.points[len(killed) :]

    @property
    def refused(self) -> list[Refused]:
        """What the script said in vain."""
        return [record for record in self.ledger if isinstance(record, Refused)]

    def path_of(self, execution: str) -> str | None:
        """The path of an execution's id; None if it isn't in the store."""
        return next((path for path, seen in self.executions.items() if seen.execution_id == execution), None)

    def entries(self) -> Iterator[tuple[str, Entered]]:
        """The bodies that were entered, in order, each with its activation."""
        for record in self.ledger:
            if isinstance(record, Entered) and not record.reconcile:
                yield self._name(record), record

    def entered(self) -> Counter[str]:
        """How often bodies were, by activation."""
        return Counter(name for name, _ in self.entries())

    def returned(self) -> Iterator[tuple[str, Returned]]:
        """The bodies that came to an end, in order."""
        for record in self.ledger:
            if isinstance(record, Returned) and not record.reconcile:
                yield self._name(record), record

    def writes(self, life: int = 1) -> list[Written]:
        """The writes that were acknowledged in a life."""
        return [record for record in self.ledger if isinstance(record, Written) and record.life == life]

    def _name(self, record: Entered | Returned) -> str:
        path = self.path_of(record.execution) if self.executions else ""  # after a hang nobody has read them
        prefix = f"{record.execution}/" if path is None else f"{path}/" if path else ""
        return f"{prefix}{record.activation}"


def still_running(records: list[Record], life: int) -> str:
    """The bodies that had not come to an end when a life did, in words."""
    names: dict[tuple[str, str, int], str] = {}
    for record in records:
        if isinstance(record, Entered | Returned) and record.life == life:
            key = (record.execution, record.activation, record.attempt)
            if isinstance(record, Entered):
                names[key] = f"`{record.activation}`"
            else:
                names.pop(key, None)
    return f"; still running: {', '.join(dict.fromkeys(names.values()))}" if names else ""
