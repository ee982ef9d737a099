"""What the tests of the runtime share: a small state, chains of functions, gates that hold them, and unsound stores."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypedDict

from pectin import Engine, Execution, Policy, Workflow
from pectin.authoring.handle import Node
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Store, StoreError
from pectin.runtime.host import ProcessHost
from pectin.store.memory import Memory, MemoryStore
from pectin.store.sqlite import SqliteStore


class Count(TypedDict):
    n: int


class Batch(TypedDict):
    items: list[int]
    out: list[int]


ZERO: Count = {"n": 0}

Function = Callable[..., Any]


def chain(
    *functions: Function, id: str = "counting", version: str = "1.0.0", policy: Policy | None = None, **options: Any
) -> Workflow[Count]:
    """A workflow that runs the functions one after another."""
    workflow = Workflow(id, version=version, state=Count, policy=policy)
    names = [function.__name__ for function in functions]
    if len(set(names)) < len(names):
        names = [f"{name}_{place}" for place, name in enumerate(names)]
    nodes: list[Node[Count, ..., Any]] = [
        workflow.node(function, name=name, **options) for function, name in zip(functions, names, strict=True)
    ]
    for node, following in pairwise(nodes):
        node.then(following)
    return workflow


async def add(state: Count) -> Count:
    state["n"] += 1
    return state


def asking(*, deadline: str | None = None, policy: Policy | None = None) -> Workflow[Count]:
    """A workflow that adds, asks a person, and adds again if they approve."""
    workflow = Workflow("asking", version="1.0.0", state=Count, policy=policy)
    before = workflow.node(add, name="before")
    review = workflow.approval("review", "Go on?", deadline=deadline)
    after = workflow.node(add, name="after")
    before.then(review)
    ways = {} if deadline is None else {"timeout": after}
    review.on(approved=after, rejected="end", **ways)
    return workflow


class Gate:
    """Holds whoever enters until it is opened."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.inside = 0
        self.most = 0
        self._open = asyncio.Event()

    async def pass_through(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.entered.set()
        try:
            await self._open.wait()
        finally:
            self.inside -= 1

    def open(self) -> None:
        self._open.set()


def gated(gate: Gate, name: str = "gated") -> Function:
    """A function that adds once the gate is open."""

    async def function(state: Count) -> Count:
        await gate.pass_through()
        return await add(state)

    function.__name__ = name
    return function


class Flaky(SqliteStore):
    """A store whose commits fail as often as it is told to."""

    failures = 0

    async def commit(self, commit: Commit) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreError("the disk is full")
        await super().commit(commit)


class Slow(MemoryStore):
    """A memory store whose commits wait at a gate while there is one."""

    gate: Gate | None = None

    async def commit(self, commit: Commit) -> None:
        if self.gate is not None:
            await self.gate.pass_through()
        await super().commit(commit)


class Recording(MemoryStore):
    """A memory store that remembers its commits."""

    def __init__(self, memory: Memory | None = None) -> None:
        super().__init__(memory)
        self.commits: list[Commit] = []

    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        self.commits.append(commit)

    def of(self, execution: ExecutionId) -> list[Commit]:
        return [commit for commit in self.commits if commit.execution == execution]


async def events_of(execution: Execution[Any]) -> list[AnyEvent]:
    return [event async for _, event in execution.events()]


def tags(events: list[AnyEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


class Deaf(ProcessHost):
    """A host in which it is never time to look for what others wrote."""

    async def look_out(self, store: Store) -> None:
        await asyncio.Event().wait()


async def eventually(happens: Callable[[], bool]) -> None:
    """Let the loop run until it is so."""
    for _ in range(100_000):
        if happens():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happens")


def leftovers(engine: Engine) -> dict[str, int]:
    """What an engine still holds of executions, by where."""
    dispatcher = engine._dispatcher  # pyright: ignore[reportPrivateUsage]
    assert dispatcher is not None
    worker, agenda = dispatcher._worker, dispatcher._agenda  # pyright: ignore[reportPrivateUsage]
    held: dict[str, Any] = {
        "held": engine.service.runs.held,
        "loading": engine.service.runs._loading,  # pyright: ignore[reportPrivateUsage]
        "waiting for a slot": dispatcher._slots.waiting,  # pyright: ignore[reportPrivateUsage]
        "dispatcher's tasks": dispatcher._tasks,  # pyright: ignore[reportPrivateUsage]
        "running": worker._running,  # pyright: ignore[reportPrivateUsage]
        "worker's tasks": worker._tasks,  # pyright: ignore[reportPrivateUsage]
        "alarms": agenda._alarms,  # pyright: ignore[reportPrivateUsage]
        "watchers": engine.watchers,
    }
    return {name: len(where) for name, where in held.items() if where}
