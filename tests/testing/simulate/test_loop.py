"""The seeded loop: it draws what runs next, time is virtual, processes die and freeze, and nothing real is there."""

import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from random import Random
from typing import Any

import pytest

from pectin.testing.simulate.loop import HERE, Deadlock, NotSimulated, SeededLoop
from tests.testing.simulate.sample import here, live, pause


def order_of_three(seed: int) -> str:
    """The order in which three tasks run that are ready at once."""
    ran: list[str] = []

    async def run(name: str) -> None:
        ran.append(name)

    async def main() -> None:
        await asyncio.gather(*map(run, "abc"))

    live(main(), seed)
    return "".join(ran)


def test_the_seed_draws_the_order() -> None:
    assert {order_of_three(seed) for seed in range(100)} == {"abc", "acb", "bac", "bca", "cab", "cba"}


def test_the_same_seed_is_the_same_order() -> None:
    assert [order_of_three(seed) for seed in range(20)] == [order_of_three(seed) for seed in range(20)]


def test_time_passes_at_once_and_in_due_order() -> None:
    rang: list[tuple[str, float]] = []

    async def main() -> float:
        for name, delay in (("late", 86_400.0), ("soon", 1.5), ("never", 90_000.0)):
            here().call_later(delay, lambda name=name: rang.append((name, here().time())))
        await pause(86_400)
        await pause(1)
        return here().time()

    began = time.monotonic()
    assert live(main()) == 86_401
    assert rang == [("soon", 1.5), ("late", 86_400.0)]
    assert time.monotonic() - began < 60


def test_a_timeout_comes_at_its_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await pause(10)
        return here().time()

    assert live(main()) == 3


def test_what_is_cancelled_never_runs_and_a_task_may_clean_up() -> None:
    ran: list[str] = []

    async def work() -> None:
        try:
            await pause(10)
        finally:
            ran.append("finally")

    async def main() -> None:
        here().call_soon(ran.append, "soon").cancel()
        here().call_later(1, ran.append, "later").cancel()
        task = asyncio.ensure_future(work())
        await pause(2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    live(main())
    assert ran == ["finally"]


# -- processes -------------------------------------------------------------------------------------------------


async def tick(ran: list[float]) -> None:
    """Notes the time every second, and its own end."""
    try:
        while True:
            await pause(1)
            ran.append(here().time())
    finally:
        ran.append(-1)


def test_a_crash_runs_no_finally_and_nothing_of_the_dead_runs() -> None:
    async def main() -> list[float]:
        ran: list[float] = []
        process = here().process("it")
        process.spawn(tick(ran))
        await pause(2.5)
        process.crash()
        process.spawn(tick(ran))
        process.freeze()
        process.thaw()
        await pause(100)
        assert process.is_dead
        assert not process.is_frozen
        return list(ran)

    assert live(main()) == [1, 2]


@pytest.mark.parametrize("begin", [asyncio.ensure_future, asyncio.create_task])
def test_what_a_process_begins_belongs_to_it(begin: Callable[[Any], Awaitable[None]]) -> None:
    async def main() -> list[float]:
        ran: list[float] = []

        async def parent() -> None:
            process = HERE.get()
            assert process is not None
            begin(tick(ran))
            here().call_later(2, ran.append, 77)
            await pause(1.5)
            process.crash()

        here().process("it").spawn(parent())
        await pause(100)
        return list(ran)

    assert live(main()) == [1]


def test_a_frozen_process_stands_still_and_then_runs_late() -> None:
    async def main() -> list[float]:
        ran: list[float] = []
        process = here().process("it")
        process.spawn(tick(ran))
        await pause(1.5)
        process.freeze()
        process.freeze()
        await pause(10)
        assert (process.is_frozen, ran) == (True, [1])
        process.thaw()
        process.thaw()
        await pause(1.2)
        return list(ran)

    assert live(main()) == [1, 11.5, 12.5]


def test_who_is_killed_while_frozen_stays_dead() -> None:
    async def main() -> list[float]:
        ran: list[float] = []
        process = here().process("it")
        process.spawn(tick(ran))
        await pause(1.5)
        process.freeze()
        await pause(2)
        process.crash()
        process.thaw()
        await pause(5)
        return list(ran)

    assert live(main()) == [1]


# -- what ends a simulation --------------------------------------------------------------------------------------


def test_a_deadlock_is_raised() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match="nothing will ever be"):
        live(main())


def test_the_timers_of_the_dead_keep_nobody_waiting() -> None:
    async def main() -> None:
        process = here().process("it")
        process.spawn(tick([]))
        await pause(1)
        process.crash()
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        live(main())


def test_a_lost_wake_up_is_found() -> None:
    """Who looks first and then waits for a change misses one that comes between."""

    async def main() -> None:
        box: list[int] = []
        waiting: list[asyncio.Future[None]] = []

        async def take() -> None:
            if not box:
                await pause(0)
                waiting.append(here().create_future())
                await waiting[0]

        async def put() -> None:
            box.append(1)
            for each in waiting:
                each.set_result(None)

        await asyncio.gather(take(), put())

    def is_lost(seed: int) -> bool:
        try:
            live(main(), seed)
        except Deadlock:
            return True
        return False

    assert {is_lost(seed) for seed in range(50)} == {True, False}


def test_a_test_that_is_async_goes_on_in_its_own_loop() -> None:
    async def main() -> None:
        loop, hooks = asyncio.get_running_loop(), sys.get_asyncgen_hooks()
        live(pause(1))
        assert asyncio.get_running_loop() is loop
        assert sys.get_asyncgen_hooks() == hooks

    asyncio.run(main())


@pytest.mark.parametrize(("is_killed", "ended"), [(False, ["began", "ended"]), (True, ["began"])])
def test_a_generator_that_is_left_in_the_middle_ends_with_its_loop(is_killed: bool, ended: list[str]) -> None:
    said: list[str] = []

    async def count() -> AsyncGenerator[int]:
        try:
            while True:
                yield len(said)
        finally:
            said.append("began")
            await pause(1)
            said.append("ended")

    async def main() -> None:
        process = here().process("it")

        async def leave() -> None:
            async for _ in count():
                break
            await pause(0.5)
            if is_killed:
                process.crash()

        process.begin(leave())
        await pause(10)

    live(main())
    gc.collect()
    assert said == ended


def test_what_a_callback_raises_ends_the_run() -> None:
    async def main() -> None:
        here().call_later(1, lambda: 1 / 0)
        await pause(100)

    with pytest.raises(ZeroDivisionError):
        live(main())


async def fail() -> None:
    raise LookupError("nobody catches it")


def test_what_nobody_awaits_ends_the_run_if_it_raises() -> None:
    async def main() -> None:
        here().process("it").begin(fail())
        await pause(100)

    with pytest.raises(LookupError, match="nobody catches it"):
        live(main())


def test_a_task_that_nobody_awaits_is_no_secret_even_if_there_is_only_one() -> None:
    async def main() -> None:
        task = asyncio.create_task(fail())
        await pause(1)
        assert task.done()

    with pytest.raises(LookupError, match="nobody catches it"):
        live(main())


def test_what_somebody_awaits_is_theirs() -> None:
    async def main() -> str:
        with pytest.raises(LookupError):
            await here().process("it").spawn(fail())
        cancelled = here().process("other").begin(tick([]))
        await pause(1)
        cancelled.cancel()
        await pause(1)
        return "went on"

    assert live(main()) == "went on"


def test_at_the_end_all_is_taken_apart_quietly() -> None:
    ran: list[str] = []
    begun: list[object] = []

    async def clean_up_slowly() -> None:
        try:
            await pause(1_000)
        finally:
            ran.append("finally")
            begun.append(asyncio.ensure_future(pause(1)))
            await pause(1)
            ran.append("too late")

    async def generate() -> AsyncGenerator[int, None]:
        try:
            while True:
                yield 1
        finally:
            await pause(1)

    async def read() -> None:
        async with contextlib.aclosing(generate()) as numbers:
            async for _ in numbers:
                await pause(1_000)

    async def main() -> None:
        here().outside.spawn(clean_up_slowly())
        here().process("it").spawn(read())
        frozen = here().process("frozen")
        frozen.spawn(clean_up_slowly())
        await pause(1)
        frozen.freeze()
        here().process("unborn").spawn(pause(1))

    live(main())
    gc.collect()
    assert ran == ["finally", "finally"]


def test_a_loop_tells_whether_it_runs() -> None:
    loop = SeededLoop(Random(0))

    async def main() -> tuple[bool, bool, bool]:
        return loop.is_running(), loop.is_closed(), loop.get_debug()

    assert loop.run(main()) == (True, False, False)
    assert (loop.is_running(), loop.is_closed()) == (False, True)
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


# -- what it hasn't ----------------------------------------------------------------------------------------------

REAL: list[tuple[str, Callable[[], Awaitable[Any]]]] = [
    ("create_connection", lambda: asyncio.open_connection("127.0.0.1", 9)),
    ("create_server", lambda: asyncio.start_server(print, "127.0.0.1", 0)),
    ("run_in_executor", lambda: asyncio.to_thread(print)),
    ("subprocess_exec", lambda: asyncio.create_subprocess_exec("true")),
    ("getaddrinfo", lambda: here().getaddrinfo("localhost", 9)),
    ("connect_read_pipe", lambda: here().connect_read_pipe(asyncio.Protocol, sys.stdin)),
]


@pytest.mark.parametrize(("name", "ask"), REAL)
def test_what_is_real_is_refused_by_name_even_where_it_is_caught(name: str, ask: Callable[[], Awaitable[Any]]) -> None:
    async def main() -> None:
        with contextlib.suppress(Exception):
            await ask()
        await pause(1)

    with pytest.raises(NotSimulated, match=f"`{name}` is not simulated: there is no network"):
        live(main())


def test_there_is_nothing_that_is_neither_there_nor_refused() -> None:
    declared = {name for name in vars(asyncio.AbstractEventLoop) if not name.startswith("__")}
    assert len(declared) > 50
    assert declared <= vars(SeededLoop).keys()
