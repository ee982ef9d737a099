"""Nodes that run nothing: what a workflow notes down of policies, fans and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from pectin import ApprovalRule, DefinitionError, Policy, Workflow, testing
from pectin.core.definition import Node


@dataclass
class Order:
    total: int = 0
    found: int = 0


def workflow(**settings: Any) -> Workflow[Order]:
    return Workflow("order", version="1.0.0", state=Order, **settings)


def test_a_policy_node_is_its_rules() -> None:
    wf = workflow()
    check = wf.policy("check", [("state.total > 9", "{{ state.total }}!")], on_violation="warn")
    check.then(wf.parallel("both").then(wf.limit_exceeded("out", "enough")))
    nodes = wf.build().definition.nodes
    rules = [{"when": "state.total > 9", "message": "{{ state.total }}!"}]
    assert nodes[0] == Node("check", "policy", {"rules": rules, "on_violation": "warn"})
    assert [node.kind for node in nodes] == ["policy", "parallel", "limit_exceeded"]


@pytest.mark.parametrize("rules", ["state.total > 9", [("state.total > 9",)], {"state.total > 9": "much"}])
def test_rules_that_are_no_pairs_are_told(rules: Any) -> None:
    wf = workflow()
    wf.policy("check", rules)
    with pytest.raises(DefinitionError, match="the rules of policy `check` are no list of pairs"):
        wf.build()


@pytest.mark.parametrize("value", ["pay", {"blocked_tools": ["pay"]}, ["pay"]])
def test_what_is_no_policy_is_told_where_it_stands(value: Any) -> None:
    wf = workflow(policy=value)

    @wf.node(policy=value)
    def pay(state: Order) -> Order:
        return state

    with pytest.raises(DefinitionError) as refusal:
        wf.build()
    assert "the policy of the workflow, " in str(refusal.value)
    assert "the policy of node `pay`, " in str(refusal.value)


def test_policies_stand_at_the_workflow_at_nodes_and_at_items() -> None:
    rule = Policy(require_approval_for=[ApprovalRule("*", 2)])
    wf = workflow(policy=Policy(blocked_tools=["x"]))

    @wf.node(policy=rule)
    def pay(state: Order) -> Order:
        return state

    @wf.each("[1, 2]", policy=rule)
    def send(item: int) -> int:
        return item

    pay.then(send)
    definition = wf.build().definition
    assert definition.policy == Policy(blocked_tools=["x"])
    assert {node.id: node.policy for node in definition.nodes} == {"pay": rule, "send": None, "send-item": rule}
    assert set(wf.build().program.policed) == {"pay", "send-item"}


async def test_a_policy_node_fails_and_is_caught() -> None:
    wf = workflow()
    check = wf.policy("check", [("state.total > 9", "{{ state.total }} is too much")])

    @wf.node
    def count(state: Order) -> Order:
        state.found += 1
        return state

    check.on_error(count, when="error.error_class == 'policy_violation'")
    async with testing.engine(wf) as engine:
        assert (await (await engine.start(wf, Order(12))).result()).found == 1
        assert (await (await engine.start(wf, Order(2))).result()).found == 0
