"""The rounds of an engine: now and then it looks whether anybody is stranded, a page of executions each time.

Nothing depends on it: it finds what our own mistakes, or somebody else's hands in the store, would otherwise leave
unseen for ever. It changes nothing and says so in the log; `pectin doctor --repair` mends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from typing import Protocol

from pectin.core.audit import Finding, audit_row
from pectin.core.chain import Keyring
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.core.why import why
from pectin.ports.clock import Clock
from pectin.ports.store import OWNED, Find, Store, StoreError, Summary
from pectin.runtime.error import NotFound
from pectin.runtime.examination import Examiner, projected
from pectin.runtime.held import Held
from pectin.runtime.loading import Loaded
from pectin.runtime.service import Service

log = logging.getLogger("pectin.engine")

TOLD_MAX = 10_000
"""Executions of which it is remembered what was said; beyond that some of it is said again."""


class Warden(Protocol):
    """Whose executions are looked at: an engine."""

    @property
    def workflows(self) -> frozenset[str]:
        """The workflows (ids) that it runs."""
        ...

    @property
    def quarantined(self) -> Container[ExecutionId]:
        """The executions that are left alone, of which it was told."""
        ...

    def is_at(self, execution: ExecutionId) -> bool:
        """Whether somebody is at work on an execution here."""
        ...

    def unable(self, program: Program) -> frozenset[str]:
        """The nodes whose function it doesn't have."""
        ...

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        """Told of an execution that can't be read."""
        ...


class Rounds:
    """Looks at all executions of an engine's workflows, the newest first, and then again."""

    def __init__(
        self, store: Store, service: Service, clock: Clock, limits: Limits, warden: Warden, keys: Keyring
    ) -> None:
        self._store = store
        self._service = service
        self._clock = clock
        self._page = limits.round_executions_max
        self._warden = warden
        self._examiner = Examiner(store, keys)
        self._last: ExecutionId | None = None
        self._told: dict[ExecutionId, int] = {}
        self._deserted: list[Summary] = []
        self._is_out = False

    async def go(self) -> None:
        """Look at the next page, unless somebody is still at the last one."""
        if self._is_out:
            return
        self._is_out = True
        try:
            deserted, self._deserted = self._deserted, []
            for summary in deserted:
                await self._look_again(summary)
            page = await self._store.find(Find(limit=self._page, before=self._last))
            self._last = page[-1].execution if len(page) == self._page else None
            for summary in filter(self._is_ours, page):
                if summary.due == OWNED:
                    self._deserted += [] if self._warden.is_at(summary.execution) else [summary]
                elif summary.execution not in self._service.runs.held:
                    await self._look_at(summary)
                    await asyncio.sleep(0)  # let others go on
        except StoreError as problem:
            log.warning("can't look whether anybody is stranded: %s; trying again", problem)
        finally:
            self._is_out = False

    def _is_ours(self, summary: Summary) -> bool:
        """Whether it goes on, and we are to see to it."""
        if summary.status.is_terminal or summary.workflow_id not in self._warden.workflows:
            return False
        return summary.execution not in self._warden.quarantined

    async def _look_again(self, summary: Summary) -> None:
        """One that somebody is to be at work on, and nobody was, a round ago. Between two commits that may happen."""
        execution = summary.execution
        if self._warden.is_at(execution) or await self._examiner.summary(execution) != summary:
            return
        loaded = await self._read(execution)
        if loaded is None or not self._is_news(summary):
            return
        unable = self._warden.unable(loaded.program)
        if Held(loaded.program, loaded.run, loaded.fence, loaded.due, unable=unable).is_at_work:
            log.warning(
                "%s is to be at work, and nobody is at it; it goes on when an engine is started anew", execution
            )

    async def _look_at(self, summary: Summary) -> None:
        execution = summary.execution
        loaded = await self._read(execution)
        if loaded is None or loaded.run.version != summary.version:
            return
        waits = await self._store.waits(execution)
        findings = audit_row(loaded.run, projected(summary, waits), loaded.program)
        findings += [finding async for finding in self._examiner.family(execution, loaded.run)]
        if findings and await self._examiner.summary(execution) == summary and self._is_news(summary):
            told = why(loaded.run, self._clock.now(), served=True, tell_time=str)
            log.warning("%s: %s; see what `pectin doctor` says", execution, _tell(findings, told.code, told.sentence))

    async def _read(self, execution: ExecutionId) -> Loaded | None:
        try:
            return await self._service.runs.read(execution)
        except NotFound:
            return None
        except Exception as problem:
            self._warden.is_passing(execution, problem)
            return None

    def _is_news(self, summary: Summary) -> bool:
        """Whether it has not been told of the execution as it is now."""
        if self._told.get(summary.execution) == summary.version:
            return False
        if len(self._told) >= TOLD_MAX:
            self._told.clear()
        self._told[summary.execution] = summary.version
        return True


def _tell(findings: list[Finding], code: str, sentence: str) -> str:
    """The sentence of `why` where that says it, else what was found."""
    if code == "stranded":
        return sentence.rstrip(".")
    return "; ".join(f"{finding.message} ({finding.where})" for finding in findings)
