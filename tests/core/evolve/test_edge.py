"""What arrives at activations, and what loops hold."""

from pectin.core.event import LoopEnded, LoopRepeated, NodeCompleted, Route
from pectin.core.evolve import edge
from pectin.core.state import Arrivals, LoopState, Run


def test_what_arrived_is_taken_on_entry_and_the_first_activation_begins_its_loop() -> None:
    run = Run(arrivals={"h[1]": Arrivals(2, 1, {4}, {"s": "text"})})
    assert edge.arrive(run, "h[1]", "h", "h") == frozenset({4})
    assert run.arrivals == {}
    assert run.loops == {"h": LoopState("h", Arrivals(2, 1, collected={"s": "text"}))}


def test_a_resolved_route_arrives_and_counts_in_its_loop() -> None:
    run = Run(loops={"h": LoopState("h", Arrivals())})
    route = Route(taken=("a[1]",), dead=("a[1]",), exits=("x",), dead_exits=("y",), error_exits=("z",), repeats=True)
    edge.resolve(run, route, "h", {7})
    assert run.arrivals == {"a[1]": Arrivals(2, 1, {7})}
    loop = LoopState(
        "h", Arrivals(), settled=1, repeats=True, exits=["x"], error_exits=["z"], dead_exits=["y"], seen={7}
    )
    assert run.loops == {"h": loop}


def test_in_the_next_iteration_the_header_stands_as_when_it_was_entered_and_has_seen_the_last_one() -> None:
    state = LoopState("h", Arrivals(2, 1, collected={"s": 1}), settled=2, repeats=True, exits=["x"], seen={3})
    state.collected = {"j": {"h": 5}}
    run = Run(loops={"g[4]": state})
    edge.repeat(run, LoopRepeated(at=1, loop="g[4]", iteration=2, forgotten=("x",)))
    assert run.arrivals == {"g[4][2]": Arrivals(2, 1, {3}, {"s": 1})}
    assert run.loops == {"g[4]": LoopState("h", Arrivals(2, 1, collected={"s": 1}), 2, seen={3})}


def test_what_arrives_is_approved_if_all_of_it_is() -> None:
    run = Run()
    edge.resolve(run, Route(taken=("a", "b"), dead=("b",), approved=("a", "b")), None, ())
    assert (run.arrivals["a"].approved, run.arrivals["b"].approved) == (True, True)
    edge.resolve(run, Route(taken=("a",), dead=("b",)), None, ())
    assert (run.arrivals["a"].approved, run.arrivals["b"].approved) == (False, True)
    edge.resolve(run, Route(taken=("a",), approved=("a",)), None, ())
    assert not run.arrivals["a"].approved


def test_so_are_what_leaves_a_loop_and_its_header() -> None:
    run = Run(loops={"h": LoopState("h", Arrivals())})
    edge.resolve(run, Route(exits=("x", "y"), error_exits=("z",), repeats=True, approved=("h", "x", "z")), "h", ())
    assert run.loops["h"].approved == ["h", "x", "z"]
    edge.resolve(run, Route(exits=("y", "x"), repeats=True, approved=("h", "y")), "h", ())
    assert run.loops["h"].approved == ["h", "z"]
    edge.repeat(run, LoopRepeated(at=1, loop="h", iteration=2))
    assert (run.arrivals["h[2]"].approved, run.loops["h"].approved) == (True, [])
    edge.resolve(run, Route(repeats=True), "h", ())
    edge.repeat(run, LoopRepeated(at=1, loop="h", iteration=3))
    assert not run.arrivals["h[3]"].approved


def test_what_was_collected_for_an_exit_goes_with_it_over_every_loop() -> None:
    inner, outer = LoopState("h", Arrivals()), LoopState("g", Arrivals())
    run = Run(loops={"g": outer, "h[1]": inner})
    settled = NodeCompleted(at=1, activation="a[1][3]", route=Route(collected_exits=("j", "k")), loop="h[1]")
    edge.collect(run, settled, {"x": 1})
    assert inner.collected == {"j": {"a": {"x": 1}}, "k": {"a": {"x": 1}}}
    route = Route(taken=("j[1]",), exits=("k",), collected=("j[1]",), collected_exits=("k",))
    edge.end_loop(run, LoopEnded(at=2, loop="h[1]", route=route, outer="g"))
    assert run.arrivals["j[1]"].collected == {"a": {"x": 1}}
    assert outer.collected == {"k": {"a": {"x": 1}}}
    assert run.loops == {"g": outer}
