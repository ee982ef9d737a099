"""Planted bugs: engines and stores that are wrong in one thing, which a crash at some moment has to show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

import pectin.core.decide.attempt
import pectin.ports.context
import pectin.runtime.dispatcher
from pectin.core.identity import ExecutionId
from pectin.core.limits import LIMITS
from pectin.core.status import WorkflowStatus
from pectin.ports.store import OWNED, Commit, Message, Store
from pectin.runtime.attempt import Attempt
from pectin.runtime.worker import Worker
from tests.crash.every_write.mortal import pass_time


class Unsound:
    """A store that does as the one behind it, but for what a bug says."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def _rest(commit: Commit, **what: Any) -> Commit:
    """A second commit of an execution, of that alone which the first left out."""
    return Commit(
        execution=commit.execution,
        expected=commit.version,
        version=commit.version,
        fence=commit.new_fence,
        new_fence=commit.new_fence,
        rows=(),
        status=commit.status,
        updated_at=commit.updated_at,
        due=commit.due,
        **what,
    )


class ChildrenAfterwards(Unsound):
    async def commit(self, commit: Commit) -> None:
        await self.store.commit(replace(commit, children=()))
        for child in commit.children:
            born = Commit(
                execution=child.execution,
                expected=0,
                version=1,
                fence=0,
                new_fence=0,
                rows=[child.row],
                status=WorkflowStatus.PENDING,
                updated_at=commit.updated_at,
                due=child.due,
                start=child.start,
                listens=child.listens,
            )
            await self.store.commit(born)


class TakesAfterwards(Unsound):
    async def commit(self, commit: Commit) -> None:
        await self.store.commit(replace(commit, takes=None))
        if commit.takes is not None:
            await self.store.commit(_rest(commit, takes=commit.takes))


class TakesBefore(Unsound):
    async def commit(self, commit: Commit) -> None:
        if commit.takes is not None:
            await self.store.expire(commit.updated_at + LIMITS.event_keep_ms)
        await self.store.commit(replace(commit, takes=None))


class SendsAfterwards(Unsound):
    async def commit(self, commit: Commit) -> None:
        await self.store.commit(replace(commit, sends=()))
        for message in commit.sends:
            await self.store.send(message)


class ListensAfterwards(Unsound):
    async def commit(self, commit: Commit) -> None:
        await self.store.commit(replace(commit, listens=()))
        if commit.listens:
            await self.store.commit(_rest(commit, listens=commit.listens))


class SealsAfterwards(Unsound):
    async def commit(self, commit: Commit) -> None:
        later = None if commit.start is not None else commit.seal
        await self.store.commit(replace(commit, seal=None) if later is not None else commit)
        if later is not None:
            await self.store.commit(_rest(commit, seal=later))


class StatementsBefore(Unsound):
    async def commit(self, commit: Commit) -> None:
        if commit.statements:
            nothing = {"rows": (), "version": commit.expected, "listens": (), "sends": (), "children": ()}
            await self.store.commit(replace(commit, **nothing, new_fence=commit.fence))
        await self.store.commit(replace(commit, statements=()))


class StatementsAfterwards(Unsound):
    async def commit(self, commit: Commit) -> None:
        await self.store.commit(replace(commit, statements=()))
        if commit.statements:
            await self.store.commit(_rest(commit, statements=commit.statements))


class AcksTooEarly(Unsound):
    """Says that a commit is durable a while before it is."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._last: asyncio.Task[None] | None = None

    async def commit(self, commit: Commit) -> None:
        self._last = asyncio.ensure_future(self._write(commit, self._last))

    async def _write(self, commit: Commit, last: asyncio.Task[None] | None) -> None:
        if last is not None:
            await last
        await pass_time(1)
        await self.store.commit(commit)


class SplitsHistory(Unsound):
    """Writes the rows of a commit one by one."""

    async def commit(self, commit: Commit) -> None:
        for row in commit.rows[:-1]:
            version = row.seq + row.count - 1
            part = replace(commit, rows=[row], version=version, children=(), sends=(), takes=None, statements=())
            await self.store.commit(replace(part, listens=(), unlistens=(), snapshot=None))
            commit = replace(commit, expected=version, version=commit.version, start=None, rows=commit.rows[1:])
            commit = replace(commit, fence=commit.new_fence)
        await self.store.commit(commit)


class ForgetsTimers(Unsound):
    """Doesn't tell a new engine what is due later."""

    async def next_due(self, after: int, workflows: frozenset[str]) -> int | None:
        return None


class ForgetsTheDead(Unsound):
    """Doesn't hand out what a dead engine was at work on."""

    async def claim(self, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> list[ExecutionId]:
        return await self.store.claim(now, 0, workflows, limit)


class ForgetsWhenDue(Unsound):
    """Parks an execution for good that waits for a time."""

    async def commit(self, commit: Commit) -> None:
        await self.store.commit(commit if commit.due == OWNED else replace(commit, due=None))


class ForgetsDedup(Unsound):
    """Takes every message for a new one."""

    async def send(self, message: Message) -> bool:
        return await self.store.send(replace(message, dedup=None))


class ForgetsStartKeys(Unsound):
    """Doesn't keep the key of a start."""

    async def commit(self, commit: Commit) -> None:
        start = None if commit.start is None else replace(commit.start, key=None)
        await self.store.commit(replace(commit, start=start))


def _nothing(*_: object) -> None:
    """Does nothing."""


def _no(*_: object) -> bool:
    return False


def begins_before_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are entered when their begin is decided, not when it is durable."""
    real, launch = pectin.runtime.dispatcher.begun_attempts, Worker.launch

    def begun_attempts(*given: Any, beat: Any, **named: Any) -> list[Attempt]:
        begun = real(*given, beat=beat, **named)
        for attempt in begun:
            launch(beat.__self__, attempt)
        return begun

    monkeypatch.setattr(pectin.runtime.dispatcher, "begun_attempts", begun_attempts)
    monkeypatch.setattr(Worker, "launch", _nothing)  # it was launched before


def enters_once_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `once` body that was cut off is entered again."""
    monkeypatch.setattr(pectin.core.decide.attempt, "is_once", _no)


def makes_up_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt gets a key of its own."""
    numbers = count()

    def make_up(*_: object) -> str:
        return f"key {next(numbers)}"

    monkeypatch.setattr(pectin.ports.context, "idempotency_key", make_up)


@dataclass(frozen=True)
class Bug:
    """A bug, a scenario in which it shows, and what is said of it (a pattern)."""

    scenario: str
    says: str
    store: Callable[[Store], Any] | None = None
    patch: Callable[[pytest.MonkeyPatch], None] | None = None

    def __str__(self) -> str:
        return f"{getattr(self.store or self.patch, '__name__', '')}, {self.scenario}"


BUGS: tuple[Bug, ...] = (
    Bug("child", "the child of `inside` is not there", store=ChildrenAfterwards),
    Bug("events", "was sent once, and is there 2 times", store=TakesAfterwards),
    Bug("events", "was sent once, and is there 0 times", store=TakesBefore),
    Bug("child", "has ended, and nobody tells it", store=SendsAfterwards),
    Bug("cancelled_with_its_parent", "has no use for it any more, and nobody tells it", store=SendsAfterwards),
    Bug("held_with_its_parent", "isn't told of a hold", store=SendsAfterwards),
    Bug("events", "wait_missing", store=ListensAfterwards),
    Bug("governed", "resealed from event|truncated from event", store=SealsAfterwards),
    Bug("transactional", "in the books", store=StatementsBefore),
    Bug("transactional", "in the books", store=StatementsAfterwards),
    Bug("reviewed", "was acknowledged, and is lost", store=AcksTooEarly),
    Bug("conflict", "stranded|due_differs|status_differs|pause_forgotten|never_entered", store=SplitsHistory),
    Bug("undecided", "Deadlock", store=ForgetsTimers),
    Bug("in_a_row", "Deadlock", store=ForgetsTheDead),
    Bug("undecided", "due_differs", store=ForgetsWhenDue),
    Bug("events", "is there 2 times", store=ForgetsDedup),
    Bug("in_a_row", "executions: ", store=ForgetsStartKeys),
    Bug("once", "its body was entered . times, and 1 were allowed", patch=begins_before_the_commit),
    Bug("once", "its body was entered 2 times, and 1 were allowed", patch=enters_once_again),
    Bug("in_a_row", "it was given the keys", patch=makes_up_keys),
)
