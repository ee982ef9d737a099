"""A simulated process's store: it keeps the contract where nothing goes wrong, and each fault does what it says."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from pectin.core.identity import ExecutionId
from pectin.ports.line import Line
from pectin.ports.store import Store, StoreBroken, StoreError, VersionConflict
from pectin.store.memory import Memory, MemoryStore
from pectin.testing.simulate.store import GROUP_MAX, STORM_MAX, SimulatedStore
from pectin.testing.store_contract import CASES, Case, name_of
from pectin.testing.store_contract.sample import REFUND, ready, starting, step, version
from tests.testing.simulate.sample import Stage, here, live, pause

T = TypeVar("T")


class Place:
    """A memory, and a simulated store at it whose commits go wrong as the throws say."""

    def __init__(self, *throws: str) -> None:
        self.stage = Stage(*throws)
        self.memory = Memory()
        self.process = here().process("it")
        self.store = SimulatedStore(MemoryStore(self.memory), self.stage, self.process)

    async def begin(self) -> tuple[ExecutionId, int]:
        """An execution at version 2 that no fault has touched, and the fence."""
        calm = MemoryStore(self.memory)
        _, fence = await ready(lambda: calm)
        execution = ExecutionId.new()
        await calm.commit(starting(execution, fence))
        return execution, fence

    async def version(self, execution: ExecutionId) -> int:
        return await version(MemoryStore(self.memory), execution)


def commits(place: Place, execution: ExecutionId, fence: int, number: int) -> list[Awaitable[None]]:
    """So many commits, one on top of the other."""
    return [place.store.commit(step(execution, 2 + index, fence)) for index in range(number)]


async def in_order(*calls: Awaitable[T]) -> list[asyncio.Future[T]]:
    """Begin calls in this order, as the loop itself wouldn't."""
    begun: list[asyncio.Future[T]] = []
    for call in calls:
        begun.append(asyncio.ensure_future(call))
        await pause(1e-6)
    return begun


def story(function: Callable[[], Any]) -> Callable[[], None]:
    """A test in a simulated loop."""

    def test() -> None:
        live(function())

    test.__name__, test.__doc__ = function.__name__, function.__doc__
    return test


# -- where nothing goes wrong ------------------------------------------------------------------------------------


class Neighbours(Stage):
    """Everybody at once is told of what anybody wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[SimulatedStore] = []

    def wrote(self, store: SimulatedStore) -> None:
        for other in self.all:
            if other is not store:
                other.ring()


ORDERED = {"one wins", "has it", "in the order of their calls"}
"""These cases begin tasks and expect them to run in that order. Here they run in any."""

UNORDERED = [case for case in CASES if not any(name_of(case).endswith(words) for words in ORDERED)]


@pytest.mark.parametrize("case", UNORDERED, ids=name_of)
def test_it_keeps_the_contract(case: Case) -> None:
    async def main() -> None:
        memory, neighbours = Memory(), Neighbours()

        def open_store() -> Store:
            neighbours.all.append(SimulatedStore(MemoryStore(memory), neighbours, here().process("it")))
            return neighbours.all[-1]

        await case(open_store)

    live(main())


@story
async def test_a_commit_takes_time_and_is_told() -> None:
    place = Place()
    execution, fence = await place.begin()
    commit = step(execution, 2, fence)
    await place.store.commit(commit)
    assert here().time() > 0
    assert place.stage.commits == [commit]
    assert place.stage.writes == [place.store]
    assert await place.version(execution) == 3


@story
async def test_commits_that_meet_share_a_group() -> None:
    place = Place()
    execution, fence = await place.begin()
    await asyncio.gather(*await in_order(*commits(place, execution, fence, GROUP_MAX + 1)))
    assert await place.version(execution) == 2 + GROUP_MAX + 1
    assert len(place.stage.writes) == 2


@story
async def test_what_the_store_refuses_is_refused() -> None:
    place = Place()
    execution, fence = await place.begin()
    with pytest.raises(VersionConflict):
        await place.store.commit(step(execution, 1, fence))
    assert place.stage.commits == []


@story
async def test_who_gives_up_waiting_may_have_committed() -> None:
    place = Place()
    execution, fence = await place.begin()
    (commit,) = await in_order(place.store.commit(step(execution, 2, fence)))
    commit.cancel()
    await pause(1)
    assert await place.version(execution) == 3


@story
async def test_a_close_waits_for_what_is_queued() -> None:
    place = Place()
    execution, fence = await place.begin()
    (commit,) = await in_order(place.store.commit(step(execution, 2, fence)))
    await place.store.close()
    assert await place.version(execution) == 3
    await commit


# -- commits that go wrong ---------------------------------------------------------------------------------------


@story
async def test_a_storm_of_conflicts_passes() -> None:
    place = Place("conflicts-0")
    execution, fence = await place.begin()
    refused = 0
    while await place.version(execution) == 2:
        line = Line()
        try:
            await place.store.commit(step(execution, 2, fence, line=line))
        except VersionConflict:
            refused += 1
            assert line.is_broken
    assert 1 <= refused <= STORM_MAX


@story
async def test_nobody_comes_before_a_beginning() -> None:
    place = Place("conflicts-0")
    fence = await place.store.take()
    await place.store.publish(REFUND)
    execution = ExecutionId.new()
    await place.store.commit(starting(execution, fence))
    assert await place.version(execution) == 2


@story
async def test_after_a_store_error_nothing_was_written_and_the_next_is() -> None:
    place = Place("store_error-0")
    execution, fence = await place.begin()
    line = Line()
    with pytest.raises(StoreError) as error:
        await place.store.commit(step(execution, 2, fence, line=line))
    assert type(error.value) is StoreError
    assert line.is_broken
    assert (await place.version(execution), place.stage.commits) == (2, [])
    await place.store.commit(step(execution, 2, fence))
    assert await place.version(execution) == 3


@story
async def test_after_a_lost_reply_all_was_written_and_the_store_is_broken_for_good() -> None:
    place = Place("lost_reply-0")
    execution, fence = await place.begin()
    with pytest.raises(StoreBroken):
        await place.store.commit(step(execution, 2, fence))
    assert await place.version(execution) == 3
    for again in (place.store.commit(step(execution, 3, fence)), place.store.load(execution), place.store.take()):
        with pytest.raises(StoreBroken):
            await again
    with pytest.raises(StoreBroken):
        place.store.changed()
    assert await place.version(execution) == 3


@story
async def test_what_was_queued_behind_a_lost_reply_is_not_written() -> None:
    place = Place("lost_reply-0")
    execution, fence = await place.begin()
    begun = await in_order(*commits(place, execution, fence, GROUP_MAX + 1))
    outcomes = await asyncio.gather(*begun, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [StoreBroken] * (GROUP_MAX + 1)
    assert await place.version(execution) == 2 + GROUP_MAX


@story
async def test_of_a_torn_group_some_are_written() -> None:
    place = Place("torn_group-0")
    execution, fence = await place.begin()
    await in_order(*commits(place, execution, fence, GROUP_MAX))
    await pause(1)
    assert place.process.is_dead
    assert await place.version(execution) == 2 + GROUP_MAX // 2


@story
async def test_one_commit_can_t_be_torn() -> None:
    place = Place("torn_group-0")
    execution, fence = await place.begin()
    await place.store.commit(step(execution, 2, fence))
    assert place.stage.dice.happened == []


@story
async def test_who_dies_in_a_commit_never_hears_that_it_was_written() -> None:
    place = Place("crash_in_commit-0")
    execution, fence = await place.begin()
    heard: list[str] = []

    async def commit() -> None:
        try:
            await place.store.commit(step(execution, 2, fence))
        finally:
            heard.append("something")

    place.process.spawn(commit())
    await pause(1)
    assert (place.process.is_dead, heard) == (True, [])
    assert await place.version(execution) == 3
    assert place.stage.writes == [place.store]


# -- hints -------------------------------------------------------------------------------------------------------


@story
async def test_it_has_changed_once_it_was_told() -> None:
    place = Place()
    assert not place.store.changed()
    place.store.ring()
    place.store.ring()
    assert place.store.changed()
    assert not place.store.changed()


@story
async def test_who_looks_out_is_woken() -> None:
    place = Place()
    here().call_later(5, place.store.ring)
    await place.store.news()
    assert here().time() == 5


@story
async def test_each_verb_that_writes_tells() -> None:
    place = Place()
    await ready(lambda: place.store)
    assert len(place.stage.writes) == 3
