"""The edges of an IR."""

from __future__ import annotations

from pectin.core.definition import END, Edge, Trigger
from tests.authoring.jamjet.documents import edge, function, golden, ir, node, read, told


def decided(source: str, target: str, decision: str) -> Edge:
    return Edge(source, target, Trigger.WHEN, f"output.decision == '{decision}'")


def test_with_and_without_a_condition() -> None:
    assert read(golden("python_fn")).edges == (
        Edge("look", "count"),
        Edge("look", "tell", Trigger.WHEN, "state.risk == 'high'"),
        Edge("tell", END),
    )


def test_an_approval_goes_on_if_it_was_approved() -> None:
    assert read(golden("human_approval")).edges == (
        decided("review", "pay", "approved"),
        decided("review", END, "rejected"),
        decided("review", "tell", "timeout"),
        Edge("pay", "again"),
        decided("again", END, "approved"),
        decided("again", END, "rejected"),
    )


def test_an_approval_without_edges_and_with_the_workflow_s_deadline() -> None:
    document = ir(node("review", "human_approval", description="?"), timeouts={"approval_timeout": 60})
    assert read(document).edges == tuple(decided("review", END, it) for it in ("approved", "rejected", "timeout"))


def test_a_fallback_that_nothing_leads_to() -> None:
    document = ir(
        node("review", "human_approval", description="?", fallback_node="b"),
        function("b"),
        edges=[edge("review", "b")],
    )
    message = "approval `review` has a `fallback_node` and no time after which it would lead there"
    assert told(document) == [("E070", message, '"b"')]


def test_branches() -> None:
    (check, *_) = read(golden("condition")).nodes
    assert check.config == {
        "branches": [
            {"when": "state.ok", "to": "pay"},
            {"when": "state.note != null", "to": "ask"},
            {"when": "state.amount == 0", "to": "pay"},
        ],
        "default": "end",
    }


def test_two_defaults() -> None:
    branches = [{"condition": None, "target": "b"}, {"target": "end"}]
    document = ir(node("c", "condition", branches=branches), function("b"), edges=[edge("c", "b"), edge("c", "end")])
    assert told(document) == [("E070", "condition `c` has two branches without a condition", "{")]


def test_the_branches_of_a_parallel_node_are_its_edges() -> None:
    fan = node("fan", "parallel", branches=["a", "b"])
    document = ir(fan, function("a"), function("b"), edges=[edge("fan", "b"), edge("fan", "a")])
    message = "the branches of the parallel `fan` aren't the targets of its edges, in their order"
    assert [(code, text) for code, text, _ in told(document)] == [("E070", message)]


def test_what_decides_by_itself_has_no_conditions_on_its_edges() -> None:
    review = node("review", "human_approval", description="?")
    document = ir(review, function("a"), edges=[edge("review", "a", "state.ok")])
    message = "an edge of the human_approval `review` has a condition, and its node decides"
    assert ("E071", message, '"state.ok"') in told(document)


def test_conditions_that_can_t_be_translated() -> None:
    document = ir(
        function("a"),
        function("b"),
        node("c", "condition", branches=[{"condition": "state.ok == 1", "target": "end"}]),
        edges=[edge("a", "b", "state.n >= 3"), edge("a", "c", "state.nope"), edge("c", "end")],
    )
    assert told(document) == [
        ("E072", "`1` is never equal to a bool in JamJet, where types count", "1"),
        ("E072", "`state.n >= 3` is no path of JamJet, so this never holds there", "state.n >= 3"),
        ("E072", "the state's schema doesn't say what `state.nope` is", "state.nope"),
    ]


def test_unknown_ends_and_edges_of_finalizers() -> None:
    document = ir(
        function("look"),
        node("tidy", "finalizer", tool_ref="tidy", run_on="always"),
        edges=[edge("look", "lok"), edge("loook", "end"), edge("look", "tidy"), edge("tidy", "end")],
    )
    assert told(document) == [
        ("E006", "unknown node `lok`", '"lok"'),
        ("E006", "unknown node `loook`", '"loook"'),
        ("E071", "an edge leads to the finalizer `tidy`, which runs at the end by itself", '"tidy"'),
        (
            "E071",
            "an edge leaves the finalizer `tidy`, and finalizers run in the order of the nodes",
            '"tidy"',
        ),
    ]


def test_no_list() -> None:
    document = ir(function("a"))
    document["edges"] = {}
    assert told(document)[0][:2] == ("E070", "the edges are a mapping, and have to be a list")
