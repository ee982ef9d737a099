"""For users' tests and for ours: an engine in memory, a clock that is moved by hand, what a store must do.

It needs no plugin and no pytest. With pytest-asyncio (or anything that runs async tests) a test reads:

    from pectin import testing

    async def test_nobody_decides() -> None:
        clock = testing.VirtualClock()
        async with testing.engine(refund, clock=clock) as engine:
            execution = await engine.start(refund, Refund(order="A-1"))
            assert await testing.until_waiting(execution) == ("review",)
            await clock.advance("72h")
            assert (await execution.result()).receipt is None

A fixture is the same in two lines: `async with testing.engine(refund) as engine: yield engine`. A node needs none of
this: it is still the function that it was made from. `testing.crashtest` kills a workflow at every point of its run,
`testing.simulate` draws what goes wrong from a seed, and `testing.store_contract` is for whoever writes a store.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pectin.testing.clock import NothingDue, VirtualClock
    from pectin.testing.in_memory import engine, until_waiting

# Imported when they are first used: pytest loads this room for its plugin, in suites that have nothing to do with it.
_HOMES = {
    "NothingDue": "pectin.testing.clock",
    "VirtualClock": "pectin.testing.clock",
    "engine": "pectin.testing.in_memory",
    "until_waiting": "pectin.testing.in_memory",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


__all__ = ["NothingDue", "VirtualClock", "engine", "until_waiting"]
