"""Records what the worker reports: at once if it can, and else again and again, because a report is the only trace of
what was done."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from pectin.core.identity import ExecutionId
from pectin.ports.store import StatementFailed
from pectin.runtime.report import Report, Reporter
from pectin.runtime.service import Handled, Service

AGAIN_SECONDS = 0.05
AGAIN_SECONDS_MAX = 5.0


class Principal(Protocol):
    """Whom it records for: the engine."""

    @property
    def has_failed(self) -> bool:
        """Whether the store can't be used any more."""
        ...

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        """Whether it may go better next time."""
        ...

    def recorded(self) -> None:
        """A report is recorded, or was given up."""
        ...

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do it beside what is going on."""
        ...


class Recorder:
    """Brings reports to the service; its length is how many are under way."""

    def __init__(self, service: Service, reporter: Reporter, principal: Principal) -> None:
        self._service = service
        self._reporter = reporter
        self._principal = principal
        self._under_way = 0
        self._retrying: set[ExecutionId] = set()
        self._is_late = asyncio.Event()

    def __len__(self) -> int:
        return self._under_way

    def is_at(self, execution: ExecutionId) -> bool:
        """Whether a report of this execution waits to be tried again."""
        return execution in self._retrying

    def give_up(self) -> None:
        """It is late: what pauses is tried once more now, and what isn't recorded then the next engine finds as a
        crash's."""
        self._is_late.set()

    def record(self, report: Report) -> None:
        """Record a report, now or as soon as it can be."""
        self._under_way += 1
        tell = partial(self._told, report)
        try:
            if not self._service.handle_now(report.execution, report.said, tell, report.statements, report.logs):
                tell(None)
        except Exception as problem:
            tell(problem)

    def _told(self, report: Report, outcome: Handled | Exception | None) -> None:
        if isinstance(outcome, Handled):
            self._end(report.later)
        else:
            self._principal.spawn(self._try_again(report, outcome))

    def _end(self, later: Report | None = None) -> None:
        """A report is recorded, and what was said later is next; or it was given up, and nothing counts."""
        if later is not None:
            self.record(later)
        self._under_way -= 1
        self._principal.recorded()

    async def _try_again(self, report: Report, problem: Exception | None) -> None:
        pause_seconds = AGAIN_SECONDS
        while not self._principal.has_failed and not self._is_late.is_set():
            if isinstance(problem, StatementFailed):
                report = self._reporter.without_statements(report, problem)
            elif problem is not None:
                if not self._principal.is_passing(report.execution, problem):
                    break
                await self._pause(report.execution, pause_seconds)
                pause_seconds = min(pause_seconds * 2, AGAIN_SECONDS_MAX)
            try:
                await self._service.handle(
                    report.execution, report.said, statements=report.statements, logs=report.logs
                )
                self._end(report.later)
                return
            except Exception as again:
                problem = again
        self._end()

    async def _pause(self, execution: ExecutionId, seconds: float) -> None:
        self._retrying.add(execution)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_late.wait(), seconds)
        finally:
            self._retrying.discard(execution)
