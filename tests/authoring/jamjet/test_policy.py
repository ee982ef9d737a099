"""Policies of JamJet."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.authoring.jamjet import ir as records
from pectin.authoring.jamjet.policy import write_policy
from pectin.core.policy import ApprovalRule, Policy
from tests.authoring.jamjet.documents import edge, function, golden, ir, node, read, told

TOOLS = {"pay.out": {"kind": "python", "reference": "pay.out"}}


def call(**fields: Any) -> dict[str, Any]:
    return node("pay", "tool", tool_ref="pay.out", input_mapping={}, output_schema="") | fields


def test_the_workflows_and_a_nodes() -> None:
    found = read(golden("tool"))
    assert found.policy == Policy(blocked_tools=["shell.*"], require_approval_for=["*.submit"])
    assert [node.policy for node in found.nodes] == [None, Policy(require_approval_for=["payments.*"]), None]


def test_models_and_patterns_that_are_not_here() -> None:
    policy = {"blocked_tools": ["pay.?", "ok"], "require_approval_for": ["**"], "model_allowlist": ["gpt"]}
    found = told(ir(call(policy=policy), tools=TOOLS, policy=policy))
    assert found == [
        (code, message.format(what), mark)
        for what in ("the node `pay`", "the workflow")
        for code, message, mark in (
            ("E071", "`blocked_tools` of the policy of {}: 'pay.?' is no pattern", '"pay.?"'),
            ("E071", "`require_approval_for` of the policy of {}: '**' has `**`", '"**"'),
            ("E071", "the policy of {} has a `model_allowlist`, and no kind here names a model", "["),
        )
    ]


def test_what_is_no_policy() -> None:
    policy: dict[str, Any] = {"blocked_tools": "x", "blocked": []}
    assert told(ir(call(), tools=TOOLS, policy=policy)) == [
        ("E070", "`blocked_tools` of the policy of the workflow: expected `array`, got `str`", '"x"'),
        ("E070", "the policy of the workflow has no field `blocked`", '"blocked"'),
    ]
    assert told(ir(call(policy=3), tools=TOOLS)) == [
        ("E070", "the policy of the node `pay` is the number 3, and has to be an object", "3"),
    ]


def test_functions_are_policed_here_and_not_there() -> None:
    policy = {"blocked_tools": ["a"], "require_approval_for": ["*"]}
    document = ir(function("a"), function("b", policy=policy), edges=[edge("a", "b")], policy=policy)
    what = "JamJet's policies look at tools only"
    assert told(document) == [
        ("E071", f"`*` is also the function `b` of `b`: {what}", "{"),
        ("E071", f"`a` is also the function `a` of `a`: {what}", "{"),
        ("E071", f"`*` is also the function `a` of `a`: {what}", "{"),
    ]


def test_a_call_that_is_blocked_is_refused_whoever_may_approve_it() -> None:
    """JamJet looks at the node's policy first, and would ask."""
    own = {"require_approval_for": ["pay.*"]}
    document = ir(call(policy=own), tools=TOOLS, policy={"blocked_tools": ["pay.*"]})
    assert [code for code, _, _ in told(document)] == ["E065"]


@pytest.mark.parametrize("rule", [ApprovalRule("a", approvers=2), ApprovalRule("a", of=("finance",))])
def test_rules_with_more_than_a_pattern(rule: ApprovalRule) -> None:
    policy = Policy(blocked_tools=["x"], require_approval_for=[rule, "b"])
    assert write_policy(policy) == (records.PolicySet(["x"], ["a", "b"], []), ["a"])
    assert write_policy(None) == (None, [])
