"""Threads for what may block."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import weakref
from functools import partial

import pytest

from pectin.runtime.threads import Threads

name: contextvars.ContextVar[str] = contextvars.ContextVar("name")


async def test_a_call_returns_and_raises_as_the_function_does() -> None:
    threads = Threads()
    assert await threads.call(lambda: threading.current_thread() is threading.main_thread()) is False
    with pytest.raises(KeyError, match="gone"):
        await threads.call(partial(dict[str, int]().__getitem__, "gone"))
    with pytest.raises(RuntimeError, match="StopIteration"):
        await threads.call(lambda: next(iter(())))
    threads.close()


async def test_a_call_sees_the_context_of_its_caller() -> None:
    threads = Threads()
    name.set("here")
    assert await threads.call(name.get) == "here"
    threads.close()


async def test_idle_threads_are_used_again() -> None:
    threads = Threads()
    used = {await threads.call(threading.get_ident) for _ in range(50)}
    assert len(used) < 10
    threads.close()


async def test_an_abandoned_call_holds_up_nobody() -> None:
    threads, never, began = Threads(), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        never.wait()

    hanging = threads.call(hang)
    await threads.call(began.wait)
    hanging.cancel()
    assert await threads.call(lambda: 7) == 7
    threads.close()
    never.set()


async def test_an_idle_thread_keeps_nothing_alive() -> None:
    class Result:
        pass

    threads = Threads()
    result = await threads.call(Result)
    remembered = weakref.ref(result)
    del result
    await threads.call(lambda: None)
    await asyncio.sleep(0)
    gc.collect()
    assert remembered() is None
    threads.close()


def test_a_call_that_outlives_its_loop_ends_quietly() -> None:
    threads, release = Threads(), threading.Event()

    def outlive() -> None:
        release.wait()

    async def leave() -> None:
        threads.call(outlive).cancel()

    asyncio.run(leave())
    threads.close()
    release.set()
    for thread in threading.enumerate():
        if thread.name == "pectin":
            thread.join(5)
    assert not any(thread.name == "pectin" for thread in threading.enumerate())


async def test_no_thread_keeps_the_process() -> None:
    assert await Threads().call(lambda: threading.current_thread().daemon) is True
