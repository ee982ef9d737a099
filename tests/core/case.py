"""A small execution, moved by hand: each call is a command, and gives what followed from it in words.

case = Case("a -> b")
assert case.done("a", x=1) == ["completed a", "begun b"]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from pectin.core import causal
from pectin.core.budget import Amount
from pectin.core.command import Answer, AnyCommand, Begin, Cancel, Complete, Decide, Fail, Start, Wake
from pectin.core.decide import decide
from pectin.core.definition import Json, Node
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    BudgetAwaited,
    BudgetReserved,
    BudgetReturned,
    BudgetSettled,
    CallApproved,
    CallParked,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    ExecutionEnded,
    ExecutionHeld,
    HoldReleased,
    LimitReached,
    LoopEnded,
    LoopRepeated,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeQuarantined,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    QuarantineReleased,
    ReconcileBegun,
)
from pectin.core.limits import LIMITS, Limits
from pectin.core.program import Program
from pectin.core.schema import Schema
from pectin.core.state import Run
from tests.core.world import ITEMS, first_state, program

EXECUTION = "019ab3e0-0000-7000-8000-000000000000"


class Case:
    """Starts at time 0. Each command comes a millisecond after the last and offers `slots` slots, many if not said."""

    def __init__(
        self,
        *lines: str,
        nodes: Sequence[Node] = (),
        keys: Mapping[str, Schema] | None = None,
        limits: Limits = LIMITS,
        slots: int = 100,
        state: Mapping[str, Json] | None = None,
        bound: Program | None = None,
    ) -> None:
        self.program = bound or program(*lines, nodes=nodes, keys=keys)
        self.limits = limits
        self.slots = slots
        self.run = Run()
        self.now = 0
        self.events: list[AnyEvent] = []
        self.answer: Answer
        first = {**first_state(self.program.definition), **(state or {})}
        self.started = self.send(
            Start(at=0, begin=self.offer, execution_id=EXECUTION, input={}, state=first, definition="d", by="shop")
        )

    @property
    def offer(self) -> Begin | None:
        return Begin("w", self.slots) if self.slots else None

    @property
    def status(self) -> str:
        return self.run.status.value

    def send(self, command: AnyCommand) -> list[str]:
        """What followed. Statuses that the execution passes through are left out (see `events`)."""
        decision = decide(self.program, self.run, command, self.limits)
        self.answer = decision.answer
        self.events.extend(decision.events)
        self.now = max(self.now, command.at)
        return [words for event in decision.events if (words := describe(event))]

    def done(
        self,
        name: str,
        *,
        attempt: int | None = None,
        output: Json = msgspec.UNSET,
        spent: Amount | None = None,
        **patch: Json,
    ) -> list[str]:
        number = self.attempt(name) if attempt is None else attempt
        return self.send(
            Complete(
                at=self.tick(),
                begin=self.offer,
                activation=name,
                attempt=number,
                patch=patch,
                output=output,
                spent=spent,
            )
        )

    def fail(self, name: str, error_class: str = "io_error", message: str = "no", **fields: Any) -> list[str]:
        fields.setdefault("attempt", self.attempt(name))
        error = ErrorData(error_class, "OSError", message)
        return self.send(Fail(at=self.tick(), begin=self.offer, activation=name, error=error, **fields))

    def decide(self, name: str | None, decision: str = "approved", by: str = "finance", **fields: Any) -> list[str]:
        return self.send(Decide(at=self.tick(), begin=self.offer, activation=name, decision=decision, by=by, **fields))

    def wake(self, at: int | None = None) -> list[str]:
        return self.send(Wake(at=self.tick() if at is None else at, begin=self.offer))

    def cancel(self, by: str | None = "operator") -> list[str]:
        return self.send(Cancel(at=self.tick(), begin=self.offer, by=by))

    def tick(self) -> int:
        self.now += 1
        return self.now

    def attempt(self, name: str) -> int:
        return self.run.activations[name].attempt if name in self.run.activations else 1

    def view(self, name: str) -> dict[str, Json]:
        """What an activation sees, of the three integers."""
        state = causal.view(self.run, self.run.activations[name].seen)
        return {key: value for key, value in state.items() if key != ITEMS}

    def last(self, kind: type[Any]) -> Any:
        return next(event for event in reversed(self.events) if isinstance(event, kind))


def describe(event: AnyEvent) -> str | None:
    match event:
        case NodeScheduled():
            return f"{'scheduled' if event.begun_by is None else 'begun'} {event.activation}"
        case AttemptBegun():
            return f"begun {event.activation}"
        case BudgetReserved():
            return f"reserved {show(event.amount)} {event.activation}"
        case BudgetSettled():
            return f"settled {show(event.spent)} {event.activation}"
        case NodeWaiting():
            return f"waiting {event.activation}"
        case NodeMapped():
            return f"mapped {event.activation}"
        case ChildSpawned():
            return f"spawned {event.activation}"
        case NodeCompleted():
            return f"completed {event.activation}"
        case NodeFailed():
            return f"failed {event.activation}"
        case NodeSkipped():
            return f"skipped {event.activation}"
        case NodeCancelled():
            return f"cancelled {event.activation}"
        case LoopRepeated():
            return f"repeated {event.loop} {event.iteration}"
        case LoopEnded():
            return f"left {event.loop}"
        case _:
            return describe_rare(event)


def show(amount: Amount) -> str:
    """An amount in words: its money if it has some, else its tokens."""
    return f"{amount.cost_usd}" if amount.cost_usd != "0" else f"{amount.total_tokens}t"


def describe_rare(event: AnyEvent) -> str | None:
    match event:
        case MessageReceived():
            return f"received {event.name}"
        case NodeQuarantined():
            return f"quarantined {event.activation}"
        case ChildScheduled():
            return f"scheduled {event.activation}"
        case BudgetReturned():
            return f"returned {show(event.amount)} {event.activation}"
        case BudgetAwaited():
            return f"in line {event.activation}"
        case QuarantineReleased():
            return f"let out {event.activation}"
        case DoubtRaised():
            return f"in doubt {event.activation}"
        case ReconcileBegun():
            return f"asked about {event.activation}"
        case DoubtLeft():
            return f"nobody knows {event.activation}"
        case DoubtResolved():
            return f"{'happened' if event.happened else 'did not'} {event.activation}"
        case CallParked():
            return f"parked {event.activation}"
        case CallApproved():
            return f"{'approved' if event.decides else 'counted'} {event.activation} {event.by}"
        case ExecutionHeld():
            return "held"
        case HoldReleased():
            return "released"
        case LimitReached():
            return f"limit {event.error.error_class}"
        case ClosingBegan():
            return f"closing {event.to}"
        case ExecutionEnded():
            return f"ended {event.status}"
        case _:
            return None
