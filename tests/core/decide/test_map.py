"""How a map schedules its items, and what it does when some of them fail."""

from __future__ import annotations

import pytest

from pectin.core.definition import Each, Node, OnItemFailure
from pectin.core.event import NodeCompleted, NodeFailed
from pectin.core.limits import Limits
from tests.core.case import Case
from tests.core.world import step


def mapped(mode: OnItemFailure | None, *, at_once: int | None = None, items: str = "[5, 6, 7]") -> Case:
    node = Node("m", "parallel", each=Each(items, "i", at_once, mode))
    return Case("m -> b", "m -> c on_error", nodes=[node, step("i")])


def test_without_a_word_a_failed_item_cancels_the_rest() -> None:
    for mode in (None, OnItemFailure.FAIL):
        case = mapped(mode, at_once=2)
        assert case.fail("m#1")[:3] == ["failed m#1", "cancelled m#0", "failed m"]
        assert "m#2" not in case.run.activations


def test_waiting_settles_all_and_fails_with_the_lowest_index() -> None:
    case = mapped(OnItemFailure.WAIT, at_once=2)
    assert case.fail("m#1", message="one") == ["failed m#1", "begun m#2"]
    assert case.fail("m#2", message="two") == ["failed m#2"]
    assert case.done("m#0", output=1)[:3] == ["completed m#0", "failed m", "begun c"]
    assert case.last(NodeFailed).error.message == "one"


def test_collecting_puts_errors_in_place() -> None:
    case = mapped(OnItemFailure.COLLECT)
    case.done("m#2", output=3)
    case.fail("m#0", message="zero")
    assert case.done("m#1", output=2)[:2] == ["completed m#1", "completed m"]
    output = next(event.output for event in case.events if isinstance(event, NodeCompleted) and event.activation == "m")
    assert output == [{"error": {"error_class": "io_error", "type": "OSError", "message": "zero"}}, 2, 3]


@pytest.mark.parametrize("mode", list(OnItemFailure))
def test_an_empty_map_completes(mode: OnItemFailure) -> None:
    assert mapped(mode, items="[]").started == ["mapped m", "completed m", "begun b", "skipped c"]


def test_more_items_than_allowed_are_refused() -> None:
    node = Node("m", "parallel", each=Each("[1, 2, 3]", "i"))
    case = Case("m -> c on_error", nodes=[node, step("i")], limits=Limits(items_max=2))
    assert case.last(NodeFailed).error.message == "`m` has 3 items; at most 2 are allowed"


def test_failed_items_leave_room_for_others() -> None:
    case = mapped(OnItemFailure.WAIT, at_once=1)
    for index in range(2):
        assert case.fail(f"m#{index}") == [f"failed m#{index}", f"begun m#{index + 1}"]
    assert case.fail("m#2")[:2] == ["failed m#2", "failed m"]
