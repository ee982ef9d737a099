"""From a draft to a workflow that can run."""

from __future__ import annotations

from typing import Any, cast

import pytest

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.handle import END
from pectin.authoring.lowering import item_name
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Each, Edge, Effect, Join, Node, RunOn, definition_hash
from pectin.core.problem import DefinitionError
from pectin.core.retry import PRESETS
from tests.authoring.orders import Item, Order, new_workflow
from tests.authoring.test_children import Payment


def keep(state: Order) -> Order:
    return state


async def label(item: Item) -> str:
    return str(item.price)


def tidy(state: Order) -> None: ...


def build() -> Blueprint[Order]:
    wf = new_workflow()
    first = wf.node(keep, name="first", retry="io_default", timeout="30s", effect="keyed")
    every = wf.each("state.items", max_concurrency=4, output_key="labels", effect="pure", timeout=5)(label)
    fan = wf.parallel("fan")
    both = wf.join("both")
    ordered = wf.join("ordered", wait_for=[fan, both])
    pause = wf.wait("pause", duration="72h")
    route = wf.condition("route", [("state.risk == 'low'", pause), ("state.amount > 3", END)], default=pause)
    review = wf.approval("review", "Refund {{ state.amount }}?", deadline="1h")
    wf.finalizer(run_on="success", effect="keyed")(tidy)
    first.then(fan, every)
    fan.then(both, ordered)
    every.then(both)
    both.then(ordered)
    ordered.then(review)
    review.on(approved=route, rejected=END, timeout=END)
    return wf.build()


def test_each_declaration_has_its_node() -> None:
    assert build().definition.nodes == (
        Node("first", "python_fn", {"function": "first"}, Effect.KEYED, PRESETS["io_default"], 30_000),
        Node("label", "parallel", output_key="labels", each=Each("state.items", "label-item", 4)),
        Node("label-item", "python_fn", {"function": "label"}, Effect.PURE, timeout_ms=5_000),
        Node("fan", "parallel"),
        Node("both", "join", join=Join(("fan", "label"))),
        Node("ordered", "join", join=Join(("fan", "both"))),
        Node("pause", "wait", {"duration_ms": 259_200_000}),
        Node(
            "route",
            "condition",
            {
                "branches": [
                    {"when": "state.risk == 'low'", "to": "pause"},
                    {"when": "state.amount > 3", "to": "end"},
                ],
                "default": "pause",
            },
        ),
        Node(
            "review",
            "human_approval",
            {"prompt": "Refund {{ state.amount }}?", "decisions": ["approved", "rejected"], "deadline_ms": 3_600_000},
        ),
        Node("tidy", "finalizer", {"function": "tidy"}, Effect.KEYED, run_on=RunOn.SUCCESS),
    )


def test_a_condition_has_one_edge_to_each_target() -> None:
    edges = [edge for edge in build().definition.edges if edge.source == "route"]
    assert edges == [Edge("route", "pause"), Edge("route", "end")]


def test_the_start_is_the_node_that_no_edge_leads_to() -> None:
    assert build().definition.start == "first"


def test_everything_has_a_place_and_every_function_is_there() -> None:
    blueprint = build()
    definition = blueprint.definition
    subjects = {("workflow",), *(("node", node.id) for node in definition.nodes)}
    subjects |= {("edge", str(index)) for index in range(len(definition.edges))}
    assert blueprint.places.keys() == subjects
    assert blueprint.functions.keys() == {"first", "label", "tidy"}
    assert item_name("label") == "label-item"


def test_the_hash_does_not_depend_on_lines_or_functions() -> None:
    def other(state: Order) -> Order:
        return state

    one, two = new_workflow(), new_workflow()
    one.node(keep)
    two.node(other, name="keep")
    hashes = {definition_hash(wf.build().definition) for wf in (one, two)}
    assert len(hashes) == 1
    three = new_workflow()
    three.node(keep, timeout="3s")
    assert definition_hash(three.build().definition) not in hashes


def test_what_only_follows_from_a_mistake_is_not_told() -> None:
    wf = new_workflow()
    review = wf.approval("review", "Refund?")
    review.on(aproved=wf.node(keep), rejected=END)
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    assert [problem.code for problem in caught.value.problems] == ["E016"]


def governance(parent: str, child: str, **wait: Any) -> Workflow[Order]:
    """A workflow of one session type that runs one of another."""
    inner = Workflow("payment", version="1.0.0", state=Payment, session_type=cast(Any, child))
    inner.wait("nap", **(wait or {"duration": "1h"}))
    outer = Workflow("outer", version="1.0.0", state=Order, session_type=cast(Any, parent))
    outer.subgraph("pay", inner, input={"amount": "state.amount"})
    return outer


GOVERNED = "persistent_governed"


@pytest.mark.parametrize(
    ("parent", "child", "wait"),
    [
        (GOVERNED, GOVERNED, {}),
        (GOVERNED, "resumable", {}),
        (GOVERNED, "resumable", {"signal": "paid"}),
        ("resumable", "resumable", {"event": "paid", "key": "{{ state.reason }}"}),
    ],
)
def test_a_child_is_governed_with_its_parent(parent: str, child: str, wait: dict[str, str]) -> None:
    assert governance(parent, child, **wait).build()


def test_a_governed_child_of_one_that_is_not_is_refused() -> None:
    with pytest.raises(DefinitionError) as refused:
        governance("resumable", GOVERNED).build()
    (problem,) = refused.value.problems
    assert (problem.code, problem.hint) == ("E059", "make `outer` `persistent_governed`, too")
    assert problem.message == "`pay` runs `payment`, which is governed, and `outer` is not"


@pytest.mark.parametrize("child", ["resumable", GOVERNED])
def test_a_child_that_waits_for_an_event_can_not_be_governed(child: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        governance(GOVERNED, child, event="paid", key="{{ state.reason }}").build()
    (problem,) = refused.value.problems
    assert problem.code == "E023"
    assert problem.place is not None
    assert "wait for a signal" in (problem.hint or "")
