"""What is done in one life: an engine goes on with the execution until all has ended or waits in vain.

It is the same in a real process and in a simulated one. What differs is how a life is killed, and how time passes.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final, Protocol

from pectin.core.command import Done, Refused
from pectin.core.definition import Json
from pectin.core.error import PectinError
from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.core.work import next_wake
from pectin.ports.clock import Clock
from pectin.ports.function import DidNot, Happened, Unknown
from pectin.ports.host import Host
from pectin.ports.store import Store
from pectin.runtime.engine import Engine
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.crashtest import ledger
from pectin.testing.crashtest.case import KEY, Case
from pectin.testing.crashtest.ledger import Entered, Observed, Returned, Written
from pectin.testing.crashtest.life import Life
from pectin.testing.crashtest.observe import observe
from pectin.testing.crashtest.outcome import End, Lack, Outcome, Seen
from pectin.testing.crashtest.watch import WatchedHost, watched
from pectin.testing.script import BY, Resolution, Script, Send

ROUNDS_MAX: Final = 10_000
"""How often it may be told something, or time pass, before it is taken for one that never ends."""

_SETTLE_ROUNDS: Final = 10
"""Turns of the loop after which everybody who slept until now is awake."""


class LeapClock(Clock, Protocol):
    """A clock that goes to a time at once, when all that is left to do is to wait for it."""

    async def leap(self, to: int) -> None: ...


class Endless(PectinError):
    """It goes on for ever: what is said to it, and the time that passes, lead to no end."""


async def live(life: Life, case: Case, store: Store, host: Host, clock: LeapClock) -> Outcome:
    """Live to the end, or until the life is killed. What went wrong is in the outcome."""
    before = await observe(store)
    life.learn(before.executions.values())
    life.ledger.append(Observed(life.number, before.findings, _lost(life, before.executions)))
    end, detail, lacks = End.BROKEN, "", dict[str, list[Lack]]()
    try:
        workflows = [case.workflow, *case.workflows]
        engine = Engine(
            watched(store, life),
            workflows=workflows,
            slots=case.slots,
            clock=clock,
            host=WatchedHost(host, life),
            limits=case.limits,
            audit_key=AUDIT_KEY,
        )
        async with engine:
            end, lacks = await _Outside(engine, life, case.script, clock).go_on(case)
    except PectinError as problem:
        detail = f"{type(problem).__name__}: {problem}"
    after = await observe(store)
    for seen in after.executions.values():
        seen.lacks = lacks.get(seen.execution_id, [])
    records = life.ledger.read()
    observed = [record for record in records if isinstance(record, Observed)]
    return Outcome(
        end=end,
        executions=after.executions,
        ledger=records,
        findings=[*(found for each in observed for found in each.findings), *after.findings],
        lost=[*(lost for each in observed for lost in each.lost), *_lost(life, after.executions)],
        lives=life.number,
        detail=detail,
    )


def _lost(life: Life, executions: dict[str, Seen]) -> list[str]:
    """What had been acknowledged, and is not there."""
    versions = {seen.execution_id: seen.version for seen in executions.values()}
    known: dict[str, int] = {}
    for record in life.ledger.read():
        if isinstance(record, Written) and record.verb == "commit":
            known[record.execution] = max(record.version, known.get(record.execution, 0))
        elif isinstance(record, Written) and record.verb == "forget":
            known.pop(record.execution, None)
    return [
        f"version {version} of {id} was acknowledged, and version {versions.get(id, 0)} is there"
        for id, version in known.items()
        if versions.get(id, 0) < version
    ]


class _Outside:
    """What is around the engine: people and other systems that answer, time that passes, and somebody who looks."""

    def __init__(self, engine: Engine, life: Life, script: Script, clock: LeapClock) -> None:
        self._engine = engine
        self._life = life
        self._script = script
        self._clock = clock

    async def go_on(self, case: Case) -> tuple[End, dict[str, list[Lack]]]:
        """How it ended, and what is missing then, by the execution's id."""
        execution = await self._engine.start(case.workflow, case.input, key=KEY, by=BY)
        for _ in range(ROUNDS_MAX):
            await self._engine.idle()
            if problem := next(iter(self._engine.quarantined.values()), None):
                raise PectinError(f"an execution is left alone: {problem}")
            runs = await self._runs(execution.id)
            if all(run.status.is_terminal for run in runs):
                return End.ENDED, {}
            if await self._tell(runs):
                continue
            now = self._clock.now()
            dues = [due for run in runs if not run.status.is_terminal and (due := next_wake(run, now)) is not None]
            if not dues:
                return End.WAITS, {run.execution_id: self._missing(run) for run in runs}
            await self._clock.leap(min(dues))
            for _ in range(_SETTLE_ROUNDS):
                await asyncio.sleep(0)
        raise Endless(f"it was told something, or time passed, {ROUNDS_MAX} times, and it has not ended")

    async def _runs(self, root: ExecutionId) -> list[Run]:
        """The run of the execution, and of its live children."""
        found = [await self._engine.service.runs.get(root)]
        for run in found:  # it grows
            found += [await self._engine.service.runs.get(ExecutionId.parse(child)) for child in run.children.values()]
        return found

    async def _tell(self, runs: list[Run]) -> bool:
        """Say what there is to say. Whether any of it was news."""
        said = False
        for run in runs:
            for reply in self._script.reply(run, self._clock.now(), partial(self._look, run)):
                if isinstance(reply, Send):
                    said |= await self._engine.send(reply.name, reply.correlation, reply.payload, dedup=reply.dedup)
                    continue
                answer = (await self._engine.service.handle(ExecutionId.parse(run.execution_id), reply)).answer
                said |= isinstance(answer, Done)
                if isinstance(answer, Refused):
                    self._life.ledger.append(ledger.Refused(self._life.number, answer.code, answer.reason))
        return said

    def _missing(self, run: Run) -> list[Lack]:
        """What nobody gives."""
        missing = self._script.unanswered(run, partial(self._look, run))
        return [Lack(need.kind, need.activation, need.what) for need in missing]

    def _look(self, run: Run, execution: str, activation: str, attempt: int) -> Resolution:
        """What somebody finds who looks whether an attempt has happened: it never began, or it has returned, or it was
        cut off in the middle, and there is no telling from here."""
        of_bodies = (record for record in self._life.ledger.read() if isinstance(record, Entered | Returned))
        whose = (execution, activation, attempt)
        own = [
            record
            for record in of_bodies
            if (record.execution, record.activation, record.attempt) == whose and not record.reconcile
        ]
        last = own[-1] if own else None
        if isinstance(last, Returned) and last.raised is None:
            return Happened(self._as_told(run, last))
        return DidNot() if last is None else Unknown()

    def _as_told(self, run: Run, returned: Returned) -> Json:
        """A result as a person gives it: an item's output, a key's value, or keys of the state."""
        activation = run.activations[returned.activation]
        if activation.map is not None:
            return returned.output
        definition = self._engine.blueprints[run.workflow_id].definition
        key = next(node.output_key for node in definition.nodes if node.id == activation.node)
        return returned.patch if key is None else returned.patch.get(key)
