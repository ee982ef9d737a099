"""Edges, dead paths, merges and loops (semantics: how a graph runs)."""

import msgspec

from pectin.core.command import Fail
from pectin.core.definition import Edge, Trigger
from pectin.core.error import ErrorData
from pectin.core.event import ClosingBegan, LoopEnded, LoopRepeated, NodeFailed
from pectin.core.expression import compile_condition
from pectin.core.graph import build_graph
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import List
from tests.core.case import Case
from tests.core.world import define, each, fan, join, program, route, step


def test_edges_without_a_word_are_all_taken() -> None:
    case = Case("a -> b", "a -> c")
    assert case.done("a") == ["completed a", "begun b", "begun c"]


def test_otherwise_is_taken_when_no_condition_held() -> None:
    lines = ("a -> b when state.x == 1", "a -> c when state.x < 3", "a -> d otherwise")
    assert Case(*lines).done("a", x=1) == ["completed a", "begun b", "begun c", "skipped d"]
    assert Case(*lines).done("a", x=5) == ["completed a", "begun d", "skipped b", "skipped c"]


def test_a_dead_path_runs_through_to_the_merge_which_runs_once() -> None:
    case = Case("a -> b when state.x == 1", "b -> c", "c -> z", "a -> d otherwise", "d -> z")
    assert case.done("a") == ["completed a", "begun d", "skipped b", "skipped c"]
    assert case.done("d") == ["completed d", "begun z"]
    case.done("z")
    assert case.status == "completed"


def test_a_merge_waits_for_every_way() -> None:
    case = Case("a -> b", "a -> c", "b -> z", "c -> z")
    case.done("a")
    assert case.done("c") == ["completed c"]
    assert case.done("b") == ["completed b", "begun z"]


def test_a_short_cut_that_only_routes_enters_its_target_once() -> None:
    case = Case("a -> p", "a -> z", "p -> z", nodes=[fan("p")])
    assert case.done("a") == ["completed a", "completed p", "begun z"]


def test_a_condition_leads_along_the_first_branch_that_holds() -> None:
    nodes = [route("c", {"b": "state.x > 1", "d": "state.x > 0"}, "e")]
    lines = ("a -> c", "c -> b", "c -> d", "c -> e")
    assert Case(*lines, nodes=nodes).done("a", x=1) == [
        "completed a",
        "completed c",
        "begun d",
        "skipped b",
        "skipped e",
    ]
    assert "begun e" in Case(*lines, nodes=nodes).done("a")


def test_on_error_is_taken_on_failure_only() -> None:
    lines = ("a -> b", "a -> c on_error", "a -> d on_error when error.error_class == 'timeout'")
    assert Case(*lines).done("a") == ["completed a", "begun b", "skipped c", "skipped d"]
    case = Case(*lines)
    assert case.fail("a") == ["failed a", "begun c", "skipped b", "skipped d"]
    assert case.run.closing is None


def test_error_in_a_condition_has_an_attempt_if_there_was_one() -> None:
    lines = (
        "a -> b on_error when has(error.attempt) && error.attempt == 3",
        "a -> c on_error when !has(error.attempt)",
    )
    assert case_fails(Case(*lines), ErrorData("x", "X", "no", attempt=3)) == ["failed a", "begun b", "skipped c"]
    assert case_fails(Case(*lines), ErrorData("x", "X", "no")) == ["failed a", "begun c", "skipped b"]


def case_fails(case: Case, error: ErrorData) -> list[str]:
    return case.send(Fail(at=1, begin=case.offer, activation="a", attempt=1, error=error))


def test_a_condition_without_a_result_fails_the_node_and_its_patch_is_not_applied() -> None:
    case = Case("a -> b when 7 / state.x == 1", "a -> c on_error")
    assert case.done("a", x=0, y=7) == ["failed a", "begun c", "skipped b"]
    failed = case.last(NodeFailed)
    assert failed.error.error_class == "condition_error"
    assert failed.output == {"x": 0, "y": 7}
    assert case.run.data["y"] == 0


def test_a_condition_that_is_neither_true_nor_false_fails_the_node() -> None:
    case = Case("a -> b when state.any", keys={"any": AnyValue()}, state={"any": "yes"})
    assert case.done("a")[0] == "failed a"
    assert case.run.error is not None
    assert case.run.error.error_class == "condition_error"


def test_iteration_is_that_of_the_innermost_loop() -> None:
    case = Case("a -> b", "b -> a repeat 9 when iteration < 3")
    for n in (1, 2, 3):
        case.done(f"a[{n}]")
        said = case.done(f"b[{n}]")
    assert said[:2] == ["completed b[3]", "left a"]


# -- loops ------------------------------------------------------------------------------------------------------


def test_a_loop_goes_round_and_forgets_the_exits_of_all_but_the_last_iteration() -> None:
    case = Case("a -> b", "a -> out", "b -> a repeat 3 when state.x < 2")
    case.done("a[1]")
    assert case.done("b[1]", x=1) == ["completed b[1]", "repeated a 2", "begun a[2]"]
    assert case.last(LoopRepeated).forgotten == ("out",)
    case.done("a[2]")
    assert case.done("b[2]", x=2) == ["completed b[2]", "left a", "begun out"]


def test_an_iteration_is_over_when_all_of_its_body_is_settled() -> None:
    case = Case("a -> b", "a -> c", "b -> d", "c -> d", "d -> a repeat 3 when state.x < 9", "b -> a repeat 3 when true")
    case.done("a[1]")
    assert case.done("b[1]") == ["completed b[1]"]
    case.done("c[1]")
    assert case.done("d[1]", x=9) == ["completed d[1]", "repeated a 2", "begun a[2]"]


def test_an_exit_waits_for_the_loop_to_end() -> None:
    case = Case("a -> b", "a -> out when state.x == 0", "b -> a repeat 3 when state.x < 2")
    assert case.done("a[1]") == ["completed a[1]", "begun b[1]"]
    case.done("b[1]", x=1)
    assert case.done("a[2]") == ["completed a[2]", "begun b[2]"]
    assert case.done("b[2]", x=2) == ["completed b[2]", "left a", "skipped out", "closing completed", "ended completed"]


def test_an_error_exit_ends_the_loop_even_beside_a_repeat() -> None:
    case = Case("a -> b", "a -> c", "b -> rescue on_error", "c -> a repeat 9 when true", "b -> c")
    case.done("a[1]")
    assert case.fail("b[1]") == ["failed b[1]", "begun c[1]"]
    assert case.done("c[1]") == ["completed c[1]", "left a", "begun rescue"]


def test_an_error_exit_to_the_end_ends_the_loop() -> None:
    case = Case("a -> b", "a -> c", "b -> end on_error", "c -> a repeat 9 when true", "b -> c")
    case.done("a[1]")
    case.fail("b[1]")
    assert case.done("c[1]") == ["completed c[1]", "left a", "closing completed", "ended completed"]


def test_a_failure_caught_within_the_loop_does_not_end_it() -> None:
    case = Case("a -> b on_error", "b -> a repeat 9 when true")
    case.fail("a[1]")
    assert case.done("b[1]") == ["completed b[1]", "repeated a 2", "begun a[2]"]


def test_max_iterations_allows_n_and_passing_it_is_a_limit() -> None:
    case = Case("a -> a repeat 2 when true", "a -> out")
    assert case.done("a[1]") == ["completed a[1]", "repeated a 2", "begun a[2]"]
    assert case.done("a[2]") == ["completed a[2]", "closing limit_exceeded", "ended limit_exceeded"]
    assert case.last(ClosingBegan).cause == "max_iterations"
    assert "max_iterations is 2" in case.last(ClosingBegan).error.message


def test_the_smallest_limit_of_several_repeats_counts() -> None:
    case = Case("a -> b", "a -> a repeat 5 when true", "b -> a repeat 1 when true")
    case.done("a[1]")
    assert "closing limit_exceeded" in case.done("b[1]")


def test_loops_nest_and_an_inner_one_begins_anew_in_each_outer_iteration() -> None:
    case = Case(
        "a -> b", "b -> b repeat 2 when state.x % 2 == 1", "b -> c", "c -> a repeat 2 when state.y == 0", "c -> out"
    )
    case.done("a[1]")
    assert case.done("b[1][1]", x=1) == ["completed b[1][1]", "repeated b[1] 2", "begun b[1][2]"]
    assert case.done("b[1][2]", x=2) == ["completed b[1][2]", "left b[1]", "begun c[1]"]
    assert case.done("c[1]") == ["completed c[1]", "repeated a 2", "begun a[2]"]
    assert case.done("a[2]") == ["completed a[2]", "begun b[2][1]"]
    assert case.done("b[2][1]") == ["completed b[2][1]", "left b[2]", "begun c[2]"]
    assert case.done("c[2]", y=1) == ["completed c[2]", "left a", "begun out"]


def test_an_exit_over_two_loops_is_held_by_each_in_turn() -> None:
    case = Case("a -> b", "b -> b repeat 9 when state.x < 1", "b -> c", "b -> out", "c -> a repeat 9 when state.y < 1")
    case.done("a[1]")
    case.done("b[1][1]", x=1)
    assert case.last(LoopEnded).route.exits == ("out",)
    case.done("c[1]", y=0)
    assert case.last(LoopRepeated).forgotten == ("out",)
    case.done("a[2]")
    case.done("b[2][1]")
    assert case.done("c[2]", y=1) == ["completed c[2]", "left a", "begun out"]


def test_a_loop_that_is_skipped_is_over_at_once() -> None:
    case = Case("s -> a when state.x == 1", "a -> b", "b -> a repeat 3 when true", "b -> z", "s -> z")
    assert case.done("s") == ["completed s", "skipped a[1]", "skipped b[1]", "left a", "begun z"]


def test_a_repeat_out_of_an_inner_loop_waits_for_it() -> None:
    """Validation still asks for a node between; the core can do without."""
    definition = define("a -> b", "b -> b repeat 3 when state.x < 1", "b -> out")
    bound = program("a -> b", "b -> b repeat 3 when state.x < 1", "b -> out")
    condition = "state.y < 1"
    outer = Edge("b", "a", Trigger.REPEAT, condition, 3)
    definition = msgspec.structs.replace(definition, edges=(*definition.edges, outer))
    compiled = compile_condition(condition, {"state": definition.state})
    bound = msgspec.structs.replace(
        bound,
        definition=definition,
        graph=build_graph(definition),
        conditions={**bound.conditions, len(definition.edges) - 1: compiled},
    )
    case = Case(bound=bound)
    case.done("a[1]")
    assert case.done("b[1][1]") == ["completed b[1][1]", "repeated b[1] 2", "begun b[1][2]"]
    assert case.done("b[1][2]", x=1) == ["completed b[1][2]", "left b[1]", "repeated a 2", "begun a[2]"]
    case.done("a[2]")
    assert case.done("b[2][1]", y=1) == ["completed b[2][1]", "left b[2]", "left a", "begun out"]


# -- joins ------------------------------------------------------------------------------------------------------


def collected(case: Case) -> object:
    return case.run.data["j"]


KEYS = {"j": List(AnyValue())}


def test_a_join_collects_what_arrives_in_its_own_order_and_leaves_out_the_dead() -> None:
    case = Case(
        "a -> b", "a -> c", "a -> d when false", "b -> j", "c -> j", "d -> j",
        nodes=[join("j", "d", "c", "b", key="j")], keys=KEYS,
    )  # fmt: skip
    case.done("a")
    case.done("b", x=1)
    case.done("c", output="text")
    assert collected(case) == [{"source": "c", "output": "text"}, {"source": "b", "output": {"x": 1}}]


def test_a_failure_arrives_by_its_on_error_edge() -> None:
    case = Case("a -> b", "a -> c", "b -> j on_error", "c -> j", nodes=[join("j", "b", "c", key="j")], keys=KEYS)
    case.done("a")
    case.fail("b")
    case.done("c")
    error = {"error_class": "io_error", "type": "OSError", "message": "no"}
    assert collected(case) == [{"source": "b", "output": {"error": error}}, {"source": "c", "output": {}}]


def test_what_a_loop_holds_for_a_join_arrives_when_it_ends() -> None:
    case = Case(
        "s -> a", "s -> j", "a -> b", "a -> j", "b -> a repeat 3 when state.x < 2",
        nodes=[join("j", "a", "s", key="j")], keys=KEYS,
    )  # fmt: skip
    case.done("s")
    case.done("a[1]", y=1)
    case.done("b[1]", x=1)
    case.done("a[2]", y=2)
    case.done("b[2]", x=2)
    assert collected(case) == [{"source": "a", "output": {"y": 2}}, {"source": "s", "output": {}}]


def test_what_leaves_two_loops_for_a_join_arrives_too() -> None:
    case = Case(
        "a -> b", "b -> b repeat 9 when false", "b -> c", "b -> j", "c -> a repeat 9 when false", "c -> j",
        nodes=[join("j", "c", "b", key="j")], keys=KEYS,
    )  # fmt: skip
    case.done("a[1]")
    case.done("b[1][1]", y=4)
    assert case.done("c[1]", z=5)[:4] == ["completed c[1]", "left a", "completed j", "closing completed"]
    assert collected(case) == [{"source": "c", "output": {"z": 5}}, {"source": "b", "output": {"y": 4}}]


def test_the_output_is_the_patch_where_there_is_one() -> None:
    keys = {"m": List(AnyValue()), **KEYS}
    case = Case(
        "a -> m", "a -> j", "m -> j", "m -> z when size(output.m) == 2",
        nodes=[each("m", "i", "[5, 6]", key="m"), step("i"), join("j", "m", "a", key="j")], keys=keys,
    )  # fmt: skip
    case.done("a")
    case.done("m#0", output="x")
    assert case.done("m#1", output="y") == ["completed m#1", "completed m", "completed j", "begun z"]
    assert case.run.data["m"] == ["x", "y"]
    assert collected(case) == [{"source": "m", "output": {"m": ["x", "y"]}}, {"source": "a", "output": {}}]
