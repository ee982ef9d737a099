"""Places across and down."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.cli.picture.layered import Arrow, Size, put_in_layers
from pectin.cli.picture.placing import STEP, Band, place_across, place_down, spread

NUMBERS = st.lists(st.integers(-100, 100), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("wishes", "offsets", "places"),
    [
        ([0, 50], [0, 10], [0, 50]),
        ([0, 0], [0, 10], [-5, 5]),
        ([20, 0, 100], [0, 10, 20], [5, 15, 100]),
        ([0, 0, 0], [0, 10, 20], [-10, 0, 10]),
    ],
)
def test_wishes_and_distances(wishes: list[float], offsets: list[float], places: list[float]) -> None:
    assert spread(wishes, [1.0] * len(wishes), offsets) == places


def test_what_weighs_more_moves_less() -> None:
    assert spread([0, 0], [3.0, 1.0], [0, 8]) == [-2, 6]


@given(NUMBERS)
def test_distances_are_kept_and_nothing_nearer_to_the_wishes_is_found_beside(wishes: list[int]) -> None:
    offsets = [10.0 * place for place in range(len(wishes))]
    places = spread(wishes, [1.0] * len(wishes), offsets)
    assert all(after - before >= 10 - 1e-9 for before, after in itertools.pairwise(places))
    best = sum((place - wish) ** 2 for place, wish in zip(places, wishes, strict=True))
    for step in (-1.0, 1.0):
        for first in range(len(wishes)):
            moved = [place + step * (index >= first) for index, place in enumerate(places)]
            if all(after - before >= 10 - 1e-9 for before, after in itertools.pairwise(moved)):
                assert sum((place - wish) ** 2 for place, wish in zip(moved, wishes, strict=True)) >= best - 1e-6


def test_a_layer_without_labels_has_no_height() -> None:
    boxes = {"a": Size(60, 30), "b": Size(60, 50)}
    without = place_down(put_in_layers(boxes, [Arrow("a", "b")]))
    assert without[1:] == [
        Band(STEP, STEP + 30),
        Band(2 * STEP + 30, 2 * STEP + 30),
        Band(3 * STEP + 30, 3 * STEP + 80),
    ]
    labelled = place_down(put_in_layers(boxes, [Arrow("a", "b", Size(40, 19))]))
    assert labelled[2] == Band(2 * STEP + 30, 2 * STEP + 49)


def test_a_long_arrow_is_straight_where_there_is_room() -> None:
    boxes = dict.fromkeys("abcd", Size(60, 30))
    layered = put_in_layers(boxes, [Arrow("a", "b"), Arrow("b", "c"), Arrow("c", "d"), Arrow("a", "d")])
    across = place_across(layered)
    points = {across[point] for point in layered.chains[3].points}
    assert len(points) == 1
