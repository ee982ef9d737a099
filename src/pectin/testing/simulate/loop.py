"""An event loop without a world: time is virtual, and what runs next is drawn from a seed.

A real loop runs what is ready in the order in which it became so, and a test sees one order. This one draws, so each
seed is another order, and the same seed the same. When nothing is ready it goes to the next time that is due, at once.
It has no network and no threads: whatever it hasn't it refuses by name, and the simulation ends with that.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
from asyncio import events
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from itertools import count
from random import Random
from typing import Any, NoReturn, TypeVar, TypeVarTuple, Unpack

from pectin.core.error import PectinError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

HERE: ContextVar[Process | None] = ContextVar("process", default=None)
"""The process to which what runs belongs; None for the simulation itself."""

AWAITS_IN_FINALLY_MAX = 100
"""How often a coroutine is closed that awaits once more in a `finally`; one that never stops is left."""


class Deadlock(AssertionError):
    """Nothing is ready and nothing will ever be: a wake-up was lost."""


class NotSimulated(PectinError):
    """Something real was asked of the loop: a network, a thread, a signal."""


class Process:
    """A process of the simulated machine: all that was begun by what it `spawn`ed.

    After a `crash` nothing of it runs any more, no `finally` and no `except`. While it is frozen (SIGSTOP) nothing runs
    until it is thawed; then everything that came due meanwhile runs late.
    """

    def __init__(self, loop: SeededLoop, name: str) -> None:
        self.name = name
        self.is_dead = False
        self._loop = loop
        self._context = copy_context()
        self._context.run(HERE.set, self)
        self._frozen: list[asyncio.Handle] | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._full = 64

    @property
    def is_frozen(self) -> bool:
        return self._frozen is not None

    def spawn(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin something in this process."""
        return self._loop.create_task(work, name=self.name, context=self._context.copy())

    def begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin what nobody in it awaits: if it raises, the simulation ends with that."""
        task = self.spawn(work)
        task.add_done_callback(self._loop.end_if_failed)
        return task

    def crash(self) -> None:
        """End it as SIGKILL does."""
        self.is_dead = True
        self._frozen = None

    def freeze(self) -> None:
        """Stop it where it is."""
        if not self.is_dead and self._frozen is None:
            self._frozen = []

    def thaw(self) -> None:
        """Let it go on."""
        frozen, self._frozen = self._frozen, None
        for handle in frozen or ():
            self._loop.make_ready(handle, self)

    def hold(self, handle: asyncio.Handle) -> bool:
        """Keep what may not run now. Whether that was done."""
        if self._frozen is not None:
            self._frozen.append(handle)
        return self.is_dead or self._frozen is not None

    def adopt(self, task: asyncio.Task[Any]) -> None:
        """Remember a task: a coroutine that nobody refers to is closed, and its `finally` would run."""
        if len(self._tasks) == self._full:
            self._tasks = [task for task in self._tasks if not task.done()]
            self._full = max(64, 2 * len(self._tasks))
        self._tasks.append(task)

    def check(self) -> None:
        """Raise what a task has raised that nobody awaited. asyncio says it once the task is gone, which we prevent."""
        for task in self._tasks if not self.is_dead else ():  # whoever awaited it may be dead, too
            if task.done() and task._log_traceback and (failure := task.exception()) is not None:  # type: ignore[attr-defined]
                raise failure

    def bury(self) -> None:
        """Take apart what never ended, once nothing it does can matter."""
        while self._tasks:
            task = self._tasks.pop()
            if not task.done():
                task._log_destroy_pending = False  # type: ignore[attr-defined]
                _close(task.get_coro())


class SeededLoop(asyncio.AbstractEventLoop):
    """A loop that is driven by `run`. Its time is in seconds, from 0."""

    def __init__(self, random: Random) -> None:
        self.outside = Process(self, "outside")
        self._random = random
        self._now = 0.0
        self._ready: list[tuple[asyncio.Handle, Process | None]] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle, Process | None]] = []
        self._numbers = count()
        self._processes: list[Process] = []
        self._failure: BaseException | None = None
        self._is_running = False
        self._is_over = False

    def process(self, name: str) -> Process:
        """A new process."""
        self._processes.append(Process(self, name))
        return self._processes[-1]

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run until `main` is done. Raises `Deadlock`, and whatever a callback of the simulation itself raised."""
        around, hooks = events._get_running_loop(), sys.get_asyncgen_hooks()
        events._set_running_loop(self)
        sys.set_asyncgen_hooks(None, self._finish)
        self._is_running = True
        try:
            task = self.create_task(main, name="main")
            while not task.done():
                self._run_one()
                if self._failure is not None:
                    raise self._failure
            for process in (*self._processes, self.outside):
                process.check()
            return task.result()
        finally:
            self._is_over = True  # what is taken apart now begins nothing
            self._is_running = False
            for process in (*self._processes, self.outside):  # what they still begin belongs to the outside
                process.bury()
            sys.set_asyncgen_hooks(*hooks)
            events._set_running_loop(around)  # a test that is async goes on in its own

    def _finish(self, generator: AsyncGenerator[Any, Any]) -> None:
        """Run the `finally` of one that was left in the middle, unless its process is dead."""
        if not self._is_over and not _is_dead(HERE.get()):
            self.create_task(generator.aclose())

    def _run_one(self) -> None:
        if not self._ready:
            self._pass_time()
        index = self._random.randrange(len(self._ready)) if len(self._ready) > 1 else 0
        self._ready[index], self._ready[-1] = self._ready[-1], self._ready[index]
        handle, process = self._ready.pop()
        if not handle.cancelled() and not (process is not None and process.hold(handle)):
            handle._run()

    def _pass_time(self) -> None:
        """Go to the next time that is due, and make ready what is due then."""
        timers = self._timers
        while timers and (timers[0][2].cancelled() or _is_dead(timers[0][3])):
            heapq.heappop(timers)
        if not timers:
            raise Deadlock("nothing is ready, and nothing will ever be")
        self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            _, _, handle, process = heapq.heappop(timers)
            self._ready.append((handle, process))

    def make_ready(self, handle: asyncio.Handle, process: Process | None) -> None:
        """Let it run among what is ready."""
        self._ready.append((handle, process))

    def end_if_failed(self, task: asyncio.Task[Any]) -> None:
        """End the simulation with what a task has raised."""
        if not task.cancelled():
            self._end(task.exception())

    def refuse(self, name: str) -> NoReturn:
        """Refuse what isn't simulated, and end the simulation with that, whoever catches it."""
        refusal = NotSimulated(
            f"`{name}` is not simulated: there is no network, no thread and no file here; "
            "give the function something that stands for it"
        )
        self._end(refusal)
        raise refusal

    def _end(self, failure: BaseException | None) -> None:
        if not self._is_over and self._failure is None:
            self._failure = failure

    # -- what asyncio asks of a loop ----------------------------------------------------------------------------

    def time(self) -> float:
        return self._now

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        context = copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, context)
        if not self._is_over:
            self._ready.append((handle, context.get(HERE)))
        return handle

    call_soon_threadsafe = call_soon

    def call_later(
        self, delay: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        context = copy_context() if context is None else context
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        if not self._is_over:
            heapq.heappush(self._timers, (when, next(self._numbers), timer, context.get(HERE)))
        return timer

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Coroutine[Any, Any, T] | Generator[Any, None, T],
        *,
        name: str | None = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        owner = (context or copy_context()).get(HERE)
        (owner or self.outside).adopt(task)
        return task

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """What a callback raised, or a task that nobody awaited: it ends the simulation."""
        self._end(context.get("exception"))

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self._is_running

    def is_closed(self) -> bool:
        return self._is_over

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is dropped when its time comes."""


def _refusal(name: str) -> Callable[..., NoReturn]:
    def refuse(loop: SeededLoop, *_: object, **__: object) -> NoReturn:
        loop.refuse(name)

    return refuse


for _name in vars(asyncio.AbstractEventLoop).keys() - vars(SeededLoop).keys():
    if not _name.startswith("__"):
        setattr(SeededLoop, _name, _refusal(_name))


def _close(coroutine: Any) -> None:
    """Close it, also where its `finally` awaits, which ends a first attempt."""
    for _ in range(AWAITS_IN_FINALLY_MAX):
        with suppress(BaseException):
            coroutine.close()
            return


def _is_dead(process: Process | None) -> bool:
    return process is not None and process.is_dead
