"""Definitions as documents of JamJet."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

import pectin
from pectin.authoring.jamjet.reading import read_definition
from pectin.authoring.jamjet.writing import write_ir, write_jamjet
from pectin.core.budget import Amount
from pectin.core.definition import (
    Contract,
    Definition,
    Edge,
    Effect,
    Endpoint,
    Node,
    OnFailure,
    Reducer,
    Trigger,
    WorkflowLimits,
)
from pectin.core.policy import ApprovalRule, Policy
from pectin.core.problem import DefinitionError
from pectin.core.retry import PRESETS, RetryPolicy
from pectin.core.schema import Bool, Field, Integer, List, Object
from pectin.core.status import SessionType
from tests.authoring.jamjet.documents import read
from tests.core.chance import random_definition

STATE = Object({"ok": Field(Bool()), "n": Field(Integer()), "items": Field(List(Integer()))})


def definition(*edges: Edge, nodes: tuple[Node, ...] = (), **fields: Any) -> Definition:
    given = {node.id: node for node in nodes}
    names = dict.fromkeys([*(name for edge in edges for name in (edge.source, edge.target)), *given])
    made = tuple(given.get(name) or step(name) for name in names if name != "end")
    found = Definition("w", "1.0.0", STATE, made[0].id, made, edges)
    return replace(found, **fields)


def step(name: str, **fields: Any) -> Node:
    return Node(name, "python_fn", {"function": name}, Effect.IDEMPOTENT, **fields)


def told(of: Definition) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        write_ir(of)
    assert {problem.code for problem in caught.value.problems} == {"E073"}
    return [problem.message for problem in caught.value.problems]


def test_retry_policies_have_a_name() -> None:
    mine = RetryPolicy(max_attempts=7)
    of = definition(Edge("a", "b"), nodes=(step("a", retry=mine), step("b", retry=PRESETS["llm_default"])))
    document = write_ir(of)
    assert [node["retry_policy"] for node in document["nodes"].values()] == ["a_retry", "llm_default"]
    assert document["retry_policies"] == {"a_retry": mine.to_json()}


def test_a_policy_of_its_own_comes_back_with_its_name_as_a_label() -> None:
    """A name is a note: the definition is another, and means the same."""
    of = definition(nodes=(step("a", retry=RetryPolicy(max_attempts=7), labels={"jamjet.retry_policy": "mine"}),))
    assert read(write_ir(of)) == of


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"session_type": SessionType.STATELESS}, "the session type `stateless`"),
        ({"reducers": {"n": Reducer.ADD}}, "reducers"),
        ({"limits": WorkflowLimits(max_iterations=3)}, "`max_iterations` of the limits"),
        ({"limits": WorkflowLimits(wall_time_ms=3)}, "`wall_time_ms` of the limits"),
        ({"retention_days": 5}, "`retention_days`"),
        ({"on_failure": OnFailure.WAIT}, "`on_failure: wait`"),
        ({"stop_grace_ms": 5}, "`stop_grace`"),
        ({"version": "0.0.0-dev"}, "the version 0.0.0-dev: it has to be three numbers"),
    ],
)
def test_what_can_not_be_said_of_the_whole(fields: dict[str, Any], message: str) -> None:
    assert told(definition(nodes=(step("a"),), **fields)) == [f"JamJet has no words for {message}"]


@pytest.mark.parametrize(
    ("edge", "message"),
    [
        (Edge("a", "b", Trigger.OTHERWISE), "an edge that is taken otherwise"),
        (Edge("a", "b", Trigger.ERROR), "an edge that is taken on failure"),
        (Edge("a", "a", Trigger.REPEAT, "state.ok", 3), "a loop"),
        (Edge("a", "b", Trigger.LIMIT), "an edge that is taken at a limit"),
        (Edge("a", "b", Trigger.WHEN, "state.n > 3"), "the condition `state.n > 3`"),
    ],
)
def test_what_can_not_be_said_of_an_edge(edge: Edge, message: str) -> None:
    assert told(definition(edge)) == [f"JamJet has no words for {message}"]


def test_what_can_not_be_said_of_a_node() -> None:
    ceiling = step("a", ceiling=Amount("0.10"), reconcile="a.reconcile")
    rules = Policy(require_approval_for=["b", ApprovalRule("c", approvers=2)])
    assert told(definition(Edge("a", "b"), nodes=(ceiling, step("b", policy=rules)), policy=rules)) == [
        "JamJet has no words for who has to approve `c` in the policy of the workflow" if index == 3 else message
        for index, message in enumerate(
            [
                "JamJet has no words for the `reconcile` of `a`",
                "JamJet has no words for the ceiling of `a`",
                "JamJet has no words for who has to approve `c` in the policy of `b`",
                "",
            ]
        )
    ]


def test_a_policy_that_is_about_a_function_too() -> None:
    """JamJet would let the function run."""
    (message,) = told(definition(nodes=(step("pay"),), policy=Policy(require_approval_for=["p*"])))
    assert message == (
        "what would be written can't be read again: `p*` is also the function `pay` of `pay`: "
        "JamJet's policies look at tools only"
    )


def test_tools_with_what_has_no_words() -> None:
    endpoint = Endpoint(method="GET", url="https://a.example/", headers={"X": "y"}, timeout_ms=5)
    tool = Contract("t", Object({}), Integer(), Effect.PURE, endpoint=endpoint)
    call = Node("a", "tool", {"tool": "t", "output": {"n": "output"}}, Effect.PURE)
    assert told(definition(nodes=(call,), tools=(tool,))) == [
        "JamJet has no words for the `headers` of the tool `t`",
        "JamJet has no words for the `timeout_ms` of the tool `t`",
        "JamJet has no words for the `output` of `a`",
    ]


def test_labels_that_are_jamjets() -> None:
    named = {"pectin.tool.t.effect": "pure"}
    message = "the label `pectin.tool.t.effect` of the workflow has a meaning in JamJet's IR"
    assert told(definition(nodes=(step("a"),), labels=named)) == [message]


def test_what_would_come_back_as_something_else() -> None:
    """A `PURE` kind that runs nothing is written; a node's settings that are the usual ones, said, are not."""
    odd = Node("c", "condition", {"branches": [{"when": "state.ok", "to": "a"}], "default": None})
    of = definition(Edge("c", "a"), nodes=(odd,))
    assert told(of) == ["the node `c` would come back from JamJet as something else"]
    swapped = definition(Edge("a", "b"), nodes=(step("a", labels={"pectin.effect": "pure"}),))
    assert told(swapped) == ["the label `pectin.effect` of `a` has a meaning in JamJet's IR"]


@pytest.mark.parametrize("seed", range(120))
def test_a_definition_is_written_whole_or_refused(seed: int) -> None:
    of = random_definition(seed)
    codes = {"E073"}
    try:
        assert read(write_ir(of)) == of
    except DefinitionError as error:
        codes |= {problem.code for problem in error.problems}
    assert codes == {"E073"}


def test_a_workflow_in_python() -> None:
    flow = pectin.Workflow("flow", version="1.0.0", state=dict[str, Any])

    @flow.node(effect="keyed", timeout="30s", retry="io_default")
    def first(state: dict[str, Any]) -> dict[str, Any]:
        return state

    review = flow.approval("review", "Go on?", deadline="1h")
    first.then(review)
    review.on(approved=pectin.END, rejected=pectin.END, timeout=pectin.END)
    text = write_jamjet(flow)
    assert text.endswith("}\n")
    assert read_definition(text, "flow.json") == flow.build().definition
