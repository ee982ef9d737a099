"""Who takes turns with whom, how much they do in one, and what a failure of one leaves to the other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.measure import WrongResult
from bench.peers.peer import BRANCHES, STEPS
from bench.peers.process import Answer, PeerFailed
from bench.peers.turns import PARKED, WOKEN, Turns, contest, fitting, shortened

EACH = {"sequential": 1, "many": STEPS, "fan_out": BRANCHES, "park": 1}


class Scripted:
    """Does what it is asked, each in so many seconds; fails at one call, or does one too few."""

    def __init__(self, name: str, seconds: float, turns: list[str], fails: str = "", forgets: str = "") -> None:
        self._name = name
        self._seconds = seconds
        self._turns = turns
        self._fails = fails
        self._forgets = forgets
        self._parked = 0

    async def ask(self, call: str, count: int) -> Answer:
        self._turns.append(f"{self._name} {call}")
        if call == self._fails:
            raise PeerFailed("it broke")
        if call == "wake":
            return Answer([self._seconds] * count, self._seconds * count)
        if call == "park":
            self._parked += count
        done = count * EACH[call]
        return Answer(done - (call == self._forgets), done * self._seconds)

    def memory_kb(self) -> float:
        return 1_000 + 3 * self._parked


async def hold(ours: Any, peer: Any, turns: list[str], rounds: int = 2) -> tuple[Turns, Turns, str]:
    def raw() -> float:
        turns.append("raw")
        return 0.001

    return await contest(ours, peer, raw, rounds)


async def test_each_is_compared_with_raw() -> None:
    turns: list[str] = []
    ours, peer, failure = await hold(Scripted("ours", 0.0005, turns), Scripted("peer", 0.01, turns), turns)
    assert failure == ""
    found = {measure.key: measure for measure in ours.measures()}
    assert [found[key].ratio for key in ("sequential", "many", "fan-out")] == [pytest.approx(2.0)] * 3
    found = {measure.key: measure for measure in peer.measures()}
    assert [found[key].ratio for key in ("sequential", "many", "fan-out")] == [pytest.approx(0.1)] * 3
    assert found["parked-memory"].ours == pytest.approx(3.0)
    assert (found["wake-p50"].ours, found["wake-p50"].ratio) == (pytest.approx(10.0), pytest.approx(10.0))


async def test_raw_stands_before_and_behind_each_turn() -> None:
    turns: list[str] = []
    await hold(Scripted("ours", 0.001, turns), Scripted("peer", 0.001, turns), turns)
    assert turns[:7] == [
        "ours sequential",
        "peer sequential",
        "raw",
        "ours sequential",
        "raw",
        "peer sequential",
        "raw",
    ]
    counted = turns[turns.index("raw") :]
    assert counted.count("raw") == 4 * (1 + 2 * 2)


async def test_what_a_peer_did_before_it_failed_counts() -> None:
    turns: list[str] = []
    ours, peer, failure = await hold(Scripted("ours", 0.001, turns), Scripted("peer", 0.001, turns, "fan_out"), turns)
    assert failure == "it broke"
    assert [measure.key for measure in peer.measures()] == ["sequential", "many"]
    assert [measure.key for measure in ours.measures()] == ["sequential", "many"]


async def test_a_peer_that_leaves_out_a_step_fails() -> None:
    turns: list[str] = []
    *_, failure = await hold(Scripted("ours", 0.001, turns), Scripted("peer", 0.001, turns, forgets="many"), turns)
    assert failure == "many: it did 999, not 1000"


@pytest.mark.parametrize("wrong", [{"fails": "park"}, {"forgets": "park"}])
async def test_our_own_failure_ends_the_run(wrong: dict[str, str]) -> None:
    turns: list[str] = []
    with pytest.raises(WrongResult, match="park: it"):
        await hold(Scripted("ours", 0.001, turns, **wrong), Scripted("peer", 0.001, turns), turns)


async def test_the_turns_of_two_contests_add_up() -> None:
    turns: list[str] = []
    first, *_ = await hold(Scripted("ours", 0.001, turns), Scripted("peer", 0.001, turns), turns, rounds=1)
    second, *_ = await hold(Scripted("ours", 0.003, turns), Scripted("peer", 0.001, turns), turns, rounds=2)
    first.extend(second)
    assert [len(measure.rounds) for measure in first.measures()] == [3] * 5
    assert first.measures()[0].ratio == pytest.approx(1 / 3)


def test_who_is_slow_does_less_in_a_turn() -> None:
    assert fitting(1_000, 100, 6.0, turn_seconds=60) == 1_000
    assert fitting(1_000, 100, 6.1, turn_seconds=60) == 983
    assert fitting(10, 1, 500.0, turn_seconds=60) == 1


@given(st.integers(1, 10_000), st.integers(1, 1_000), st.floats(1e-6, 1e4))
def test_a_turn_has_time_for_what_is_done_in_it(full: int, tried: int, seconds: float) -> None:
    count = fitting(full, tried, seconds, turn_seconds=60)
    assert 1 <= count <= full
    assert count == 1 or count * seconds / tried <= 60 * 1.000001


def test_less_than_the_full_size_is_told() -> None:
    assert shortened({"sequential": 1_000, "parked": PARKED}) == []
    assert shortened({"sequential": 100, "parked": PARKED // 10}, scale=10) == []
    assert shortened({"many": 180}) == ["many: 180 in a turn instead of 1,000, since a turn lasts 60 s at most"]
    assert WOKEN < PARKED
