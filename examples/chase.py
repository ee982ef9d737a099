"""Orders that are chased one after another, each asked about every ten minutes until it is shipped: a loop in a loop.

    python examples/chase.py

The inner loop has a limit, and `on_limit` says where an order goes that nobody ships. `main` lets the hours pass on a
virtual clock; `pectin run examples/chase.py --input '{"waiting": ["A-1"]}'` takes the ten minutes.
"""

import asyncio
import time

from pydantic import BaseModel

from pectin import Workflow, testing

SHIPPED_AT = {"A-1": 1, "A-2": 4, "A-3": 99}  # your warehouse: at which question it says yes


class Orders(BaseModel):
    waiting: list[str]
    order: str = ""
    asked: int = 0
    is_shipped: bool = False
    shipped: dict[str, int] = {}  # with how often each was asked about
    late: list[str] = []


chase = Workflow("chase", version="1.0.0", state=Orders)


@chase.node
def take(state: Orders) -> Orders:
    state.order = state.waiting.pop(0)
    state.asked, state.is_shipped = 0, False
    return state


@chase.node(retry="io_default")
def ask(state: Orders) -> Orders:
    state.asked += 1
    state.is_shipped = state.asked >= SHIPPED_AT.get(state.order, 1)
    return state


rest = chase.wait("rest", duration="10m")


@chase.node
def note_shipped(state: Orders) -> Orders:
    state.shipped[state.order] = state.asked
    return state


@chase.node
def note_late(state: Orders) -> Orders:
    state.late.append(state.order)
    return state


go_on = chase.parallel("go_on")

take.then(ask)
ask.then(rest, when="!state.is_shipped").otherwise(note_shipped)
rest.repeat(ask, when="!state.is_shipped", max_iterations=6)  # six questions per order
ask.on_limit(note_late)
note_shipped.then(go_on)
note_late.then(go_on)
go_on.repeat(take, when="size(state.waiting) > 0", max_iterations=100)


async def main() -> Orders:
    began = time.perf_counter()
    clock = testing.VirtualClock()
    start = clock.now()
    async with testing.engine(chase, clock=clock) as engine:
        execution = await engine.start(chase, Orders(waiting=["A-1", "A-2", "A-3"]))
        done = await clock.until(execution.result())
    for order, asked in done.shipped.items():
        print(f"{order}  shipped, said at question {asked}")
    for order in done.late:
        print(f"{order}  not shipped in an hour")
    minutes, took = (clock.now() - start) // 60_000, time.perf_counter() - began
    print(f"{minutes} minutes in {took * 1000:.0f} ms")
    return done


if __name__ == "__main__":
    asyncio.run(main())
