"""A handle to one execution. It holds nothing: what it tells is read from the store, or from the run at work."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Generic, NamedTuple, TypeVar, cast

from msgspec import UNSET, UnsetType

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.handle import Handle
from pectin.core.activation import MESSAGE_NAME
from pectin.core.budget import Amount
from pectin.core.codec import check_text, check_value
from pectin.core.command import (
    Already,
    AnyCommand,
    Cancel,
    Decide,
    Done,
    Hold,
    Refused,
    Release,
    Resolve,
    Signal,
)
from pectin.core.definition import Json
from pectin.core.error import BadValue, quote
from pectin.core.event import AnyEvent
from pectin.core.hint import did_you_mean
from pectin.core.identity import ExecutionId
from pectin.core.record import WorkflowExecution
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.ports.store import LogRecord
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.error import CommandRefused, ExecutionFailed, Quarantined
from pectin.runtime.held import Held
from pectin.runtime.loading import read_events

S = TypeVar("S")


class Recorded(NamedTuple):
    """An event and its place in the history (from 1)."""

    seq: int
    event: AnyEvent


class Execution(Generic[S]):
    """One life of a workflow with state `S`."""

    def __init__(
        self, dispatcher: Dispatcher, blueprint: Blueprint[S], id: ExecutionId, held: Held | None = None
    ) -> None:
        self._dispatcher = dispatcher
        self._held = held  # a stateless one, which is nowhere else
        self._blueprint = blueprint
        self._limits = dispatcher.limits
        self._now = dispatcher.clock.now
        self.id = id

    def __repr__(self) -> str:
        return f"<Execution {self.id} of {self._blueprint.definition.id}>"

    async def result(self) -> S:
        """The final state, once it has completed; raises `ExecutionFailed` if it ends otherwise."""
        run = await self._end()
        if run.status is WorkflowStatus.COMPLETED:
            return self._blueprint.state.read(run.data)
        raise ended_otherwise(run)

    async def until(self, node: Handle[S] | str) -> bool:
        """True once the node waits: for a decision, a time, a signal or an event, or in doubt for a person's word.
        False if the execution ends without. Raises `BadValue` for a name that its workflow doesn't have."""
        name = _name(node)
        async with aclosing(self.runs()) as runs:
            async for run in runs:
                self._check_node(name, run)
                if any(run.activations[waiting].node == name for waiting in (*run.waiting(), *run.doubts())):
                    return True
                if run.status.is_terminal:
                    break
        return False

    # -- what people and other programs say -------------------------------------------------------------------
    # Each answers `Done`, or `Already` if the same was done before, and raises `CommandRefused` if it can't be done,
    # and `BadValue` for what can't be stored.

    async def decide(
        self,
        node: Handle[S] | str,
        decision: str,
        *,
        by: str,
        comment: str | None = None,
        digest: str | None = None,
        edits: Mapping[str, Json] | None = None,
    ) -> Done | Already:
        """Decide an approval. Raises `CommandRefused`, which says who decided first.

        `digest` is of the request as it was shown (its `NodeWaiting` event has it): another request refuses it.
        `edits` are new values, as JSON, of keys that the approval lets people change; a bad one refuses the decision,
        and the approval stays open.
        """
        self._check(by, comment, "comment")
        if not isinstance(cast("object", edits), Mapping | None):
            raise BadValue("edits", f"{quote(edits)} is no mapping", 'write `{"key": value}`')
        changed = dict(edits or {})
        check_value(changed, "edits", self._limits.payload_bytes_max)
        return await self._handle(
            Decide(
                at=self._now(),
                activation=_name(node),
                decision=decision,
                by=by,
                comment=comment,
                digest=digest,
                edits=changed,
            )
        )

    async def approve(
        self,
        node: Handle[S] | str,
        *,
        by: str,
        comment: str | None = None,
        edits: Mapping[str, Json] | None = None,
    ) -> Done | Already:
        """Decide `approved`."""
        return await self.decide(node, "approved", by=by, comment=comment, edits=edits)

    async def reject(
        self,
        node: Handle[S] | str,
        *,
        by: str,
        comment: str | None = None,
        edits: Mapping[str, Json] | None = None,
    ) -> Done | Already:
        """Decide `rejected`."""
        return await self.decide(node, "rejected", by=by, comment=comment, edits=edits)

    async def signal(
        self, name: str, payload: Json = None, *, dedup: str | None = None, by: str | None = None
    ) -> Done | Already:
        """Send it a signal: whoever waits for one of this name takes it, now or later.

        With the same `dedup` key it is accepted once; another payload under that key is refused.
        """
        self._check(by)
        check_text(name or "", "name", self._limits.identifier_characters_max, may_be_blank=False)
        if MESSAGE_NAME.fullmatch(name) is None:
            hint = "write letters, digits, `_`, `-` and dots between them: order.paid"
            raise BadValue("name", f"{quote(name)} is no signal's name", hint)
        check_text(dedup, "dedup", self._limits.key_characters_max, may_be_blank=False)
        check_value(payload, "payload", self._limits.payload_bytes_max)
        return await self._handle(Signal(at=self._now(), name=name, payload=payload, dedup=dedup, by=by))

    async def pause(self, *, by: str | None = None, reason: str | None = None) -> Done | Already:
        """Hold it, and its children: what runs ends and is recorded, and nothing more starts until `resume`."""
        self._check(by, reason, "reason")
        return await self._handle(Hold(at=self._now(), by=by, reason=reason))

    async def resume(self, *, by: str | None = None) -> Done | Already:
        """Let it go on after `pause`, and let out what is in quarantine because it was interrupted too often."""
        self._check(by)
        return await self._handle(Release(at=self._now(), by=by))

    async def resolve(
        self,
        node: Handle[S] | str | None = None,
        *,
        happened: Json | UnsetType = UNSET,
        did_not: bool = False,
        by: str,
        comment: str | None = None,
        attempt: int | None = None,
    ) -> Done | Already:
        """Say of an attempt in doubt that it has `happened`, and with which result, or that it `did_not`: then it may
        be made again. The node may be left out if only one is in doubt; the number of the `attempt` has to be said if
        an earlier one was resolved before, so that saying a thing twice says it of one attempt only.

        The result is JSON: the keys of the state that the node would have set, or with an `output_key` that key's
        value, or for an item of a map its output; None where it set nothing.
        """
        if (happened is not UNSET) is bool(did_not):
            raise BadValue("resolve", "has to say one thing", "write `happened=<result>`, or `did_not=True`")
        self._check(by, comment, "comment")
        result = None if happened is UNSET else happened
        check_value(result, "happened", self._limits.payload_bytes_max)
        return await self._handle(
            Resolve(
                at=self._now(),
                activation=None if node is None else _name(node),
                happened=not did_not,
                by=by,
                result=result,
                comment=comment,
                attempt=attempt,
            )
        )

    async def cancel(self, *, by: str | None = None, reason: str | None = None) -> Done | Already:
        """End it as cancelled: nothing starts after this but finalizers that run on `always`.

        An execution that is already ending otherwise ends so (the answer's `note` says it). Raises `CommandRefused` if
        it has ended.
        """
        self._check(by, reason, "reason")
        return await self._handle(Cancel(at=self._now(), by=by, reason=reason))

    # -- what is known of it ----------------------------------------------------------------------------------

    async def info(self) -> WorkflowExecution:
        """Its record as it stands."""
        return (await self._run()).execution()

    async def spent(self) -> Amount:
        """What it has spent so far: what its attempts said by `ctx.spend`, and its children; and of what nobody knows,
        the whole ceiling."""
        return (await self._run()).spent

    async def children(self) -> dict[str, ExecutionId]:
        """The executions that it waits for, by the activation that waits; `engine.execution` gives their handles."""
        return {name: ExecutionId.parse(id) for name, id in (await self._run()).children.items()}

    async def events(self, after: int = 0, follow: bool = False) -> AsyncGenerator[Recorded]:
        """Its history from the event after `after` on; with `follow`, to its end. A `stateless` one has none: raises
        `CommandRefused`."""
        if type(after) is not int or after < 0:
            raise BadValue("after", f"{quote(after)} is no event's number", "write a whole number from 0 on")
        self._check_written("history")
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

    async def logs(self) -> AsyncGenerator[LogRecord]:
        """What its attempts have logged by `ctx.log`, in the order of their reports. A `stateless` one has none: raises
        `CommandRefused`."""
        self._check_written("log")
        after = 0
        while page := await self._dispatcher.store.logs(self.id, after):
            for number, record in page:
                yield record
                after = number

    async def runs(self, *, rests: bool = True) -> AsyncGenerator[Run]:
        """The run now, and again whenever something may be new of it, with `rests` whenever it waits or has ended."""
        watchers = self._dispatcher.watchers
        ended: Run | None = None
        while True:
            with watchers.watching(self.id, rests=rests) as changed:
                yield await self._run() if ended is None else ended
                ended = await changed

    async def _end(self) -> Run:
        """The run when it has ended. One that is at work here isn't read: whoever ends it says so."""
        service, watchers = self._dispatcher.service, self._dispatcher.watchers
        ended: Run | None = None
        while ended is None:
            with watchers.watching(self.id, rests=True) as changed:
                if not service.runs.is_going_on(self.id):
                    run = await self._run()
                    if run.status.is_terminal:
                        return run
                ended = await changed
        return ended

    async def _run(self) -> Run:
        """The run as it is durable; not to be changed."""
        problem = self._dispatcher.quarantined.get(self.id)
        if problem is not None:
            raise Quarantined(f"{self.id} is left alone: {problem}") from problem
        return await self._dispatcher.service.runs.get(self.id)

    def _check_written(self, what: str) -> None:
        if self._held is not None:
            raise CommandRefused(Refused("stateless", f"a stateless execution is in memory only, and has no {what}"))

    def _check(self, by: str | None, text: str | None = None, name: str = "") -> None:
        """Raise `BadValue` for an actor or a text that can't be stored."""
        check_text(by, "by", self._limits.identifier_characters_max)
        check_text(text, name, self._limits.comment_characters_max)

    def _check_node(self, name: str, run: Run) -> None:
        """Raise `BadValue` for what would never wait. What another version has, nobody here knows."""
        program = self._blueprint.program
        if run.definition == program.hash and name not in program.nodes:
            hint = did_you_mean(name, program.nodes) or "write the name of a node"
            raise BadValue("node", f"`{program.definition.id}` has no node {quote(name)}", hint)

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
    message = f"the execution ended as {run.status}{where}{detail}"
    return ExecutionFailed(message, run.execution(), run.error, dict(run.unhandled))


def _name(node: Handle[Any] | str) -> str:
    name: object = node if isinstance(node, str) else getattr(node, "name", None)
    if not isinstance(name, str):
        raise BadValue("node", f"{quote(node)} is no node", "hand in the node, or its name")
    return name
