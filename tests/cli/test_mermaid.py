"""Graphs as Mermaid flowcharts."""

from __future__ import annotations

import itertools
import re

import pytest

from pectin.cli.mermaid import flowchart, quoted
from pectin.cli.picture.standing import Standing
from pectin.core.definition import (
    END,
    Child,
    Definition,
    Each,
    Edge,
    Join,
    Node,
    RunOn,
    Trigger,
    WorkflowLimits,
)
from pectin.core.schema import Bool, Field, Integer, List, Object
from pectin.nodes import bind
from tests.core.chance import random_definition

STATE = Object({"ok": Field(Bool()), "n": Field(Integer()), "items": Field(List(Integer()))})


def drawn(
    *edges: Edge, nodes: tuple[Node, ...] = (), standings: dict[str, Standing] | None = None, **options: object
) -> str:
    """The chart of these edges; nodes that aren't given are functions, the first is the start."""
    given = {node.id: node for node in nodes}
    names = dict.fromkeys(name for edge in edges for name in (edge.source, edge.target) if name != END)
    made = {name: given.get(name) or step(name) for name in names} | given
    start = next(iter(names), next(iter(given), ""))
    definition = Definition("w", "1.0.0", STATE, start, tuple(made.values()), edges, **options)  # pyright: ignore[reportArgumentType]
    return flowchart(bind(definition), standings)


def step(name: str) -> Node:
    return Node(name, "python_fn", {"function": name})


GOLDEN = """\
flowchart TD
    start((start))
    n_look["look"]
    subgraph loop_n_write["loop write"]
        n_write["✓ write<br/>done (2×)"]
        n_check{"● check<br/>at work"}
        n_again["again"]
    end
    n_score["score"]
    subgraph items_n_score["each of state.items, 2 at once"]
        n_one["one"]
    end
    n_review[/"review"/]
    n_ship[["ship<br/>ship_order 2.0.0"]]
    n_arrive(["arrive<br/>event parcel or signal go"])
    n_meet{{"meet"}}
    n_too_long["too_long"]
    stop((end))
    subgraph apart_limit["when a limit is passed"]
        n_explain["explain"]
        n_stop((("stop")))
    end
    subgraph apart_end["at the end"]
        n_tidy("tidy<br/>always")
        n_thank("thank<br/>on success")
        n_tidy --> n_thank
    end
    start --> n_look
    n_look --> n_write
    n_look -.->|"on_error when error.type == 'OSError'"| stop
    n_write --> n_check
    n_check -->|"when state.ok"| n_again
    n_check -->|"otherwise"| n_score
    n_again -->|"repeat when !state.ok, at most 3"| n_write
    n_write -.->|"on_limit"| n_too_long
    n_score --> n_review
    n_review -->|"approved"| n_ship
    n_review -->|"rejected"| n_arrive
    n_ship --> n_meet
    n_arrive --> n_meet
    n_explain --> n_stop
    n_score -.->|"each item"| n_one
    classDef done fill:#d3f9d8,stroke:#2b8a3e,color:#000
    class n_write done
    classDef active fill:#fff3bf,stroke:#e67700,color:#000
    class n_check active"""


def test_everything_at_once() -> None:
    branches = [{"when": "state.ok", "to": "again"}]
    nodes = (
        Node("check", "condition", {"branches": branches, "default": "score"}),
        Node("score", "parallel", each=Each("state.items", "one", 2)),
        step("one"),
        Node("review", "human_approval", {"prompt": "Go on?"}),
        Node("ship", "subgraph", child=Child("ship_order", "2.0.0")),
        Node("arrive", "wait", {"event": "parcel", "correlation": "C", "signal": "go"}),
        Node("meet", "join", join=Join(("ship", "arrive"), at_least=1)),
        Node("explain", "python_fn", {"function": "explain"}),
        Node("stop", "limit_exceeded", {"message": "enough"}),
        Node("tidy", "finalizer", {"function": "tidy"}, run_on=RunOn.ALWAYS),
        Node("thank", "finalizer", {"function": "thank"}, run_on=RunOn.SUCCESS),
    )
    chart = drawn(
        Edge("look", "write"),
        Edge("look", END, Trigger.ERROR, "error.type == 'OSError'"),
        Edge("write", "check"),
        Edge("check", "again"),
        Edge("check", "score"),
        Edge("again", "write", Trigger.REPEAT, "!state.ok", 3),
        Edge("write", "too_long", Trigger.LIMIT),
        Edge("score", "review"),
        Edge("review", "ship", Trigger.WHEN, "output.decision == 'approved'"),
        Edge("review", "arrive", Trigger.WHEN, "output.decision == 'rejected'"),
        Edge("ship", "meet"),
        Edge("arrive", "meet"),
        Edge("explain", "stop"),
        nodes=nodes,
        standings={"write": Standing("✓", "done", 2), "check": Standing("●", "at work")},
        limits=WorkflowLimits(on_limit="explain"),
    )
    assert sorted(chart.splitlines()) == sorted(GOLDEN.splitlines())
    assert [line for line in chart.splitlines() if "subgraph" in line] == [
        line for line in GOLDEN.splitlines() if "subgraph" in line
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("plain", '"plain"'),
        ('say "hi"', '"say #quot;hi#quot;"'),
        ("a | b & c <d> `e` #1; \\n", '"a #124; b #amp; c #lt;d#gt; #96;e#96; #35;1; #92;n"'),
        ("%%{init: {}}%%", '"#37;#37;{init: {}}#37;#37;"'),
        ("two\n  lines\x1b[0m", '"two lines [0m"'),
        ("x" * 300, f'"{"x" * 59} … {"x" * 58}"'),
    ],
)
def test_a_label_is_never_syntax(text: str, label: str) -> None:
    assert quoted(text) == label


def test_names_that_are_words_of_mermaid_or_alike_have_ids_of_their_own() -> None:
    names = ["subgraph", "class", "a-b", "a_b", "a--b", "o", "x", "graph", "end_"]
    chart = drawn(*(Edge(one, other) for one, other in itertools.pairwise(names)))
    ids = re.findall(r"^    (n_\w+)\[", chart, re.MULTILINE)
    assert len(set(ids)) == len(names)


@pytest.mark.parametrize("seed", range(30))
def test_each_node_stands_once_each_edge_once_and_each_box_is_closed(seed: int) -> None:
    program = bind(random_definition(seed))
    lines = [line.strip() for line in flowchart(program).splitlines()]
    assert sum(line.startswith("subgraph ") for line in lines) == lines.count("end")
    shapes = [line for line in lines if re.match(r"n_\w+[\[({]", line)]
    assert len(shapes) == len(set(shapes)) == len(program.nodes)
    arrows = [line for line in lines if re.match(r"n_\w+ (-->|-\.->)", line)]
    items = sum(node.each is not None for node in program.nodes.values())
    finalizers = max(len(program.graph.finalizers) - 1, 0)
    assert len(arrows) == len(program.definition.edges) + items + finalizers
