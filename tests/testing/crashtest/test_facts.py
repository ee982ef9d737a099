"""What is declared of a node, by the name of an activation."""

from __future__ import annotations

import pytest

from pectin import BadValue, Workflow, tool
from pectin.core.definition import Effect
from pectin.testing.crashtest import Case, parse_point
from pectin.testing.crashtest.facts import Facts, node_name
from tests.runtime.sample import Count
from tests.testing.crashtest.flows import careless, once, wide


def test_effects_kinds_and_lines() -> None:
    facts = Facts(Case(careless))
    pay, review = facts.of("pay"), facts.of("review[2]")
    assert pay is not None
    assert review is not None
    assert (pay.label, pay.effect, pay.variable, pay.function) == ("idempotent", Effect.IDEMPOTENT, "careless", "pay")
    assert pay.source is not None
    assert pay.source.startswith("tests/testing/crashtest/flows.py:")
    assert pay.source.endswith("  async def pay(state: State) -> State")
    assert (review.name, review.label, review.effect) == ("review", "approval", None)
    assert review.source is not None
    assert "careless.approval(" in review.source
    assert facts.of("payy") is None


def test_children_and_names_that_are_not_the_functions() -> None:
    inside = Facts(Case(wide)).of("ship[1]/wrap")
    assert inside is not None
    assert (inside.name, inside.effect, inside.variable) == ("ship/wrap", Effect.KEYED, "pack")
    assert Facts(Case(wide)).of("left/wrap") is None
    named = Facts(Case(once)).of("pay")
    assert named is not None
    assert (named.function, named.has_reconcile) == ("pay_once", True)
    assert node_name("ship[1]/pack[2]#3") == "ship/pack"


def test_a_tool_is_declared_by_itself() -> None:
    @tool(effect="idempotent")
    def send(*, n: int) -> int:
        return n

    calling = Workflow("calling", version="1.0.0", state=Count)
    calling.tool("sent", send, input={"n": "state.n"}, output_key="n")
    fact = Facts(Case(calling)).of("sent")
    assert fact is not None
    assert (fact.effect, fact.label, fact.function) == (Effect.IDEMPOTENT, "idempotent", "sent")
    assert fact.declared(Effect.KEYED) == '@tool(effect="keyed")'
    assert fact.source is not None
    assert "calling.tool(" in fact.source


@pytest.mark.parametrize(
    ("point", "says"),
    [
        ("payy:after-body", "there is no node `payy`; did you mean `pay`?"),
        ("pay]:after-body", "is not the name of an activation"),
        ("zzz:after-body", "it has `price`, `pay`, `review`"),
        ("review:after-body", "`review` runs no body"),
        ("pay:after-reconcile", "`pay` has no `reconcile`"),
    ],
)
def test_points_that_can_not_be(point: str, says: str) -> None:
    with pytest.raises(BadValue) as told:
        Facts(Case(careless)).check(parse_point(point))
    assert says in str(told.value)


def test_points_that_can_be() -> None:
    facts = Facts(Case(once))
    for point in ("commit-99:after", "pay@3:after-body", "pay:before-reconcile"):
        facts.check(parse_point(point))
