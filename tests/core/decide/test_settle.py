"""How activations are settled: patches, what each sees, conflicts, failures, maps."""

from typing import Any

import pytest

from pectin.core.command import Complete, Done
from pectin.core.event import AttemptFailed, ClosingBegan, NodeCompleted, NodeFailed
from pectin.core.limits import Limits
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import List
from tests.core.case import EXECUTION, Case
from tests.core.world import each, fan, step

AT_ONCE = RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=0, max_delay_ms=0, jitter=False)


# -- what an activation sees ------------------------------------------------------------------------------------


def test_an_activation_sees_the_patches_of_those_it_waited_for() -> None:
    case = Case("a -> b")
    case.done("a", x=1)
    assert case.view("b") == {"x": 1, "y": 0, "z": 0}


def test_a_branch_never_sees_the_patch_of_a_concurrent_one_also_on_a_retry_after_it() -> None:
    case = Case("a -> b", "a -> c", "b -> d", "c -> d", nodes=[step("c", AT_ONCE)])
    case.done("a", x=1)
    case.done("b", y=2)
    assert case.run.data["y"] == 2
    assert case.view("c") == {"x": 1, "y": 0, "z": 0}
    case.fail("c")
    assert case.run.activations["c"].attempt == 2
    assert case.view("c") == {"x": 1, "y": 0, "z": 0}
    case.done("c", z=3)
    assert case.view("d") == {"x": 1, "y": 2, "z": 3}


def test_the_conditions_on_an_edge_see_what_its_activation_saw_and_its_own_patch() -> None:
    case = Case("a -> b", "a -> c", "c -> d when state.y == 2", "c -> e when state.z == 3 && state.x == 1")
    case.done("a", x=1)
    case.done("b", y=2)
    assert case.done("c", z=3) == ["completed c", "begun e", "skipped d"]


def test_a_branch_that_ended_stays_unseen() -> None:
    case = Case("a -> b", "a -> c", "c -> d")
    case.done("a")
    case.done("b", y=2)
    case.done("c", x=1)
    assert case.view("d") == {"x": 1, "y": 0, "z": 0}


def test_a_loop_sees_its_own_past_and_not_what_runs_beside_it() -> None:
    case = Case("s -> a", "s -> b", "a -> a repeat 5 when state.x < 2")
    case.done("s")
    case.done("a[1]", x=1)
    case.done("b", y=7)
    assert case.view("a[2]") == {"x": 1, "y": 0, "z": 0}


def test_two_loops_that_go_round_in_one_turn_keep_apart() -> None:
    """Headers that only route are entered in the middle of a turn, while nothing else is."""
    lines = ("s -> a", "s -> b", "a -> c", "c -> a repeat 9 when state.x < 1", "b -> d", "d -> b repeat 9 when false")
    case = Case(*lines, nodes=[fan("a")])
    case.done("s")
    case.done("c[1]", y=1)
    assert case.view("b[1]") == {"x": 0, "y": 0, "z": 0}
    assert case.view("c[2]") == {"x": 0, "y": 1, "z": 0}


def test_nothing_is_kept_while_nothing_is_concurrent() -> None:
    case = Case("a -> b", "a -> c", "b -> d", "c -> d", "d -> e")
    case.done("a", x=1)
    assert case.run.writes == {}
    case.done("b", x=2)
    assert list(case.run.writes) == ["x"]
    case.done("c")
    assert case.run.writes == {}
    assert case.run.activations["d"].seen == frozenset()


# -- conflicts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["bc", "cb"])
def test_concurrent_writes_that_differ_fail_the_execution_and_name_both(order: str) -> None:
    case = Case(
        "a -> b", "a -> c", "b -> d on_error", "c -> d on_error", nodes=[step("b", AT_ONCE), step("c", AT_ONCE)]
    )
    case.done("a")
    for name in order:
        case.done(name, x=ord(name))
    assert case.status == "failed"
    assert case.run.error is not None
    assert case.run.error.error_class == "state_conflict"
    assert case.run.error.message == "`b` and `c` ran side by side and set `x` to different values"
    assert not any(isinstance(event, AttemptFailed) for event in case.events)


def test_concurrent_writes_of_the_same_value_are_no_conflict() -> None:
    case = Case("a -> b", "a -> c", "b -> d", "c -> d")
    case.done("a")
    case.done("b", x=5)
    assert case.done("c", x=5) == ["completed c", "begun d"]


def test_a_write_conflicts_with_what_was_overwritten_since() -> None:
    case = Case("a -> b", "a -> c", "b -> e")
    case.done("a")
    case.done("b", x=1)
    case.done("e", x=5)
    assert case.done("c", x=5)[0] == "failed c"


def test_removing_a_key_conflicts_with_setting_it() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    case.done("b", x=1)
    case.send(Complete(at=9, activation="c", attempt=1, unset=("x",)))
    assert case.run.error is not None
    assert case.run.error.error_class == "state_conflict"


def test_a_patch_that_is_not_applied_conflicts_with_nothing_in_either_order() -> None:
    lines = ("a -> b", "a -> c", "b -> d when 7 / state.y == 1", "b -> e on_error")
    for order in ("bc", "cb"):
        case = Case(*lines)
        case.done("a")
        for name in order:
            case.done(name, x=ord(name))
        assert case.run.closing is None
        assert case.run.data["x"] == ord("c")


def test_a_key_is_removed_by_unset() -> None:
    case = Case("a -> b")
    case.send(Complete(at=9, activation="a", attempt=1, patch={"x": 1}, unset=("y",)))
    assert "y" not in case.run.data
    assert case.run.data["x"] == 1


# -- failures ---------------------------------------------------------------------------------------------------


def test_the_first_failure_that_nobody_catches_fails_the_execution() -> None:
    case = Case("a -> b", "a -> c")
    case.done("a")
    assert case.fail("b", "io_error", "gone") == ["failed b", "closing failed", "cancelled c"]
    assert case.last(ClosingBegan).activation == "b"
    assert case.last(ClosingBegan).error.message == "gone"


def test_an_on_error_edge_whose_condition_does_not_hold_catches_nothing() -> None:
    case = Case("a -> b on_error when error.error_class == 'timeout'")
    assert case.fail("a") == ["failed a", "closing failed", "ended failed"]


def test_an_on_error_condition_without_a_result_is_the_error() -> None:
    case = Case("a -> b on_error when 7 / state.x == 1")
    case.fail("a")
    assert case.run.error is not None
    assert case.run.error.error_class == "condition_error"


def test_a_failure_keeps_the_output_that_could_not_be_used() -> None:
    case = Case("a -> b")
    case.fail("a", "bad_result", output={"x": "text"})
    assert case.last(NodeFailed).output == {"x": "text"}


# -- maps -------------------------------------------------------------------------------------------------------


def mapped(at_once: int | None = None, items: str = "state.items", *more: str, **options: Any) -> Case:
    nodes = [each("m", "i", items, at_once, "found"), step("i")]
    return Case("m -> z", *more, nodes=nodes, keys={"found": List(AnyValue())}, **options)


def test_a_map_gives_its_outputs_in_the_order_of_its_items() -> None:
    case = mapped()
    assert case.started == ["mapped m", "begun m#0", "begun m#1", "begun m#2"]
    case.done("m#2", output="c")
    case.done("m#0", output="a")
    assert case.done("m#1", output=None) == ["completed m#1", "completed m", "begun z"]
    assert case.run.data["found"] == ["a", None, "c"]


def test_a_map_runs_so_many_items_at_once() -> None:
    case = mapped(2)
    assert case.started == ["mapped m", "begun m#0", "begun m#1"]
    assert case.done("m#1", output=1) == ["completed m#1", "begun m#2"]
    assert case.done("m#2", output=1) == ["completed m#2"]


def test_without_a_bound_of_its_own_a_map_keeps_to_the_engines() -> None:
    assert mapped(limits=Limits(scheduled_items_max=2)).started == ["mapped m", "begun m#0", "begun m#1"]


def test_an_empty_map_completes_at_once() -> None:
    case = mapped(None, "[]")
    assert case.started == ["mapped m", "completed m", "begun z"]
    assert case.run.data["found"] == []


def test_items_do_not_patch_the_state() -> None:
    case = mapped(1, "[7]")
    assert case.done("m#0", x=5) == ["completed m#0", "completed m", "begun z"]
    assert case.run.data["x"] == 0
    assert case.run.data["found"] == [{"x": 5}]
    assert [e.patch for e in case.events if isinstance(e, NodeCompleted)] == [{}, {"found": [{"x": 5}]}]


def test_the_first_item_that_fails_cancels_the_rest_and_fails_the_map() -> None:
    case = mapped(2, "state.items", "m -> rescue on_error")
    case.done("m#0", output=1)
    said = case.fail("m#2", message="second")
    assert said == ["failed m#2", "cancelled m#1", "failed m", "begun rescue", "skipped z"]
    assert case.run.stopping == {"m#1": [1]}
    assert case.last(NodeFailed).error.message == "second"


def test_a_map_that_nobody_catches_fails_the_execution() -> None:
    case = mapped()
    case.fail("m#1")
    assert case.last(ClosingBegan).activation == "m"


def test_items_see_what_their_map_sees() -> None:
    case = Case("a -> m", "a -> b", nodes=[each("m", "i", "[1]"), step("i")])
    case.done("a", x=1)
    case.done("b", y=1)
    assert case.view("m#0") == {"x": 1, "y": 0, "z": 0}


def test_a_map_in_a_loop_names_its_items_by_the_iteration() -> None:
    case = Case("a -> m", "m -> a repeat 3 when true", nodes=[each("m", "i", "[1]"), step("i")])
    case.done("a[1]")
    assert case.done("m[1]#0", output=1) == ["completed m[1]#0", "completed m[1]", "repeated a 2", "begun a[2]"]


def test_the_answer_to_a_result_is_done() -> None:
    case = Case("a -> b")
    case.done("a")
    assert case.answer == Done()
    assert case.run.execution_id == EXECUTION
