"""What stands between the engine and its store, and between the engine and the bodies, in a life that is watched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, TypeVar, cast

import msgspec

from pectin.core.identity import ExecutionId
from pectin.ports.function import Conclusion, Function, Request
from pectin.ports.host import Host
from pectin.ports.landing import Landing, when_known
from pectin.ports.store import Commit, Message, Store
from pectin.testing.crashtest.ledger import Written
from pectin.testing.crashtest.life import Life
from pectin.testing.crashtest.point import When, commit_point

T = TypeVar("T")

ROOT: Final = ExecutionId.parse("019b75a0-0000-7000-8000-000000000001")
"""The id of the execution in every trial, so that its keys are the same in all of them."""


class WatchedStore:
    """A store whose writes for executions are counted, from 1 in each life, and may be the last thing it does.

    All else is the store's own: what an engine writes when it opens, and what it reads.
    """

    def __init__(self, inner: Store, life: Life) -> None:
        self._inner = inner
        self._life = life

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self, commit: Commit) -> Awaitable[None]:
        life, landing = self._life, Landing(commit.line)
        touches = life.note(commit)
        number = life.next_write()
        what = Written(life.number, number, "commit", commit.execution.to_json(), commit.version, touches)

        def landed(problem: Exception | None) -> None:
            if problem is None:
                if life.dies(commit_point(number, When.AFTER)):
                    return
                life.ledger.append(what)
            landing.settle(problem)

        if not life.dies(commit_point(number, When.BEFORE)):
            when_known(self._inner.commit(commit), landed)
        return landing

    async def send(self, message: Message) -> bool:
        return await self._write(partial(self._inner.send, message), Written(self._life.number, 0, "send"))

    async def forget(self, execution: ExecutionId, now: int = 0) -> None:
        what = Written(self._life.number, 0, "forget", execution.to_json())
        await self._write(partial(self._inner.forget, execution, now), what)

    async def _write(self, write: Callable[[], Awaitable[T]], what: Written) -> T:
        number = self._life.next_write()
        await self._life.pass_by(commit_point(number, When.BEFORE))
        done = await write()
        await self._life.pass_by(commit_point(number, When.AFTER))
        self._life.ledger.append(msgspec.structs.replace(what, number=number))
        return done


class WatchedHost:
    """A host whose calls are noted, and in which every trial's execution has the same id."""

    def __init__(self, inner: Host, life: Life) -> None:
        self._inner = inner
        self._life = life
        self.name = inner.name

    def draw(self) -> float:
        return self._inner.draw()

    def new_id(self) -> ExecutionId:
        return ROOT

    def call(self, function: Function, request: Request) -> Awaitable[Conclusion]:
        return self._life.enter(request, partial(self._inner.call, function, request))

    async def look_out(self, store: Store) -> None:
        await self._inner.look_out(store)

    def close(self) -> None:
        self._inner.close()


def watched(store: Store, life: Life) -> Store:
    """The store, watched."""
    return cast(Store, WatchedStore(store, life))
