"""A handle to one execution. It holds nothing: what it tells is read from the store, or from the run at work."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Generic, NamedTuple, TypeVar

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.handle import Handle
from pectin.core.codec import check_text
from pectin.core.command import Already, AnyCommand, Cancel, Decide, Done, Refused
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.core.record import WorkflowExecution
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.error import CommandRefused, ExecutionFailed, Quarantined
from pectin.runtime.loading import read_events

S = TypeVar("S")


class Recorded(NamedTuple):
    """An event and its place in the history (from 1)."""

    seq: int
    event: AnyEvent


class Execution(Generic[S]):
    """One life of a workflow with state `S`."""

    def __init__(self, dispatcher: Dispatcher, blueprint: Blueprint[S], id: ExecutionId) -> None:
        self._dispatcher = dispatcher
        self._blueprint = blueprint
        self.id = id

    def __repr__(self) -> str:
        return f"<Execution {self.id} of {self._blueprint.definition.id}>"

    async def result(self) -> S:
        """The final state, once it has completed; raises `ExecutionFailed` if it ends otherwise."""
        async with aclosing(self.runs()) as runs:
            async for run in runs:
                if run.status is WorkflowStatus.COMPLETED:
                    return self._blueprint.state.read(run.data)
                if run.status.is_terminal:
                    raise ended_otherwise(run)
        raise AssertionError("an execution ends or the engine does")

    async def until(self, node: Handle[S] | str) -> bool:
        """True once the node waits (an approval for its decision, a `wait` for its time), False if the execution ends
        without."""
        name = _name(node)
        async with aclosing(self.runs()) as runs:
            async for run in runs:
                if any(run.activations[waiting].node == name for waiting in run.waiting()):
                    return True
                if run.status.is_terminal:
                    break
        return False

    async def decide(
        self,
        node: Handle[S] | str,
        decision: str,
        *,
        by: str,
        comment: str | None = None,
        digest: str | None = None,
    ) -> Done | Already:
        """Decide an approval. `digest` is of the request as it was shown (its `NodeWaiting` event has it): another
        request refuses it. Raises `CommandRefused`, which says who decided first."""
        limits = self._dispatcher.limits
        check_text(by, "by", limits.identifier_characters_max)
        check_text(comment, "comment", limits.comment_characters_max)
        return await self._handle(
            Decide(
                at=self._dispatcher.clock.now(),
                activation=_name(node),
                decision=decision,
                by=by,
                comment=comment,
                digest=digest,
            )
        )

    async def approve(self, node: Handle[S] | str, *, by: str, comment: str | None = None) -> Done | Already:
        """Decide `approved`."""
        return await self.decide(node, "approved", by=by, comment=comment)

    async def reject(self, node: Handle[S] | str, *, by: str, comment: str | None = None) -> Done | Already:
        """Decide `rejected`."""
        return await self.decide(node, "rejected", by=by, comment=comment)

    async def cancel(self, *, by: str | None = None, reason: str | None = None) -> Done | Already:
        """End it as cancelled: nothing starts after this but finalizers that run on `always`.

        An execution that is already ending otherwise ends so (the answer's `note` says it). Raises `CommandRefused` if
        it has ended.
        """
        limits = self._dispatcher.limits
        check_text(by, "by", limits.identifier_characters_max)
        check_text(reason, "reason", limits.comment_characters_max)
        return await self._handle(Cancel(at=self._dispatcher.clock.now(), by=by, reason=reason))

    async def info(self) -> WorkflowExecution:
        """Its record as it stands."""
        return (await self._run()).execution()

    async def events(self, after: int = 0, follow: bool = False) -> AsyncGenerator[Recorded]:
        """Its history from the event after `after` on; with `follow`, to its end."""
        watchers = self._dispatcher.watchers
        while True:
            with watchers.watching(self.id) as changed:
                before = after
                for seq, event in await read_events(self._dispatcher.store, self.id, after):
                    yield Recorded(seq, event)
                    after = seq
                if not follow:
                    return
                if after == before:
                    run = await self._run()
                    if run.status.is_terminal and run.version <= after:
                        return
                    await changed

    async def runs(self, *, rests: bool = True) -> AsyncGenerator[Run]:
        """The run now, and again whenever something may be new of it, with `rests` whenever it waits or has ended."""
        watchers = self._dispatcher.watchers
        ended: Run | None = None
        while True:
            with watchers.watching(self.id, rests=rests) as changed:
                yield await self._run() if ended is None else ended
                ended = await changed

    async def _run(self) -> Run:
        """The run as it is durable; not to be changed."""
        problem = self._dispatcher.quarantined.get(self.id)
        if problem is not None:
            raise Quarantined(f"{self.id} is left alone: {problem}") from problem
        held = self._dispatcher.service.held.get(self.id)
        if held is not None and not held.in_flight and not held.broken:
            return held.run
        return (await self._dispatcher.service.read(self.id)).run

    async def _handle(self, command: AnyCommand) -> Done | Already:
        self._dispatcher.check()
        answer = (await self._dispatcher.see_through(self._dispatcher.service.handle(self.id, command))).answer
        if isinstance(answer, Refused):
            raise CommandRefused(answer)
        return answer


def ended_otherwise(run: Run) -> ExecutionFailed:
    """What is raised for an execution that ended, and not as completed."""
    detail = f": {run.error.message}" if run.error is not None else ""
    activation = run.closing.activation if run.closing is not None else None
    where = f" at `{activation}`" if activation is not None else ""
    return ExecutionFailed(f"the execution ended as {run.status}{where}{detail}", run.execution(), run.error)


def _name(node: Handle[Any] | str) -> str:
    return node if isinstance(node, str) else node.name
