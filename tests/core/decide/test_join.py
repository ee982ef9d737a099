"""Joins that fire early: what they take, what is cancelled for it, and what comes too late."""

from __future__ import annotations

from pectin.core.event import NodeCancelled, NodeCompleted, NodeFailed
from pectin.core.schema import Any as AnyValue
from tests.core.case import Case
from tests.core.world import approval, child, each, fan, join, step, timer

KEYS = {"got": AnyValue()}
FAN = ("s -> a", "s -> b", "s -> c", "a -> j", "b -> j", "c -> j", "j -> t")


def fanned(at_least: int | None = None, fires_when: str | None = None, *more: str) -> Case:
    j = join("j", "a", "b", "c", key="got", at_least=at_least, fires_when=fires_when)
    return Case(*FAN, *more, nodes=[fan("s"), j], keys=KEYS)


def sources(case: Case) -> list[str]:
    return [arrival["source"] for arrival in case.run.data["got"]]


def test_the_first_arrival_fires_and_the_others_are_cancelled() -> None:
    case = fanned(1)
    assert case.done("b", x=2) == ["completed b", "completed j", "cancelled a", "cancelled c", "begun t"]
    assert sources(case) == ["b"]
    assert case.run.stopping == {"a": [1], "c": [1]}
    assert case.run.fired == {}
    assert case.view("t")["x"] == 2


def test_the_second_of_three() -> None:
    case = fanned(2)
    assert case.done("c") == ["completed c"]
    assert case.done("a") == ["completed a", "completed j", "cancelled b", "begun t"]
    assert sources(case) == ["a", "c"]


def test_all_resolved_and_too_few_is_a_failure() -> None:
    case = fanned(2, None, "a -> end on_error", "b -> end on_error", "j -> u on_error")
    case.fail("a")
    case.fail("b")
    assert case.done("c")[:2] == ["completed c", "failed j"]
    assert case.last(NodeFailed).error.error_class == "join_unsatisfied"


def test_none_at_all_is_skipped() -> None:
    case = fanned(1, None, "a -> end on_error", "b -> end on_error", "c -> end on_error")
    case.fail("a")
    case.fail("b")
    assert case.fail("c")[:3] == ["failed c", "skipped j", "skipped t"]


def test_a_condition_over_what_has_arrived() -> None:
    case = fanned(None, "arrivals.exists(a, a.output > 1)")
    case.done("a", output=1)
    assert case.done("b", output=2)[:3] == ["completed b", "completed j", "cancelled c"]
    case = fanned(None, "arrivals.exists(a, a.output > 1)", "j -> u on_error")
    for name in "abc":
        case.done(name, output=1)
    assert case.last(NodeFailed).error.error_class == "join_unsatisfied"


def test_a_condition_that_can_t_be_evaluated_fails_the_join_and_drops_the_rest() -> None:
    case = fanned(None, "arrivals[0].output.nothing == 1", "j -> u on_error")
    assert case.done("a")[:4] == ["completed a", "failed j", "cancelled b", "cancelled c"]
    assert case.last(NodeFailed).error.error_class == "condition_error"
    assert case.run.fired == {}


def test_what_also_feeds_another_node_goes_on() -> None:
    case = fanned(1, None, "c -> d")
    assert case.done("a") == ["completed a", "completed j", "cancelled b", "begun t"]
    assert case.run.fired == {"j": 1}
    assert case.done("c") == ["completed c", "begun d"]
    assert case.run.fired == {}


def test_what_has_not_begun_is_not_begun() -> None:
    case = Case(
        "s -> a", "s -> b", "b -> c", "c -> j", "a -> j", "b -> d", "j -> t",
        nodes=[fan("s"), join("j", "a", "c", at_least=1)],
    )  # fmt: skip
    assert case.done("a") == ["completed a", "completed j", "begun t"]
    assert case.done("b") == ["completed b", "cancelled c", "begun d"]
    assert case.run.fired == {}


def test_waits_maps_and_children_are_cancelled_with_all_they_have() -> None:
    nodes = [fan("s"), timer("w"), approval("p"), each("m", "i"), step("i"), child("k"),
             join("j", "a", "w", "p", "m", "k", at_least=1)]  # fmt: skip
    lines = [f"s -> {name}" for name in "awpmk"] + [f"{name} -> j" for name in "awmk"] + ["p -> j otherwise"]
    case = Case(*lines, "p -> end when output.decision == 'rejected'", nodes=nodes)
    case.done("a")
    cancelled = {event.activation: event for event in case.events if isinstance(event, NodeCancelled)}
    assert cancelled.keys() == {"w", "p", "m", "m#0", "m#1", "m#2", "k"}
    assert cancelled["k"].child is not None
    assert (case.run.waits, case.run.children, case.run.due) == (0, {}, {})


def test_whole_loops_are_cancelled() -> None:
    case = Case(
        "s -> a", "s -> h", "h -> g", "g -> h repeat 9 when state.x == 0", "g -> j", "a -> j", "j -> t",
        nodes=[fan("s"), join("j", "a", "g", at_least=1)],
    )  # fmt: skip
    case.done("h[1]")
    case.done("g[1]")
    assert case.done("a") == ["completed a", "completed j", "cancelled h[2]", "begun t", "skipped g[2]", "left h"]
    assert case.run.loops == {}
    assert case.run.fired == {}
    assert list(case.run.activations) == ["t"]


def test_a_loop_that_is_not_needed_does_not_go_round_again() -> None:
    case = Case(
        "s -> a", "s -> h", "h -> g", "h -> z", "g -> h repeat 9 when true", "g -> j", "a -> j", "j -> t",
        nodes=[fan("s"), join("j", "a", "g", at_least=1)],
    )  # fmt: skip
    case.done("h[1]")
    assert case.done("a")[:2] == ["completed a", "completed j"]
    assert "g[1]" in case.run.activations  # the loop leads elsewhere too


def test_inside_a_loop_each_iteration_fires_for_itself() -> None:
    case = Case(
        "h -> a", "h -> b", "a -> j", "b -> j", "j -> h repeat 2 when true", "j -> t",
        nodes=[join("j", "a", "b", at_least=1)],
    )  # fmt: skip
    case.done("h[1]")
    assert case.done("a[1]") == ["completed a[1]", "completed j[1]", "cancelled b[1]", "repeated h 2", "begun h[2]"]
    case.done("h[2]")
    assert case.done("b[2]")[:3] == ["completed b[2]", "completed j[2]", "cancelled a[2]"]


def test_a_header_keeps_its_arrivals_from_outside() -> None:
    case = Case(
        "s -> a", "s -> b", "a -> j", "b -> j", "j -> d", "d -> j repeat 3 when state.x < 2", "d -> t",
        nodes=[fan("s"), join("j", "a", "b", key="got", at_least=1)], keys=KEYS,
    )  # fmt: skip
    assert case.done("b") == ["completed b", "completed j[1]", "cancelled a", "begun d[1]"]
    assert case.done("d[1]", x=1) == ["completed d[1]", "repeated j 2", "completed j[2]", "begun d[2]"]
    assert sources(case) == ["b"]
    assert case.done("d[2]", x=2) == ["completed d[2]", "left j", "begun t"]


def test_a_header_that_has_too_few_has_too_few_in_every_round() -> None:
    case = Case(
        "s -> a", "s -> b", "a -> j", "a -> end on_error", "b -> j", "j -> d on_error", "d -> j repeat 2 when true",
        "d -> t", nodes=[fan("s"), join("j", "a", "b", at_least=2)],
    )  # fmt: skip
    case.fail("a")
    assert case.done("b") == ["completed b", "failed j[1]", "begun d[1]"]
    assert case.done("d[1]")[:3] == ["completed d[1]", "repeated j 2", "failed j[2]"]


def test_an_exit_of_a_loop_that_comes_too_late_is_dropped() -> None:
    case = Case(
        "s -> a", "s -> h", "h -> g", "g -> h repeat 9 when state.x == 0", "g -> j", "h -> k", "a -> j", "j -> t",
        nodes=[fan("s"), join("j", "a", "g", at_least=1)],
    )  # fmt: skip
    case.done("h[1]")
    case.done("a")
    assert case.run.fired == {"j": 1}
    case.done("g[1]", x=1)
    assert case.run.fired == {}
    assert sum(isinstance(event, NodeCompleted) and event.activation == "j" for event in case.events) == 1
