"""Watches a memory: after every commit, each history and each row beside it must be sound, and nobody stranded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pectin.core.audit import Audit, Finding, audit_row
from pectin.core.event import AnyEvent, decode_events
from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.core.status import SessionType
from pectin.ports.store import Commit, Row
from pectin.runtime.examination import projected
from pectin.store.memory import Memory


class Broken(AssertionError):
    """A promise was broken."""


class Watch:
    """Sees each commit once it was applied. `histories` are all events, `seen` how many of each type there were."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._audits: dict[ExecutionId, Audit] = {}
        self.histories: dict[ExecutionId, list[AnyEvent]] = {}
        self.seen: Counter[str] = Counter()
        self.commits = 0

    def run(self, execution: ExecutionId) -> Run:
        """What its events fold to; not to be changed."""
        return self._audits[execution].run

    def runs(self) -> Mapping[ExecutionId, Run]:
        """All of them, the oldest first."""
        return {execution: audit.run for execution, audit in self._audits.items()}

    def open(self) -> list[ExecutionId]:
        """Those that have not ended."""
        return [execution for execution, audit in self._audits.items() if not audit.run.status.is_terminal]

    def applied(self, commit: Commit) -> None:
        """Raise `Broken` if something is wrong now."""
        self.commits += 1
        self._take(commit.execution, commit.rows)
        for child in commit.children:
            self._take(child.execution, [child.row])
        term = self._memory.term
        if not commit.fence <= commit.new_fence <= term:
            raise Broken(f"{commit.execution}: the fence {commit.new_fence} follows {commit.fence}, in term {term}")

    def _take(self, execution: ExecutionId, rows: Sequence[Row]) -> None:
        audit = self._audits.setdefault(execution, Audit())
        history = self.histories.setdefault(execution, [])
        for row in rows:
            for index, event in enumerate(decode_events(row.body)):
                audit.take(row.seq + index, event)
                history.append(event)
                self.seen[type(event).__name__] += 1
        findings = list(audit.findings)
        if audit.run.session_type is not SessionType.STATELESS:
            waits = self._memory.inbox.open.get(execution, {}).values()
            findings += audit_row(audit.run, projected(self._memory.executions[execution].summary, waits))
        self._check(execution, findings)

    def _check(self, execution: ExecutionId, findings: list[Finding]) -> None:
        if findings:
            first = findings[0]
            raise Broken(f"{execution}: {first.where}: {first.message} ({first.code})")
