"""Medians, percentiles, ratios, and who takes turns with whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.measure import Bench, WrongResult, alternate, compared, expect, median, percentile, throughput


class Time:
    """A clock that stands still unless somebody takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_median_is_the_middle_and_no_outlier_moves_it() -> None:
    assert median([3.0, 1.0, 1_000.0]) == 3.0
    assert median([1.0, 2.0, 4.0, 1_000.0]) == 3.0
    assert median([7.0]) == 7.0


def test_a_percentile_is_a_value_that_was_there() -> None:
    hundred = [float(value) for value in range(100, 0, -1)]
    assert (percentile(hundred, 50), percentile(hundred, 99), percentile(hundred, 100)) == (50.0, 99.0, 100.0)
    assert percentile([5.0], 99) == 5.0


@given(st.lists(st.floats(0, 1e9), min_size=1), st.sampled_from([1, 50, 90, 99]))
def test_so_many_percent_do_not_pass_a_percentile(values: list[float], percent: int) -> None:
    least = percentile(values, percent)
    assert sum(value <= least for value in values) * 100 >= percent * len(values)
    assert sum(value < least for value in values) * 100 < percent * len(values)


async def test_ours_and_raw_take_turns_after_one_that_is_not_counted(tmp_path: Path) -> None:
    time, cpu, turns = Time(), Time(), list[str]()

    def raw() -> float:
        turns.append("raw")
        return float(turns.count("raw"))

    async def ours() -> int:
        turns.append("ours")
        time.now += 10.0
        cpu.now += 5.0
        return 20

    rounds = await alternate(Bench(tmp_path, 2, clock=time, cpu=cpu), raw, ours, lambda: turns.append("look"))
    assert turns == ["raw", "ours", "look", "raw", "ours", "look", "raw", "ours", "look", "raw"]
    assert [each.rate for each in rounds] == [2.0, 2.0]
    assert [each.cpu_us for each in rounds] == [250_000.0, 250_000.0]
    assert [each.raw_seconds for each in rounds] == [2.5, 3.5]  # what was just before and just behind
    assert throughput("key", "what", "steps/s", rounds).ratio == median([2.0 * 2.5, 2.0 * 3.5])


def test_the_ratio_is_that_of_a_round_and_not_of_the_medians() -> None:
    measure = compared("key", "what", "ms", [10.0, 40.0, 90.0], [10.0, 20.0, 30.0], raw_unit="ms")
    assert (measure.ours, measure.raw, measure.ratio) == (40.0, 20.0, 2.0)
    assert (measure.low, measure.high) == (1.0, 3.0)
    with pytest.raises(ValueError, match="zip"):
        compared("key", "what", "ms", [1.0, 2.0], [1.0], raw_unit="ms")


def test_a_wrong_result_says_what_and_what_it_should_be() -> None:
    expect([1], [1], "steps")
    with pytest.raises(WrongResult, match="steps: 9, not 10"):
        expect(9, 10, "steps")
