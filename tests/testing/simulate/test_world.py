"""A world: calm, it ends as the workflow says; each fault comes about, and the world ends all the same."""

from collections.abc import Callable
from heapq import nsmallest
from zlib import crc32

import pytest

from pectin.core.command import Signal
from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import LeaseLost
from pectin.runtime.agenda import Agenda
from pectin.runtime.timers import Timer, Timers
from pectin.store.memory import MemoryStore
from pectin.testing.simulate import world as worlds
from pectin.testing.simulate.clock import START
from pectin.testing.simulate.fault import CHANGING, Fault
from pectin.testing.simulate.store import SimulatedStore
from pectin.testing.simulate.verdict import check_effects, check_endings, endings
from pectin.testing.simulate.watch import Broken
from pectin.testing.simulate.world import LATE_SECONDS
from tests.testing.simulate.sample import DELIVERED, PARCELS, Truthful, Voice, here, world

YEAR_MS = 365 * 24 * 3_600_000
EARLY = Voice(early=[Signal(at=START, name="go", payload=None, dedup="early", by="script")])
CALM = endings(world().run())


def test_a_calm_world_ends_as_the_workflow_says() -> None:
    calm = world().run()
    assert endings(calm) == {"P-1": (WorkflowStatus.COMPLETED, DELIVERED)}
    assert (calm.dice.happened, calm.is_calm, calm.memory.term) == ([], True, 1)
    assert calm.reached == {"Decide Done": 1, "Signal Done": 1}
    assert calm.loop.time() > LATE_SECONDS


def test_calm_worlds_differ_in_their_order_and_not_in_their_end() -> None:
    lives = [world(seed).run() for seed in range(5)]
    assert len({str(list(life.watch.histories.values())) for life in lives}) == 5
    assert [endings(life) for life in lives] == [CALM] * 5


def test_the_same_seed_is_the_same_world() -> None:
    one, other = (world(3, frozenset(Fault)).run() for _ in range(2))
    assert one.watch.histories == other.watch.histories
    assert one.dice.happened == other.dice.happened != []


# -- faults --------------------------------------------------------------------------------------------------------

WORLDS_MAX = dict.fromkeys(Fault, 8) | {Fault.HUGE_RESULT: 30, Fault.TORN_GROUP: 30, Fault.SIGNAL_DOUBLED: 30}
"""In so many worlds where nothing else goes wrong, a fault happens at least once."""


def live_until(fault: Fault) -> Truthful:
    """A world in which it has happened. First come the seeds whose first throws are the lowest."""

    def lowest(seed: int) -> int:
        return min(crc32(f"{seed} {fault}-{number}".encode()) for number in range(3))

    for seed in nsmallest(WORLDS_MAX[fault], range(3_000), key=lowest):
        life = world(seed, [fault], voice=EARLY, deploys=[[PARCELS[1]]]).run()
        if life.dice.happened:
            return life
    raise AssertionError(f"{fault} never happened")


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_happens_and_all_ends_well(fault: Fault) -> None:
    life = live_until(fault)
    assert {throw.fault for throw in life.dice.happened} == {fault}
    check_effects(life)
    if fault not in CHANGING:
        check_endings(life, CALM)


@pytest.mark.parametrize("fault", [Fault.CRASH, Fault.CRASH_IN_BODY, Fault.CRASH_IN_COMMIT, Fault.TORN_GROUP])
def test_after_a_crash_another_engine_takes_over(fault: Fault) -> None:
    assert live_until(fault).memory.term > 1


def test_only_engines_are_told_what_others_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hint that is lost to somebody who doesn't listen is no fault."""
    told: list[str] = []
    ring = SimulatedStore.ring

    def note(self: SimulatedStore) -> None:
        told.append(self.process.name)
        ring(self)

    monkeypatch.setattr(SimulatedStore, "ring", note)
    for seed in range(5):
        world(seed, frozenset(Fault)).run()
    assert {name.partition("-")[0] for name in told} == {"engine"}


def test_a_deploy_brings_another_version() -> None:
    life = live_until(Fault.DEPLOY)
    assert {version for _, version in life.memory.registered} == {"1.0.0", "2.0.0"}
    assert life.memory.term == 2


def test_without_a_next_version_nothing_is_deployed() -> None:
    assert world(0, [Fault.DEPLOY]).run().dice.happened == []


def test_a_zombie_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[int] = []
    commit = MemoryStore.commit

    async def counting(self: MemoryStore, asked: object) -> None:
        try:
            await commit(self, asked)  # type: ignore[arg-type]
        except LeaseLost:
            refused.append(1)
            raise

    monkeypatch.setattr(MemoryStore, "commit", counting)
    for seed in range(100):
        life = world(seed, [Fault.ZOMBIE]).run()
        check_effects(life)
        check_endings(life, CALM)
        if refused:
            assert any(throw.fault is Fault.ZOMBIE for throw in life.dice.happened)
            return
    raise AssertionError("no zombie has ever written")


# -- what a world finds --------------------------------------------------------------------------------------------


def test_who_is_stranded_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worlds, "HORIZON_SECONDS", 3 * 24 * 3_600.0)
    set_timer, claim = Timers.set, Agenda.claim

    def oversleep(self: Timers, at: int, call: Callable[[], None]) -> Timer:
        return set_timer(self, at + YEAR_MS, call)

    async def claim_at_first(self: Agenda) -> None:
        if here().time() < 1:
            await claim(self)

    monkeypatch.setattr(Timers, "set", oversleep)
    monkeypatch.setattr(Agenda, "claim", claim_at_first)
    with pytest.raises(Broken, match="stranded: exec_"):
        world(voice=Voice(silent=("review",))).run()


def test_what_was_acknowledged_and_is_lost_is_found() -> None:
    life = world()
    life.acked["P-1"] = ExecutionId.new()
    with pytest.raises(Broken, match="P-1 was acknowledged, and is lost"):
        life.run()


def test_a_definition_is_found_by_its_run() -> None:
    life = world(deploys=[[PARCELS[1]]]).run()
    (run,) = life.watch.runs().values()
    assert life.definition_of(run).version == "1.0.0"
