"""The doctor: it examines a whole store, says everything that is wrong, and mends what can be mended.

It goes through a store page by page, beside an engine or without one, and holds no more than one execution at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec

from pectin.core.audit import SWEPT, Finding, found
from pectin.core.chain import Keyring
from pectin.core.error import BadValue
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.ports.clock import Clock
from pectin.ports.store import OWNED, Damaged, Find, Match, Store, Summary
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.clock import SystemClock
from pectin.runtime.examination import MATCHES_MAX, OVERDUE_MS, Examined, Examiner
from pectin.runtime.mending import Mender
from pectin.runtime.visitor import Visitor

PAGE = 100
HOLES = frozenset({"gap", "second_outcome"})
"""With one of these, everything else that could be said of a history would only repeat it."""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One finding, of an execution or of the store itself. It is `mended`, or `why_not` says why it could not be."""

    finding: Finding
    summary: Summary | None = None
    execution: ExecutionId | None = None
    mended: bool = False
    why_not: str | None = None


class Seen(msgspec.Struct):
    """What the doctor has seen so far. `overdue` executions are due for a minute and more, and so are `undelivered`
    messages; that is a finding only where an engine has the store open."""

    executions: int = 0
    events: int = 0
    overdue: int = 0
    undelivered: int = 0
    served: bool = False


class Doctor:
    """Examines a store, and with `mend` mends it."""

    def __init__(
        self,
        store: Store,
        *,
        mend: bool = False,
        clock: Clock | None = None,
        limits: Limits = LIMITS,
        keys: Keyring | None = None,
    ) -> None:
        self.seen = Seen()
        self._store = store
        self._mend = mend
        self._clock = clock or SystemClock()
        self._examiner = Examiner(store, keys := audit_keys() if keys is None else keys)
        self._mender = Mender(store, Visitor(store, clock=self._clock, limits=limits, keys=keys))

    async def examine(self) -> AsyncIterator[Diagnosis | None]:
        """Everything that is wrong, as it is found; None after each execution, so that whoever waits sees it go on.

        Raises `StoreError` only for a store that can't be read at all.
        """
        self.seen.served = await self._store.in_charge()
        unreadable: set[str] = set()
        for finding in await self._store.check(mend=self._mend):
            if finding.code in HOLES:
                unreadable.add(finding.where)
            yield Diagnosis(
                finding=finding,
                execution=_execution_of(finding),
                mended=self._mend and finding.code in SWEPT,
            )
        yield None
        async for summary in self._summaries():
            if str(summary.execution) not in unreadable:
                for diagnosis in await self._examine(summary):
                    yield diagnosis
            self.seen.executions += 1
            yield None
            await asyncio.sleep(0)  # let others go on, and whoever stops it
        async for diagnosis in self._messages():
            yield diagnosis

    async def _summaries(self) -> AsyncIterator[Summary]:
        before: ExecutionId | None = None
        while page := await self._store.find(Find(limit=PAGE, before=before)):
            for summary in page:
                yield summary
            before = page[-1].execution

    async def _examine(self, summary: Summary) -> list[Diagnosis]:
        execution = summary.execution
        try:
            examined = await self._look(execution)
            if examined is None:
                return []
            self._count(examined)
            why_not, left = None, examined.findings
            if self._mend and examined.findings:
                why_not = await self._mender.mend(examined, served=self.seen.served)
                again = await self._look(execution)
                left = [] if again is None else again.findings
        except Damaged as problem:
            finding = found("damaged_row", "the history", str(problem))
            return [Diagnosis(finding=finding, summary=summary, execution=execution)]
        still = {(finding.code, finding.where) for finding in left}
        return [
            Diagnosis(
                finding=finding,
                summary=examined.summary,
                execution=execution,
                mended=(finding.code, finding.where) not in still,
                why_not=why_not,
            )
            for finding in examined.findings
        ]

    async def _look(self, execution: ExecutionId) -> Examined | None:
        return await self._examiner.examine(execution, at=self._clock.now(), served=self.seen.served)

    def _count(self, examined: Examined) -> None:
        self.seen.events += examined.events
        due = examined.summary.due
        if due is not None and due != OWNED and due < self._clock.now() - OVERDUE_MS:
            self.seen.overdue += 1

    async def _messages(self) -> AsyncIterator[Diagnosis]:
        """Messages that somebody waits for, and that nobody brings."""
        for match in await self._store.matches(None, MATCHES_MAX):
            waited_ms = self._clock.now() - match.message.sent_at
            if waited_ms <= OVERDUE_MS:
                continue
            self.seen.undelivered += 1
            if self.seen.served:
                yield Diagnosis(
                    finding=found("message_overdue", f"`{match.activation}`", _undelivered(match, waited_ms)),
                    execution=match.execution,
                )


def _undelivered(match: Match, waited_ms: int) -> str:
    return (
        f"the message {match.message.name!r} has waited for {waited_ms // 1000} s to be brought to `{match.activation}`"
    )


def _execution_of(finding: Finding) -> ExecutionId | None:
    """The execution that a store's own finding is of. A message may have a name that only looks like one."""
    try:
        return ExecutionId.parse(finding.where) if finding.where.startswith("exec_") else None
    except BadValue:
        return None
