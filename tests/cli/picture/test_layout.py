"""Layouts: what must be true of all of them, and a few that are known."""

from __future__ import annotations

import itertools
import time
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pectin.cli.picture.layered import Arrow, Size
from pectin.cli.picture.layout import PART_GAP, Layout, Place, lay_out
from pectin.cli.picture.routes import Point, Route

Graph = tuple[dict[str, Size], list[Arrow]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Any graph: with cycles, arrows from a box to itself, several between two boxes, and parts apart."""
    sizes = st.builds(Size, st.integers(16, 240), st.integers(16, 90))
    names = [f"b{number}" for number in range(draw(st.integers(1, 14)))]
    boxes = {name: draw(sizes) for name in names}
    labels = st.none() | st.builds(Size, st.integers(10, 200), st.integers(15, 50))
    arrows = st.builds(Arrow, st.sampled_from(names), st.sampled_from(names), labels, st.sampled_from([0.2, 1.0]))
    return boxes, draw(st.lists(arrows, max_size=24))


def curve(route: Route, steps: int = 24) -> list[Point]:
    """Points on a route."""
    points, at = [route.start], route.start
    for piece in route.pieces:
        for number in range(1, steps + 1):
            t = number / steps
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
            x, y = (
                sum(weight * point[axis] for weight, point in zip(weights, (at, *piece), strict=True))
                for axis in (0, 1)
            )
            points.append((x, y))
        at = piece.end
    return points


def overlap(one: Place, other: Place) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def is_inside(point: Point, place: Place, slack: float = 0.5) -> bool:
    return (
        place.x + slack < point[0] < place.x + place.width - slack
        and place.y + slack < point[1] < place.y + place.height - slack
    )


def label_places(layout: Layout, arrows: list[Arrow]) -> dict[int, Place]:
    """By the arrow's index."""
    return {
        index: Place(route.label[0] - arrow.label.width / 2, route.label[1] - arrow.label.height / 2, *arrow.label)
        for index, (route, arrow) in enumerate(zip(layout.routes, arrows, strict=True))
        if route.label is not None and arrow.label is not None
    }


@given(graphs())
def test_nothing_lies_on_anything(graph: Graph) -> None:
    boxes, arrows = graph
    layout = lay_out(boxes, arrows)
    assert {name: Size(place.width, place.height) for name, place in layout.boxes.items()} == boxes
    labels = list(label_places(layout, arrows).values())
    assert len(labels) == sum(arrow.label is not None for arrow in arrows)
    for one, other in itertools.combinations([*layout.boxes.values(), *labels], 2):
        assert not overlap(one, other)
    for place in (*layout.boxes.values(), *labels):
        assert place.x >= 0
        assert place.y >= 0
        assert place.x + place.width <= layout.width + 0.01
        assert place.y + place.height <= layout.height + 0.01


@given(graphs())
def test_arrows_begin_and_end_at_their_boxes_and_cross_no_other(graph: Graph) -> None:
    boxes, arrows = graph
    layout = lay_out(boxes, arrows)
    for index, (arrow, route) in enumerate(zip(arrows, layout.routes, strict=True)):
        source, target = layout.boxes[arrow.source], layout.boxes[arrow.target]
        assert abs(route.start[1] - (source.y + source.height)) < 0.01, "from the bottom"
        assert source.x <= route.start[0] <= source.x + source.width
        assert abs(route.end[1] - target.y) < 0.01, "to the top"
        assert target.x <= route.end[0] <= target.x + target.width
        assert route.pieces[-1].other[0] == route.end[0], "a head points down"
        points = curve(route)
        assert all(-0.01 <= x <= layout.width + 0.01 and -0.01 <= y <= layout.height + 0.01 for x, y in points)
        others = [label for other, label in label_places(layout, arrows).items() if other != index]
        for place in (*layout.boxes.values(), *others):
            assert not any(is_inside(point, place) for point in points)


@given(graphs())
def test_the_same_graph_has_the_same_layout(graph: Graph) -> None:
    assert lay_out(*graph) == lay_out(*graph)


@given(graphs())
def test_arrows_lead_down_unless_they_close_a_cycle(graph: Graph) -> None:
    boxes, arrows = graph
    layout = lay_out(boxes, arrows)
    order = {name: place for place, name in enumerate(boxes)}
    onward = [arrow for arrow in arrows if order[arrow.source] < order[arrow.target]]
    down = lay_out(boxes, onward)
    for arrow in onward:
        assert down.boxes[arrow.target].y > down.boxes[arrow.source].y
    assert len(layout.routes) == len(arrows)


def test_a_row_stands_straight() -> None:
    layout = lay_out({"a": Size(60, 30), "b": Size(100, 30)}, [Arrow("a", "b")])
    assert layout.boxes["a"].x + 30 == layout.boxes["b"].x + 50
    assert layout.routes[0].start[0] == layout.routes[0].end[0]


def test_branches_stand_side_by_side_in_their_order() -> None:
    boxes = dict.fromkeys("abcd", Size(60, 30))
    layout = lay_out(boxes, [Arrow("a", "b"), Arrow("a", "c"), Arrow("b", "d"), Arrow("c", "d")])
    assert layout.boxes["b"].y == layout.boxes["c"].y
    assert layout.boxes["b"].x < layout.boxes["a"].x == layout.boxes["d"].x < layout.boxes["c"].x


def test_parts_stand_beside_each_other() -> None:
    boxes = dict.fromkeys("abc", Size(60, 30))
    layout = lay_out(boxes, [Arrow("a", "c")])
    assert layout.boxes["b"].x == 60 + PART_GAP
    assert layout.boxes["b"].y == 0


def test_nothing_to_draw() -> None:
    assert lay_out({}, []) == Layout(0.0, 0.0, {}, [])


def test_two_hundred_nodes_take_less_than_a_second() -> None:
    random = Random(7)
    boxes = {f"n{number}": Size(80, 40) for number in range(200)}
    arrows = [Arrow(f"n{random.randrange(max(number - 12, 0), number)}", f"n{number}") for number in range(1, 200)]
    arrows += [
        Arrow(f"n{number}", f"n{min(number + random.randrange(1, 20), 199)}", Size(90, 19))
        for number in range(0, 198, 3)
    ]
    arrows += [Arrow(f"n{number + 5}", f"n{number}", Size(90, 19)) for number in range(0, 190, 17)]
    began = time.process_time()
    lay_out(boxes, arrows)
    assert time.process_time() - began < 1
