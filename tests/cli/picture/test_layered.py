"""Boxes in layers."""

from __future__ import annotations

from pectin.cli.picture.layered import Arrow, Layered, Size, count_crossings, put_in_layers, sweeps_for

BOX = Size(60, 30)


def layered(names: str, *ways: str) -> Layered:
    return put_in_layers(dict.fromkeys(names, BOX), [Arrow(source, target) for source, target in ways])


def depths(of: Layered) -> dict[str, int]:
    return {name: of.layer_of[number] for name, number in of.boxes.items()}


def test_the_longest_way_decides() -> None:
    assert depths(layered("abc", "ab", "bc", "ac")) == {"a": 1, "b": 3, "c": 5}


def test_a_box_without_a_way_to_it_stands_right_above_what_follows() -> None:
    assert depths(layered("abcx", "ab", "bc", "xc"))["x"] == 3


def test_a_long_arrow_has_a_point_in_each_layer_between() -> None:
    found = layered("abc", "ab", "bc", "ac")
    assert [found.layer_of[point] for point in found.chains[2].points] == [2, 3, 4]


def test_a_way_back_begins_below_its_source_and_ends_above_its_target() -> None:
    found = layered("ab", "ab", "ba", "bb")
    assert [chain.leads_back for chain in found.chains] == [False, True, True]
    assert [found.layer_of[point] for point in found.chains[1].points] == [4, 3, 2, 1, 0]
    assert [found.layer_of[point] for point in found.chains[2].points] == [4, 3, 2]


def test_a_cycle_that_nothing_leads_into_has_a_first_box_all_the_same() -> None:
    assert depths(layered("ab", "ab", "ba")) == {"a": 1, "b": 3}


def test_labels_stand_near_the_source_and_beside_what_they_go_past() -> None:
    label = Size(50, 19)
    found = put_in_layers(
        dict.fromkeys("abc", BOX),
        [Arrow("a", "b"), Arrow("b", "c"), Arrow("a", "c", label), Arrow("c", "a", label), Arrow("c", "c", label)],
    )
    places = [found.layer_of[chain.label] for chain in found.chains if chain.label is not None]
    assert places == [2, 4, 5]
    assert all(found.sizes[chain.label] == label for chain in found.chains if chain.label is not None)


def test_ways_that_needn_t_cross_don_t() -> None:
    found = layered("abcdef", "ab", "ac", "bf", "ce", "ad", "de")
    assert count_crossings(found) == 0


def test_crossings_are_counted() -> None:
    found = layered("abcd", "ac", "bd")
    assert count_crossings(found) == 0
    found.layers[-1].reverse()
    assert count_crossings(found) == 1


def test_a_large_graph_has_fewer_sweeps() -> None:
    assert sweeps_for(layered("ab", "ab"), 16) == 16
    points = layered("ab", "ab")._replace(sizes=[BOX] * 20_000)
    assert sweeps_for(points, 16) == 4
