"""What of a store can be mended without a guess, each as a commit that holds only if nobody came first.

A history is never rewritten. What stands beside it is written anew from it; what has to happen in an execution happens
by a command, so that it stands in its history; nothing is mended of what an engine has in its memory.
"""

from __future__ import annotations

from collections.abc import Sequence

from pectin.core.audit import Finding
from pectin.core.command import AnyCommand, Cancel, ChildEnded, Hold, Release, Wake
from pectin.core.error import PectinError
from pectin.core.identity import ExecutionId
from pectin.core.state import Run, encode_snapshot
from pectin.core.status import SessionType
from pectin.core.work import is_at_work, listens, next_wake
from pectin.ports.store import OWNED, Commit, Listen, Store
from pectin.runtime.examination import Examined
from pectin.runtime.visitor import Visitor

BY = "pectin doctor"
BESIDE = frozenset(
    {"due_differs", "status_differs", "time_differs", "wait_missing", "wait_left_over", "snapshot_differs"}
)
"""What stands beside a history, and is written anew from it."""

STUCK = frozenset({"stranded", "activation_stranded", "never_entered"})
"""What goes on when somebody looks at everything of the execution again."""

MENDED = BESIDE | STUCK | {"pause_forgotten", "child_unheard", "child_unwanted"}


class Mender:
    """Mends executions of one store."""

    def __init__(self, store: Store, visitor: Visitor) -> None:
        self._store = store
        self._visitor = visitor

    async def mend(self, examined: Examined, *, served: bool) -> str | None:
        """Mend what can be mended; why it was not, if it was not."""
        codes = {finding.code for finding in examined.findings}
        run = examined.run
        if run is None or not codes & MENDED:
            return None
        if served and (examined.summary.due == OWNED or run.session_type is SessionType.STATELESS):
            return "An engine is at work on it: stop the engine, then repair."
        if run.session_type is SessionType.PERSISTENT_GOVERNED and "snapshot_differs" in codes:
            return "It is governed: what is marked with the audit key is not written anew. See `pectin verify`."
        try:
            if codes & BESIDE:
                await self._store.commit(self._anew(examined, run))
            for command in await self._commands(examined, run, codes):
                await self._visitor.handle(examined.summary.execution, command)
        except PectinError as problem:
            return f"It could not be mended: {problem}"
        return None

    def _anew(self, examined: Examined, run: Run) -> Commit:
        """The row as it should be, its waits, and its snapshot."""
        summary = examined.summary
        wanted = listens(run)
        kept = {wait.activation: (wait.name, wait.correlation) for wait in examined.waits}
        due = run.updated_at if is_at_work(run, run.updated_at) else next_wake(run)
        return Commit(
            execution=summary.execution,
            expected=run.version,
            version=run.version,
            fence=summary.fence,
            new_fence=summary.fence,
            rows=(),
            status=run.status,
            updated_at=run.updated_at,
            due=None if run.status.is_terminal else due,
            listens=[Listen(name, *to) for name, to in wanted.items() if kept.get(name) != to],
            unlistens=[Listen(name, *to) for name, to in kept.items() if wanted.get(name) != to],
            snapshot=encode_snapshot(run) if _places(examined.findings, "snapshot_differs") else None,
        )

    async def _commands(self, examined: Examined, run: Run, codes: set[str]) -> list[AnyCommand]:
        """What has to happen in the execution itself."""
        at = self._visitor.clock.now()
        commands: list[AnyCommand] = [
            await self._ended(activation, child)
            for activation, child in run.children.items()
            if f"`{activation}`" in _places(examined.findings, "child_unheard")
        ]
        if "child_unwanted" in codes:
            commands.append(Cancel(at=at, by=BY, reason="its parent has no use for it any more"))
        if codes & STUCK and run.closing is None and run.hold is None:
            commands.append(Hold(at=at, by=BY, reason="nobody would have gone on with it"))
            commands.append(Release(at=at, by=BY))
        elif codes & STUCK or "pause_forgotten" in codes:
            commands.append(Wake(at=at))
        return commands

    async def _ended(self, activation: str, child: str) -> ChildEnded:
        """What a child that has ended would have told."""
        run = (await self._visitor.read(ExecutionId.parse(child))).run
        return ChildEnded(
            at=self._visitor.clock.now(),
            activation=activation,
            child=child,
            status=run.status,
            state=run.data,
            error=run.error,
        )


def _places(findings: Sequence[Finding], code: str) -> set[str]:
    """Where a code was found."""
    return {finding.where for finding in findings if finding.code == code}
