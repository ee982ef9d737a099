"""The post: it takes messages into the store's inbox, and carries those that somebody waits for to their executions.

External events come this way, and what children and parents tell each other. Nothing depends on it being prompt: a
message stands in the inbox until a commit takes it, so whoever opens the store next finds it there. Whoever carries one
twice is refused by the store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Container
from typing import Literal, Protocol, cast

import msgspec

from pectin.core.activation import MESSAGE_NAME
from pectin.core.budget import NOTHING, Amount
from pectin.core.codec import check_text, check_value
from pectin.core.command import AnyCommand, Cancel, ChildEnded, Deliver, Hold, Release
from pectin.core.definition import Json
from pectin.core.error import BadValue, ErrorData, clean, quote, shorten
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.status import WorkflowStatus
from pectin.core.work import CHILD_ENDED, PARENT_SAYS
from pectin.ports.clock import Clock
from pectin.ports.store import Match, Message, MessageTaken, Store
from pectin.runtime.error import Quarantined
from pectin.runtime.service import Service

log = logging.getLogger("pectin.engine")

MATCHES_AT_ONCE = 256
TIDY_EVERY_MS = 3_600_000


class Addressees(Protocol):
    """Whose messages are carried, and what becomes of those that can't be."""

    @property
    def workflows(self) -> frozenset[str] | None:
        """The workflows (ids) whose executions get their messages; None for all."""
        ...

    @property
    def quarantined(self) -> Container[ExecutionId]:
        """The executions that nothing is brought to."""
        ...

    def is_passing(self, execution: ExecutionId, problem: Exception) -> bool:
        """Told of an execution that could not be given its message. Whether it may go better later."""
        ...


class Post:
    """The post of a visitor, or of an `engine`: that one carries many messages side by side, and deletes old ones."""

    def __init__(
        self, store: Store, service: Service, clock: Clock, limits: Limits, to: Addressees, *, engine: bool
    ) -> None:
        self._store = store
        self._service = service
        self._clock = clock
        self._limits = limits
        self._to = to
        self._engine = engine
        self._asked = False
        self._is_out = False
        self._tidied_at: int | None = None

    async def send(self, name: str, correlation: str, payload: Json, dedup: str | None) -> bool:
        """Take an external event in, durably. False if the same one came before under its `dedup` key.

        Raises `BadValue`, and `DedupTaken` if another one did.
        """
        limits = self._limits
        _check_name(name, limits)
        if cast(object, correlation) is None:
            raise BadValue("correlation", "None is no text", "write a str")
        if correlation == "":
            raise BadValue("correlation", "is empty, and no wait can be for it", "write the key of the wait")
        check_text(correlation, "correlation", limits.key_characters_max)
        check_text(dedup, "dedup", limits.key_characters_max, may_be_blank=False)
        check_value(payload, "payload", limits.payload_bytes_max)
        await self._tidy()
        now = self._clock.now()
        return await self._store.send(
            Message(
                name=name,
                correlation=correlation,
                payload=msgspec.json.encode(payload),
                sent_at=now,
                expires_at=now + limits.event_keep_ms,
                dedup=dedup,
            )
        )

    def ask(self) -> bool:
        """Let there be a round from now on. True if nobody is out: then the caller has to `go`."""
        self._asked = True
        goes, self._is_out = not self._is_out, True
        return goes

    async def go(self) -> bool:
        """Carry everything that somebody waits for, and again as long as that is asked for meanwhile. False if some of
        it is to be tried again later. Raises `StoreError`."""
        try:
            if self._tidied_at is not None:  # at first, what came for somebody who waits is theirs, however old it is
                await self._tidy()
            done = True
            while self._asked:
                self._asked = False
                done = await self._go_round()
                if self._engine:
                    await self._tidy()
            return done
        finally:
            self._is_out = False

    async def _tidy(self) -> None:
        """Delete what is out of date, not more than once an hour."""
        now = self._clock.now()
        if self._tidied_at is None or now >= self._tidied_at + TIDY_EVERY_MS:
            self._tidied_at = now
            await self._store.expire(now)

    async def _go_round(self) -> bool:
        """Bring each message to who waits for it, until there is none but those that nobody took."""
        left: set[int] = set()
        later = False
        while True:
            matches = await self._store.matches(self._to.workflows, MATCHES_AT_ONCE + len(left))
            fresh = [match for match in matches if match.id not in left]
            if not fresh:
                return not later
            left.update(match.id for match in fresh)
            later |= await self._bring_all(fresh)

    async def _bring_all(self, matches: list[Match]) -> bool:
        """Whether any of them is to be brought later."""
        if self._engine:
            return any(await asyncio.gather(*map(self._bring, matches)))
        return any([await self._bring(match) for match in matches])

    async def _bring(self, match: Match) -> bool:
        """Whether it is to be brought later."""
        if match.execution in self._to.quarantined:
            return False
        try:
            command = _command_of(match, self._clock.now())
            # A letter that says nothing new goes too, by a commit: who has lost the execution must not throw it away.
            is_letter = match.message.name.startswith(":")
            await self._service.handle(match.execution, command, takes=match.id, takes_anyway=is_letter)
        except MessageTaken:
            return False  # somebody else brought it
        except Exception as problem:  # it must cost nobody else their messages
            return self._to.is_passing(match.execution, problem)
        return False


class _Ended(msgspec.Struct, frozen=True, gc=False):
    status: WorkflowStatus
    state: dict[str, Json]
    error: ErrorData | None = None
    spent: Amount = NOTHING


class _Said(msgspec.Struct, frozen=True, gc=False):
    says: Literal["cancel", "hold", "release"]
    by: str | None = None
    reason: str | None = None


def _command_of(match: Match, at: int) -> AnyCommand:
    """What a message asks of the execution that gets it. Raises `Quarantined` if it can't be read."""
    try:
        return _read(match, at)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        what = shorten(clean(str(problem)), 500)
        raise Quarantined(f"a message to {match.execution}, `{match.message.name}`, can't be read: {what}") from problem


def _read(match: Match, at: int) -> AnyCommand:
    message = match.message
    if message.name == CHILD_ENDED:
        ended = msgspec.json.decode(message.payload, type=_Ended)
        return ChildEnded(
            at=at,
            activation=match.activation,
            child=message.correlation,
            status=ended.status,
            state=ended.state,
            error=ended.error,
            spent=ended.spent,
        )
    if message.name == PARENT_SAYS:
        return _obedience(msgspec.json.decode(message.payload, type=_Said), at)
    payload = msgspec.json.decode(message.payload)
    return Deliver(
        at=at, activation=match.activation, name=message.name, correlation=message.correlation, payload=payload
    )


def _obedience(said: _Said, at: int) -> AnyCommand:
    match said.says:
        case "cancel":
            return Cancel(at=at, by=said.by, reason="its parent has no use for it any more", inherited=True)
        case "hold":
            return Hold(at=at, by=said.by, reason=said.reason, inherited=True)
        case "release":
            return Release(at=at, by=said.by, inherited=True)


def _check_name(name: object, limits: Limits) -> None:
    """Raise `BadValue` for what is no event's name."""
    characters = limits.identifier_characters_max
    if type(name) is not str or len(name) > characters or not MESSAGE_NAME.fullmatch(name):
        hint = f"write up to {characters} letters, digits, `_`, `-` and dots, and begin with a letter: order.paid"
        raise BadValue("name", f"{quote(name)} is no event's name", hint)
