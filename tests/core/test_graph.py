"""Loops, their bodies, and the names of activations."""

from pectin.core.graph import Graph, Loop, build_graph, find_loops
from tests.core.world import define, edge, finalizer, join


def graph(*lines: str) -> Graph:
    return build_graph(define(*lines))


def test_edges_are_grouped_and_counted() -> None:
    made = graph("a -> b", "a -> c when state.x == 1", "b -> c", "c -> end", "c -> a repeat 3 when true")
    assert {name: [index for index, _ in edges] for name, edges in made.out.items()} == {
        "a": [0, 1],
        "b": [2],
        "c": [3, 4],
    }
    assert made.indegree == {"a": 0, "b": 1, "c": 2}
    assert made.start == "a"


def test_a_body_is_all_that_leads_back_to_the_header() -> None:
    made = graph("s -> h", "h -> a", "a -> b", "h -> out", "a -> aside", "b -> h repeat 4 when true")
    assert made.loops == {"h": Loop("h", frozenset({"h", "a", "b"}), 3, 4)}
    assert made.path == {"s": (), "h": ("h",), "a": ("h",), "b": ("h",), "out": (), "aside": ()}


def test_several_repeats_to_one_header_are_one_loop() -> None:
    made = graph("h -> a", "h -> b", "a -> h repeat 5 when true", "b -> h repeat 2 when true")
    assert made.loops == {"h": Loop("h", frozenset({"h", "a", "b"}), 3, 2)}


def test_an_inner_loop_is_one_member_of_the_outer() -> None:
    made = graph("a -> b", "b -> c", "c -> b repeat 3 when true", "c -> d", "d -> a repeat 9 when true")
    assert made.loops["a"].members == 3
    assert made.loops["b"].members == 2
    assert made.path["c"] == ("a", "b")


def test_a_loop_of_one_node() -> None:
    assert graph("a -> a repeat 3 when true").loops == {"a": Loop("a", frozenset({"a"}), 1, 3)}


def test_an_inner_loop_within_three() -> None:
    edges = [edge(line) for line in ("a -> b", "b -> c", "c -> c repeat 2 when true", "c -> b repeat 2 when true")]
    edges.append(edge("c -> a repeat 2 when true"))
    assert find_loops("abc", edges) == {"c": {"c"}, "b": {"b", "c"}, "a": {"a", "b", "c"}}


def test_the_activation_that_an_edge_leads_to() -> None:
    made = graph("s -> a", "a -> b", "b -> b repeat 3 when true", "b -> c", "c -> a repeat 9 when true", "c -> out")
    assert made.activation("out", (), ()) == "out"
    assert made.activation("a", (), ()) == "a[1]"
    assert made.activation("c", ("a",), (4,)) == "c[4]"
    assert made.activation("b", ("a",), (4,)) == "b[4][1]"
    assert made.activation("c", ("a", "b"), (4, 2)) is None
    assert made.activation("out", ("a",), (4,)) is None


def test_from_one_loop_into_its_neighbour() -> None:
    made = graph("a -> a repeat 3 when true", "a -> b", "b -> b repeat 3 when true")
    assert made.activation("b", ("a",), (2,)) is None
    assert made.activation("b", (), ()) == "b[1]"


def test_the_name_of_a_loop() -> None:
    made = graph("a -> b", "b -> b repeat 3 when true", "b -> c", "c -> a repeat 9 when true")
    assert made.loop_name((), ()) is None
    assert made.loop_name(("a",), (4,)) == "a"
    assert made.loop_name(("a", "b"), (4, 2)) == "b[4]"


def test_the_ways_for_a_limit_stand_apart() -> None:
    made = graph("a -> a repeat 3 when true", "a -> b", "a -> c on_limit", "a -> end on_limit")
    assert made.limits == {"a": ("c", "end")}
    assert [edge.target for _, edge in made.out["a"]] == ["a", "b"]
    assert made.indegree == {"a": 0, "b": 1, "c": 1}


def early(*lines: str, sources: tuple[str, ...]) -> Graph:
    return build_graph(define(*lines, nodes=[join("j", *sources, at_least=1)]))


def test_what_leads_nowhere_but_to_an_early_join_feeds_it() -> None:
    lines = ("s -> a", "s -> b", "s -> c", "a -> j", "b -> b2", "b2 -> j", "c -> j", "c -> z", "j -> t")
    assert early(*lines, sources=("a", "b2", "c")).feeds == {"a": ("j",), "b": ("j",), "b2": ("j",)}
    assert graph(*(line.replace("j", "k") for line in lines)).feeds == {}, "it waits for all"


def test_whole_loops_feed_a_join_unless_they_also_lead_elsewhere() -> None:
    lines = ("s -> h", "s -> a", "h -> g", "g -> h repeat 3 when true", "g -> j", "a -> j")
    assert early(*lines, sources=("g", "a")).feeds.keys() == {"s", "h", "g", "a"}
    assert early(*lines, "h -> z", sources=("g", "a")).feeds.keys() == {"a"}


def test_a_join_in_a_loop_is_fed_within_its_iteration() -> None:
    made = early("h -> a", "h -> b", "a -> j", "b -> j", "j -> h repeat 3 when true", sources=("a", "b"))
    assert made.feeds.keys() == {"a", "b", "h"}
    assert made.joined("j", (4,)) == "j[4]"


def test_a_header_is_fed_from_outside_only() -> None:
    made = early("s -> a", "s -> b", "a -> j", "b -> j", "j -> d", "d -> j repeat 3 when true", sources=("a", "b"))
    assert made.feeds.keys() == {"s", "a", "b"}
    assert made.joined("j", ()) == "j[1]"


def test_finalizers_stand_in_their_order() -> None:
    assert build_graph(define("a -> b", nodes=[finalizer("z"), finalizer("y")])).finalizers == ("z", "y")
