"""A visitor to a store that an engine may have open: it reads, decides, cancels and sends, and leaves the work to the
engine.

It takes no fence: its commits hold only if neither the version nor the fence has moved since it read them. The engine
notices within milliseconds; without one, the work waits for the next.
"""

from __future__ import annotations

import logging

from pectin.core.chain import Keyring
from pectin.core.command import Answer, AnyCommand
from pectin.core.definition import Json
from pectin.core.error import PectinError
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS, Limits
from pectin.ports.clock import Clock
from pectin.ports.store import Find, Store, StoreError, Summary
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.clock import SystemClock
from pectin.runtime.error import Ambiguous, NotFound
from pectin.runtime.loading import Loaded, read_events
from pectin.runtime.post import Post
from pectin.runtime.programs import Programs
from pectin.runtime.service import Service

LAST = "last"

log = logging.getLogger("pectin.visitor")


class _Everybody:
    """Whom a visitor's post serves: all executions, whatever their workflow."""

    workflows = None
    quarantined = ()

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        """An engine sees to it, or the next visitor."""
        if not isinstance(problem, PectinError):
            raise problem
        log.warning("%s: can't be told what was sent to it: %s", execution, problem)
        return False


class Visitor:
    """What the command line does beside an engine. Its audit keys are those of the environment, if none are given."""

    def __init__(
        self, store: Store, *, clock: Clock | None = None, limits: Limits = LIMITS, keys: Keyring | None = None
    ) -> None:
        self.store = store
        self.clock = clock or SystemClock()
        self._service = Service(store, Programs(store), limits, audit_keys() if keys is None else keys)
        self._post = Post(store, self._service, self.clock, limits, _Everybody(), engine=False)

    async def resolve(self, text: str) -> Summary:
        """The execution that a person means: an id, a unique suffix of one, a start key, or `last`."""
        found = await self._candidates(text)
        if not found:
            raise NotFound(f"there is no execution `{text}` in this store")
        if len(found) > 1:
            ids = ", ".join(str(summary.execution) for summary in found[:5])
            raise Ambiguous(f"`{text}` could be several executions: {ids}")
        return found[0]

    async def _candidates(self, text: str) -> list[Summary]:
        if text == LAST:
            return await self.store.find(Find(limit=1))
        by_key = await self.store.find(Find(key=text, limit=6))
        if by_key:
            return by_key
        suffix = text.removeprefix("exec_").replace("-", "").lower().lstrip("…")
        if not suffix or not set(suffix) <= set("0123456789abcdef"):
            return []
        return await self.store.find(Find(id_suffix=suffix, limit=6))

    async def read(self, execution: ExecutionId) -> Loaded:
        """The execution as it is stored, folded."""
        return await self._service.runs.read(execution)

    async def handle(self, execution: ExecutionId, command: AnyCommand) -> Answer:
        """Decide a command and make it durable. What it has to tell other executions, its children for instance, they
        are told at once if no engine is there to do it."""
        answer = (await self._service.handle(execution, command)).answer
        await self._carry()
        return answer

    async def send(self, name: str, correlation: str, payload: Json = None, *, dedup: str | None = None) -> bool:
        """Send an external event, durably, to whoever waits for it now or within `event_keep_ms`.

        False if the same one came before under its `dedup` key. Raises `BadValue`, and `DedupTaken` if another did.
        """
        is_new = await self._post.send(name, correlation, payload, dedup)
        await self._carry()
        return is_new

    async def _carry(self) -> None:
        """Be the post where there is no engine: beside one, it would only come in its way. What can't be carried now
        stays in the inbox, and what was asked of the visitor is done."""
        try:
            if not await self.store.in_charge() and self._post.ask():
                await self._post.go()
        except StoreError as problem:
            log.warning("can't look for messages, which wait for the next engine: %s", problem)

    async def events(self, execution: ExecutionId, after: int = 0) -> list[tuple[int, AnyEvent]]:
        """Events with their seq, after this one."""
        return await read_events(self.store, execution, after)

    async def list(self, find: Find) -> list[Summary]:
        """Executions, the newest first."""
        return await self.store.find(find)
