"""A seed draws one course, in which each kind of kill has its share."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from tests.torture.course import INSIDE, LONG_SECONDS, SHARES, Kind, draw_course


def test_a_seed_draws_one_course() -> None:
    first, again, other = (list(islice(draw_course(seed), 50)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_three_hundred_kills_are_of_all_kinds_and_fifty_of_them_inside_a_commit() -> None:
    kinds = Counter(turn.kind for turn in islice(draw_course(1), 300))
    assert kinds.keys() == SHARES.keys() == set(Kind)
    assert sum(kinds[kind] for kind in INSIDE) >= 60
    assert max(turn.still for turn in islice(draw_course(1), 300)) == LONG_SECONDS


def test_only_the_kinds_that_were_asked_for_are_drawn() -> None:
    assert {turn.kind for turn in islice(draw_course(1, (Kind.KILLED,)), 60)} == {Kind.KILLED}
