"""The courses of arrows."""

from __future__ import annotations

from pectin.cli.picture.layered import Arrow, Size
from pectin.cli.picture.layout import Layout, lay_out

BOX = Size(100, 40)


def laid_out(names: str, *ways: str) -> Layout:
    return lay_out(dict.fromkeys(names, BOX), [Arrow(source, target) for source, target in ways])


def test_a_head_stands_at_the_top_of_its_box() -> None:
    layout = laid_out("ab", "ab")
    (route,) = layout.routes
    assert route.end == (layout.boxes["b"].x + 50, layout.boxes["b"].y)
    assert route.label is None


def test_arrows_to_one_box_end_apart_in_the_order_in_which_they_come() -> None:
    layout = laid_out("abcd", "ab", "ac", "bd", "cd")
    left, right = layout.routes[2].end[0], layout.routes[3].end[0]
    assert right - left >= 14
    assert layout.boxes["b"].x < layout.boxes["c"].x


def test_a_way_back_goes_around_and_comes_in_from_above() -> None:
    layout = laid_out("ab", "ab", "ba")
    route = layout.routes[1]
    assert route.start[1] == layout.boxes["b"].y + 40
    assert route.end[1] == layout.boxes["a"].y
    outside = [point[0] for piece in route.pieces for point in piece]
    assert max(outside) > layout.boxes["a"].x + 100 or min(outside) < layout.boxes["a"].x


def test_a_box_with_many_arrows_has_room_for_all_of_them() -> None:
    names = "abcdefghijklmnop"
    layout = laid_out(names, *(f"a{name}" for name in names[1:]))
    starts = [route.start[0] for route in layout.routes]
    assert len(set(starts)) == len(starts)
    assert all(layout.boxes["a"].x <= start <= layout.boxes["a"].x + 100 for start in starts)
