"""LangGraph on its SQLite checkpointers, asked for `durability="sync"`: a checkpoint is written before the next step.

It has no engine that executions belong to: a graph runs in the call that invokes it. `Async` is `AsyncSqliteSaver` with
async nodes, `Sync` is `SqliteSaver` with plain ones, where many executions are many threads.
"""
# pyright: basic, reportMissingImports=false
# Its library is in an environment of its own.

from __future__ import annotations

import asyncio
import operator
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import uuid4

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from bench.peers.peer import BRANCHES, STEPS

THREADS = 8


class Count(TypedDict):
    done: int
    wanted: int


class Arrivals(TypedDict):
    arrived: Annotated[list[int], operator.add]


def count(state: Count) -> dict[str, int]:
    return {"done": state["done"] + 1}


async def count_async(state: Count) -> dict[str, int]:
    return {"done": state["done"] + 1}


def ask(_state: Count) -> dict[str, int]:
    return {"wanted": interrupt("go on?")}


async def ask_async(_state: Count) -> dict[str, int]:
    return {"wanted": interrupt("go on?")}


def branch(_state: Arrivals) -> dict[str, list[int]]:
    return {"arrived": [1]}


async def branch_async(_state: Arrivals) -> dict[str, list[int]]:
    return {"arrived": [1]}


def join(_state: Arrivals) -> dict[str, list[int]]:
    return {}


class Graphs:
    """The four workloads as graphs on one checkpointer."""

    def __init__(self, saver: Any, count: Any, ask: Any, branch: Any) -> None:
        loop = StateGraph(Count)
        loop.add_node("count", count)
        loop.add_edge(START, "count")
        loop.add_conditional_edges("count", lambda state: "count" if state["done"] < state["wanted"] else END)
        chain = StateGraph(Count)
        names = [f"count_{number}" for number in range(STEPS)]
        for name in names:
            chain.add_node(name, count)
        for before, behind in zip([START, *names], [*names, END], strict=True):
            chain.add_edge(before, behind)
        fan = StateGraph(Arrivals)
        fan.add_node("join", join)
        branches = [f"branch_{number}" for number in range(BRANCHES)]
        for name in branches:
            fan.add_node(name, branch)
            fan.add_edge(START, name)
        fan.add_edge(branches, "join")
        fan.add_edge("join", END)
        asking = StateGraph(Count)
        asking.add_node("ask", ask)
        asking.add_node("go_on", count)
        asking.add_edge(START, "ask")
        asking.add_edge("ask", "go_on")
        asking.add_edge("go_on", END)
        self.loop, self.chain, self.fan, self.asking = (
            graph.compile(checkpointer=saver) for graph in (loop, chain, fan, asking)
        )


def options(id: str, steps: int) -> dict[str, Any]:
    """The keywords of one run."""
    return {"config": {"configurable": {"thread_id": id}, "recursion_limit": steps + 10}, "durability": "sync"}


def versions() -> str:
    return f"{version('langgraph')}, checkpoint-sqlite {version('langgraph-checkpoint-sqlite')}"


def expect_asked(state: dict[str, Any]) -> None:
    if "__interrupt__" not in state:
        raise RuntimeError("it does not wait")


class Async:
    async def open(self, folder: Path) -> str:
        self._stack = AsyncExitStack()
        saver = await self._stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(folder / "peer.db")))
        self._graphs = Graphs(saver, count_async, ask_async, branch_async)
        return versions()

    async def _run(self, graph: Any, state: Any, steps: int = STEPS, id: str = "") -> dict[str, Any]:
        return await graph.ainvoke(state, **options(id or str(uuid4()), steps))

    async def sequential(self, steps: int) -> int:
        return (await self._run(self._graphs.loop, {"done": 0, "wanted": steps}, steps))["done"]

    async def many(self, executions: int) -> int:
        runs = (self._run(self._graphs.chain, {"done": 0, "wanted": 0}) for _ in range(executions))
        return sum(state["done"] for state in await asyncio.gather(*runs))

    async def fan_out(self, executions: int) -> int:
        return sum([len((await self._run(self._graphs.fan, {"arrived": []}))["arrived"]) for _ in range(executions)])

    async def park(self, executions: int) -> Sequence[str]:
        ids = [str(uuid4()) for _ in range(executions)]
        runs = (self._run(self._graphs.asking, {"done": 0, "wanted": 0}, id=id) for id in ids)
        for state in await asyncio.gather(*runs):
            expect_asked(state)
        return ids

    async def wake(self, id: str) -> None:
        state = await self._run(self._graphs.asking, Command(resume=1), id=id)
        if state["done"] != 1:
            raise RuntimeError(f"the step behind the event is not done: {state}")

    async def close(self) -> None:
        await self._stack.aclose()


class Sync:
    async def open(self, folder: Path) -> str:
        self._connection = sqlite3.connect(folder / "peer.db", check_same_thread=False)
        self._graphs = Graphs(SqliteSaver(self._connection), count, ask, branch)
        self._threads = ThreadPoolExecutor(THREADS)
        return versions()

    def _run(self, graph: Any, state: Any, steps: int = STEPS, id: str = "") -> dict[str, Any]:
        return graph.invoke(state, **options(id or str(uuid4()), steps))

    async def sequential(self, steps: int) -> int:
        return self._run(self._graphs.loop, {"done": 0, "wanted": steps}, steps)["done"]

    async def many(self, executions: int) -> int:
        runs = self._threads.map(lambda _: self._run(self._graphs.chain, {"done": 0, "wanted": 0}), range(executions))
        return sum(state["done"] for state in runs)

    async def fan_out(self, executions: int) -> int:
        return sum(len(self._run(self._graphs.fan, {"arrived": []})["arrived"]) for _ in range(executions))

    async def park(self, executions: int) -> Sequence[str]:
        ids = [str(uuid4()) for _ in range(executions)]
        for id in ids:
            expect_asked(self._run(self._graphs.asking, {"done": 0, "wanted": 0}, id=id))
        return ids

    async def wake(self, id: str) -> None:
        state = self._run(self._graphs.asking, Command(resume=1), id=id)
        if state["done"] != 1:
            raise RuntimeError(f"the step behind the event is not done: {state}")

    async def close(self) -> None:
        self._threads.shutdown()
        self._connection.close()
