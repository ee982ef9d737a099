"""A simulated host: its chance comes from the seed, and each fault of a tool does what it says."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from pectin import Context
from pectin.core.limits import LIMITS
from pectin.ports.function import Conclusion, Function, Request, Result, Verdict
from pectin.store.memory import MemoryStore
from pectin.testing.simulate.host import SimulatedHost
from pectin.testing.simulate.scene import Scene
from pectin.testing.simulate.store import SimulatedStore
from tests.testing.simulate.sample import Stage, here, live, pause

REQUEST = Request({}, Context(key="k", execution_id="e", activation="pay", attempt=2))
DONE = Result({"paid": 1, "note": "x"})


class Body:
    """A function that notes when it had its effect."""

    keys = None

    def __init__(self, conclusion: Conclusion = DONE, *, is_async: bool = True) -> None:
        self.is_async = is_async
        self.effects = 0
        self._conclusion = conclusion

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        return self._later() if self.is_async else self._now()

    def _now(self) -> Conclusion:
        self.effects += 1
        return self._conclusion

    async def _later(self) -> Conclusion:
        await pause(1)
        return self._now()


class Machine:
    """A process with a host, on a stage where these throws happen."""

    def __init__(self, *throws: str) -> None:
        self.stage = Stage(*throws)
        self.process = here().process("engine-7")
        self.store = SimulatedStore(MemoryStore(), self.stage, self.process)
        self.host = SimulatedHost(cast(Scene, self.stage), self.process)

    def call(self, body: Function, request: Request = REQUEST) -> Awaitable[Conclusion]:
        return self.host.call(body, request)


def story(function: Callable[[bool], Any]) -> Callable[[bool], None]:
    """A test in a simulated loop, with an async body and with one that isn't."""

    @pytest.mark.parametrize("is_async", [True, False], ids=["async", "sync"])
    def test(is_async: bool) -> None:
        live(function(is_async))

    return test


async def check_call(is_async: bool) -> None:
    machine, body = Machine(), Body(is_async=is_async)
    assert await machine.call(body) == DONE
    assert (body.effects, machine.stage.dice.happened) == (1, [])
    (entry,) = machine.stage.ledger
    assert (entry.execution, entry.activation, entry.attempt, entry.key) == ("e", "pay", 2, "k")
    assert (entry.asks, entry.late, entry.done) == (False, False, True)
    assert here().time() > 0


test_a_call_takes_time_and_stands_in_the_ledger = story(check_call)


def test_a_question_and_a_late_call_are_marked() -> None:
    async def main() -> None:
        machine = Machine()
        machine.stage.deposed = True
        asks = Request({}, REQUEST.context, asks=True)
        assert await machine.call(Body(Verdict(False)), asks) == Verdict(False)
        (entry,) = machine.stage.ledger
        assert (entry.asks, entry.late) == (True, True)

    live(main())


async def check_error(is_async: bool) -> None:
    machine, body = Machine("tool_error-0"), Body(is_async=is_async)
    with pytest.raises(ConnectionError, match="nobody answers"):
        await machine.call(body)
    assert (body.effects, machine.stage.ledger) == (0, [])


test_an_error_comes_before_the_effect = story(check_error)


async def check_lost_reply(is_async: bool) -> None:
    machine, body = Machine("tool_lost_reply-0"), Body(is_async=is_async)
    with pytest.raises(ConnectionError, match="the reply is lost"):
        await machine.call(body)
    assert body.effects == 1
    assert [(entry.key, entry.done) for entry in machine.stage.ledger] == [("k", True)]


test_a_reply_is_lost_after_the_effect = story(check_lost_reply)


async def check_hang(is_async: bool) -> None:
    machine, body = Machine("tool_hang-0"), Body(is_async=is_async)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1e6):
            await machine.call(body)
    assert body.effects == 0


test_what_hangs_never_returns = story(check_hang)


async def check_slow(is_async: bool) -> None:
    machine, body = Machine("tool_slow-0"), Body(is_async=is_async)
    assert await machine.call(body) == DONE
    assert here().time() > 10


test_what_is_slow_returns_late = story(check_slow)


@pytest.mark.parametrize(("number", "effects"), [(0, 0), (1, 1)])
def test_a_process_dies_before_an_effect_or_after_it(number: int, effects: int) -> None:
    async def main() -> None:
        machine, body = Machine(f"crash_in_body-{number}"), Body()
        call = asyncio.ensure_future(machine.call(body))
        await pause(1_000)
        assert (machine.process.is_dead, body.effects, call.done()) == (True, effects, False)

    live(main())


SPOILED: list[tuple[str, Callable[[Any], bool]]] = [
    ("huge_result-0", lambda value: len(value) > LIMITS.payload_bytes_max),
    ("nan_result-0", math.isnan),
    ("not_json_result-0", lambda value: isinstance(value, set)),
]


@pytest.mark.parametrize(("throw", "is_spoiled"), SPOILED)
def test_a_result_is_spoiled(throw: str, is_spoiled: Callable[[Any], bool]) -> None:
    async def main() -> None:
        result = await Machine(throw).call(Body())
        assert isinstance(result, Result)
        assert is_spoiled(result.patch["paid"])
        assert result.patch["note"] == "x"

    live(main())


@pytest.mark.parametrize("conclusion", [Result(), Verdict(True, DONE)])
def test_where_nothing_can_be_spoiled_nothing_is(conclusion: Conclusion) -> None:
    async def main() -> None:
        assert await Machine(*(throw for throw, _ in SPOILED)).call(Body(conclusion)) == conclusion

    live(main())


@pytest.mark.parametrize(("is_async", "effects"), [(True, 0), (False, 1)])
def test_who_is_given_up_stops_unless_it_is_in_a_thread(is_async: bool, effects: int) -> None:
    async def main() -> None:
        machine, body = Machine(), Body(is_async=is_async)
        call = asyncio.ensure_future(machine.call(body))
        await pause(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await pause(100)
        assert body.effects == effects

    live(main())


def test_a_thread_that_fails_alone_disturbs_nobody() -> None:
    async def main() -> None:
        call = asyncio.ensure_future(Machine("tool_error-0").call(Body(is_async=False)))
        await pause(0.001)
        call.cancel()
        await pause(100)

    live(main())


def test_chance_and_ids_come_from_the_seed() -> None:
    async def main() -> list[object]:
        host = Machine().host
        drawn = [host.draw(), host.draw(), host.new_id(), host.new_id()]
        assert len(set(drawn)) == 4
        return [host.name, *drawn]

    first, again = live(main()), live(main(), seed=5)
    assert first == again
    assert first[0] == "engine-7"


def test_it_looks_out_anyway_when_nobody_tells_it() -> None:
    async def main() -> float:
        machine = Machine()
        await machine.host.look_out(machine.store)
        return here().time()

    assert live(main()) == LIMITS.look_anyway_ms / 1_000


def test_it_looks_out_until_it_is_told() -> None:
    async def main() -> float:
        machine = Machine()
        here().call_later(3, machine.store.ring)
        await machine.host.look_out(machine.store)
        machine.host.close()
        return here().time()

    assert live(main()) == 3
