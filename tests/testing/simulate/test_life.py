"""An engine's life in a process of its own, and its clients, who ask again until they are told."""

import asyncio

import pytest

from pectin import DefinitionError, Workflow
from pectin.testing.simulate.clock import START
from pectin.testing.simulate.life import Life
from pectin.testing.simulate.scene import Beginning
from pectin.testing.simulate.world import World
from tests.testing.simulate.sample import PARCEL, PARCELS, Parcel, Rigged, Truthful, Voice, here, pause, world


def begin(life_of: World, *throws: str) -> Life:
    """An engine at this world's store, whose dice fall so."""
    life_of.dice = Rigged(*throws)
    life = Life(life_of, here().process("engine-1"), life_of.workflows)
    life.begin()
    return life


def test_what_clients_begin_is_acknowledged_and_goes_on() -> None:
    async def main() -> None:
        begin(there)
        await pause(10)
        run = there.watch.run(there.acked["P-1"])
        assert [run.key, *run.waiting()] == ["P-1", "review"]

    there = world()
    there.loop.run(main())


def test_an_engine_that_is_told_to_stop_is_gone() -> None:
    async def main() -> None:
        life = begin(there)
        await pause(10)
        assert not life.is_gone.is_set()
        life.told_to_stop.set()
        await life.is_gone.wait()
        assert (there.memory.term, there.memory.in_charge) == (1, None)

    there = world()
    there.loop.run(main())


def test_a_killed_engine_says_nothing() -> None:
    async def main() -> None:
        life = begin(there)
        await pause(10)
        life.process.crash()
        await pause(1_000)
        assert not life.is_gone.is_set()
        assert there.memory.in_charge is not None

    there = world()
    there.loop.run(main())


def test_an_engine_whose_store_breaks_is_gone() -> None:
    async def main() -> None:
        life = begin(there, "lost_reply-0")
        await life.is_gone.wait()
        assert there.acked == {}
        assert len(there.watch.runs()) == 1

    there = world()
    there.loop.run(main())


def test_a_client_asks_again_until_it_is_told() -> None:
    async def main() -> None:
        begin(there, "store_error-0", "store_error-1")
        await pause(10)
        assert there.acked.keys() == {"P-1"}
        assert [throw.number for throw in there.dice.happened] == [0, 1]

    there = world()
    there.loop.run(main())


def test_a_client_begins_the_version_that_the_engine_has() -> None:
    async def main() -> None:
        life = Life(there, here().process("engine-1"), [PARCELS[1]])
        life.begin()
        await pause(10)
        assert there.watch.run(there.acked["P-1"]).workflow_version == "2.0.0"

    there = world(deploys=[[PARCELS[1]]])
    there.loop.run(main())


def test_what_an_engine_is_not_meant_to_raise_ends_the_simulation() -> None:
    async def main() -> None:
        begin(there)
        await asyncio.Event().wait()

    broken = Workflow("broken", version="1.0.0", state=Parcel)
    there = Truthful(0, [broken], [Beginning(broken, PARCEL, "P-1")], Voice())
    with pytest.raises(DefinitionError, match="the workflow has no nodes"):
        there.loop.run(main())


def test_a_clock_may_be_wrong() -> None:
    async def main(*throws: str) -> int:
        return abs(begin(there, *throws).clock.now() - START)

    there = world()
    assert there.loop.run(main()) == 0
    there = world()
    assert 0 < there.loop.run(main("clock_drift-0")) <= 5_000
