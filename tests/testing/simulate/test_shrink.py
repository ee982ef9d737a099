"""Shrinking: what is left still fails, and nothing in it can be left out."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from pectin.testing.simulate.shrink import TRIES_MAX, shrink


@given(happened=st.lists(st.integers(0, 500), unique=True, max_size=40), data=st.data())
def test_the_few_that_it_takes_are_left_in_their_order(happened: list[int], data: st.DataObject) -> None:
    needed = set(data.draw(st.lists(st.sampled_from(happened), max_size=3))) if happened else set[int]()
    left = shrink(happened, lambda kept: needed <= set(kept), tries=1_000)
    assert left == [each for each in happened if each in needed]


def test_it_still_fails_where_one_of_two_is_enough() -> None:
    left = shrink(list("abcdef"), lambda kept: "b" in kept or "e" in kept)
    assert left in (["b"], ["e"])


def test_what_can_be_left_out_once_others_are_gone_is_left_out() -> None:
    """`a` alone makes no difference, but together with `b` it does."""
    assert shrink(["a", "b"], lambda kept: kept != ["b"]) == []


def test_it_gives_up_in_time_with_something_that_fails() -> None:
    tried: list[Sequence[int]] = []

    def fails(kept: Sequence[int]) -> bool:
        tried.append(kept)
        return len(kept) >= 150

    left = shrink(range(1_000), fails)
    assert len(left) >= 150
    assert len(tried) == TRIES_MAX


def test_of_nothing_nothing_is_left() -> None:
    assert shrink([], lambda _: True) == []
