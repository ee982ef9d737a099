"""What people and other systems do beside the engine while it lives and dies: decide, send, signal, hold, resolve.

They use a store of their own, and remember what was acknowledged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from pectin import ExecutionId, WorkflowStatus
from pectin.core.command import Already, Decide, Done, Hold, Release, Resolve, Signal
from pectin.core.identity import idempotency_key
from pectin.core.state import Run
from pectin.ports.store import Find, Summary
from pectin.runtime.visitor import Visitor
from tests.crash.deal import deal
from tests.crash.ledger import ledger
from tests.crash.workload import decision_of, order

OPEN = frozenset({WorkflowStatus.PAUSED, WorkflowStatus.RUNNING})
VISITS_AT_ONCE = 12


def number_of(key: str) -> int:
    return int(key.removeprefix("key "))


@dataclass
class Outside:
    """`decided`, `sent` and `signalled` are what was acknowledged, by key."""

    visitor: Visitor
    random: Random
    decided: dict[str, str] = field(default_factory=dict[str, str])
    sent: set[str] = field(default_factory=set[str])
    signalled: set[str] = field(default_factory=set[str])
    resolved: int = 0
    released: int = 0

    async def visit(self, most: int = VISITS_AT_ONCE) -> int:
        """Do what some of the open executions need; how many are open."""
        found = await self.visitor.list(Find(statuses=OPEN, limit=10_000))
        for summary in self.random.sample(found, min(most, len(found))):
            if summary.workflow_id == order.id and summary.status is WorkflowStatus.PAUSED:
                await self._decide(summary)
            elif summary.workflow_id == deal.id:
                await self._deal(summary)
            await self._release(summary)
        return len(found)

    async def _decide(self, summary: Summary) -> None:
        run = (await self.visitor.read(summary.execution)).run
        if summary.key is None or not run.approvals():
            return
        decision = decision_of(number_of(summary.key))
        command = Decide(at=self.visitor.clock.now(), activation="review", decision=decision, by="finance")
        answer = await self.visitor.handle(summary.execution, command)
        if isinstance(answer, Done | Already):
            self.decided[summary.key] = decision

    async def _deal(self, summary: Summary) -> None:
        """A parcel and a signal come early, late and twice; now and then somebody holds the deal."""
        execution, key = summary.execution, summary.key
        if key is None:
            return
        at = self.visitor.clock.now()
        number = number_of(key)
        if self.random.random() < 0.5:
            await self.visitor.send("parcel", f"C-{number}", {"number": number}, dedup=f"parcel {number}")
            self.sent.add(key)
        if self.random.random() < 0.5:
            signal = Signal(at=at, name="go", payload=number, dedup=f"go {number}")
            if isinstance(await self.visitor.handle(execution, signal), Done | Already):
                self.signalled.add(key)
        if self.random.random() < 0.1:
            await self.visitor.handle(execution, Hold(at=at, by="operator", reason="a look"))
        await self._resolve(execution, (await self.visitor.read(execution)).run)

    async def _resolve(self, execution: ExecutionId, run: Run) -> None:
        """Somebody looks into the books, and says what happened."""
        for name, activation in run.activations.items():
            if activation.doubt is None or activation.doubt.asks:
                continue
            happened = ledger.has("once", idempotency_key(execution, name))
            number = run.data["number"]
            result = (
                None if not happened else f"shipped {number}" if name == "ship" else {"charged": f"charged {number}"}
            )
            at = self.visitor.clock.now()
            command = Resolve(
                at=at, activation=name, happened=happened, by="finance", result=result, attempt=activation.attempt
            )
            self.resolved += isinstance(await self.visitor.handle(execution, command), Done)

    async def _release(self, summary: Summary) -> None:
        """Let go on what is held, and let out what is in quarantine."""
        run = (await self.visitor.read(summary.execution)).run
        if (run.hold is not None and not run.hold.inherited) or run.quarantined:
            command = Release(at=self.visitor.clock.now(), by="operator")
            self.released += isinstance(await self.visitor.handle(summary.execution, command), Done)
