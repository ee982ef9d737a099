"""What there is to draw."""

from __future__ import annotations

import pytest

from pectin.cli.picture.chart import AT_END, AT_LIMIT, START, STOP, Box, Way, chart_of
from pectin.nodes import bind
from tests.cli.picture.drawn import every_kind, example
from tests.core.chance import random_definition


def test_everything_at_once() -> None:
    chart = chart_of(every_kind())
    assert chart.title == "all 1.0.0"
    boxes = {box.id: box for box in chart.boxes}
    assert boxes["score"] == Box("score", "map", "score", ("each of state.items, 2 at once", "runs one", "pure"))
    assert "one" not in boxes, "a map and its items are one box"
    assert [box.id for box in chart.boxes if box.kind.startswith("(")] == [START, f"{STOP}look", AT_LIMIT, AT_END]
    ways = {(way.source, way.target): way for way in chart.ways}
    assert ways["again", "write"] == Way("again", "write", ("repeat when !state.ok, at most 3",), repeats=True)
    assert ways["review", "arrive"].labels == ("rejected", "timeout"), "two edges, one arrow"
    assert ways["write", "too_long"] == Way("write", "too_long", ("on_limit",), is_aside=True)
    assert {(START, "look"), (AT_LIMIT, "explain"), (AT_END, "tidy"), ("tidy", "thank")} <= ways.keys()


def test_what_is_taken_anyway_is_no_way_aside() -> None:
    trip = example("trip")["trip"]
    assert Way("pay", "cancel_hotel", ("on_error",), is_aside=True) in trip.ways


def test_in_sentences() -> None:
    assert example("refund")["refund"].describe() == (
        "start leads to look_up. look_up leads to assess. assess leads to review (when state.risk == 'high'), "
        "pay (otherwise). review leads to pay (approved), end (rejected or timeout)."
    )


@pytest.mark.parametrize("seed", range(30))
def test_each_node_is_a_box_and_no_edge_is_lost(seed: int) -> None:
    program = bind(random_definition(seed))
    chart = chart_of(program)
    items = program.definition.item_nodes()
    assert [box.id for box in chart.boxes if not box.kind.startswith("(")] == [
        node for node in program.nodes if node not in items
    ]
    ids = {box.id for box in chart.boxes}
    assert len(ids) == len(chart.boxes)
    assert all({way.source, way.target} <= ids for way in chart.ways)
    drawn = {(way.source, way.target) for way in chart.ways}
    assert all(
        (edge.source, edge.target) in drawn or (edge.source, f"{STOP}{edge.source}") in drawn
        for edge in program.definition.edges
    )
