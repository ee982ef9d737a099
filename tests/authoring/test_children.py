"""Workflows inside workflows: how they are built, and what is said of those that can't be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.core.budget import Amount
from pectin.core.definition import Child, Each, Node, OnItemFailure
from pectin.core.problem import DefinitionError
from tests.authoring.mistake import Mistake, Mistakes, tell
from tests.authoring.orders import Item, Order, new_workflow

MISTAKES = Mistakes()
told = MISTAKES.told


class Payment(BaseModel):
    amount: Decimal
    reason: str = "none"
    tries: int = 0
    receipt: str | None = None


def settle(state: Payment) -> Payment:
    return state


def keep(state: Order) -> Order:
    return state


def payment(version: str = "1.0.0") -> Workflow[Payment]:
    wf = Workflow("payment", version=version, state=Payment)
    wf.node(settle)
    return wf


def test_a_subgraph_is_a_node_with_a_child() -> None:
    wf = new_workflow()
    wf.subgraph("pay", payment(), input={"amount": "state.amount"}, output={"receipt": "output.receipt"})
    child = Child("payment", "1.0.0", {"amount": "state.amount"}, {"receipt": "output.receipt"})
    assert wf.build().definition.nodes == (Node("pay", "subgraph", child=child),)


def test_a_child_that_is_gated_is_one_of_a_gated_workflow() -> None:
    inner = Workflow("payment", version="1.0.0", state=Payment, session_type="approval_gated")
    inner.node(settle)
    wf = new_workflow()
    wf.subgraph("pay", inner, input={"amount": "state.amount"})
    assert wf.build().definition.nodes[0].child == Child("payment", "1.0.0", {"amount": "state.amount"}, {}, True)


def test_an_ephemeral_child_is_one_of_a_preview_only() -> None:
    inner = Workflow("payment", version="1.0.0", state=Payment, session_type="ephemeral")
    inner.node(settle)
    wf = new_workflow()
    wf.subgraph("pay", inner, input={"amount": "state.amount"})
    with pytest.raises(DefinitionError, match="`pay` runs `payment`, which is ephemeral: it can only be previewed"):
        wf.build()
    outer = Workflow("order", version="1.0.0", state=Order, session_type="ephemeral")
    outer.subgraph("pay", inner, input={"amount": "state.amount"})
    assert len(outer.build().children) == 1


def test_a_map_of_children_has_an_item_node_with_a_child() -> None:
    wf = new_workflow()
    mapping = {"amount": "item.price", "tries": "index"}
    wf.each_child("pay", "state.items", payment(), input=mapping, max_concurrency=4, on_item_failure="wait")
    each = Each("state.items", "pay-item", 4, OnItemFailure.WAIT)
    assert wf.build().definition.nodes == (
        Node("pay", "parallel", each=each),
        Node("pay-item", "subgraph", child=Child("payment", "1.0.0", mapping)),
    )


def test_a_map_of_children_takes_the_list_of_a_node() -> None:
    def look_up(state: Order) -> list[Item]: ...

    wf = new_workflow()
    found = wf.node(look_up, output_key="items")
    found.then(wf.each_child("pay", found, payment(), input={"amount": "item.price"}))
    assert [node.each.items for node in wf.build().definition.nodes if node.each] == ["state.items"]


def test_children_are_built_with_their_own_and_each_once() -> None:
    inner, outer, wf = payment(), Workflow("outer", version="1.0.0", state=Order), new_workflow()
    outer.subgraph("pay", inner, input={"amount": "state.amount"})
    one = wf.subgraph("one", outer, input={"id": "state.id"})
    two = wf.subgraph("two", outer, input={"id": "state.id"})
    one.then(two)
    two.then(wf.subgraph("three", inner, input={"amount": "decimal(3)"}))
    blueprint = wf.build()
    assert [child.definition.id for child in blueprint.children] == ["payment", "outer"]
    assert [child.definition.id for child in blueprint.children[1].children] == ["payment"]
    assert blueprint.children[1].children[0] is blueprint.children[0]


def test_an_open_child_takes_any_keys() -> None:
    child: Workflow[dict[str, Any]] = Workflow("loose", version="1.0.0", state=dict[str, Any])
    child.wait("w", duration="1s")
    wf = new_workflow()
    wf.subgraph("pay", child, input={"anything": "state.id"}, output={"receipt": "output.whatever"})
    assert wf.build().definition.nodes[0].kind == "subgraph"


def test_the_functions_of_children_are_found_too() -> None:
    child, wf = payment(), new_workflow()
    wf.subgraph("pay", child, input={"amount": "state.amount"})
    blueprint = wf.build()
    for registry in (Registry([blueprint]), Registry([child.build(), blueprint])):
        assert registry.find("payment", "settle") is not None
        assert registry.find("orders", "settle") is None


def test_two_workflows_of_one_id_are_refused_also_as_children() -> None:
    wf = new_workflow()
    one = wf.subgraph("one", payment("1.0.0"), input={"amount": "state.amount"})
    one.then(wf.subgraph("two", payment("2.0.0"), input={"amount": "state.amount"}))
    with pytest.raises(DefinitionError, match=r"two workflows are called `payment`: 1\.0\.0 and 2\.0\.0"):
        Registry([wf.build()])


def test_a_child_that_grew_since_is_another_one() -> None:
    child, wf = payment(), new_workflow()
    wf.subgraph("pay", child, input={"amount": "state.amount"})
    before = wf.build()
    child.wait("w", duration="1s").then(child.join("both"))
    child.start(child.parallel("fan").then(child.wait("v", duration="1s")))
    with pytest.raises(DefinitionError):
        Registry([before, child.build()])


@told("`pay` runs 'payment', which is no workflow; hand in the `Workflow` itself")
def a_name_as_child(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", "payment"))


@told("`pay` runs None, which is no workflow; hand in the `Workflow` itself")
def nothing_as_child_of_a_map(wf: Any, first: Any) -> None:
    first.then(wf.each_child("pay", "state.items", None, input={"amount": "item.price"}))


@told(
    "`pay` hands in `amuont`, which Payment lacks; did you mean `amount`?\n"
    "`pay` doesn't hand in `amount`, which Payment has no default for; add it to its input: `amount`"
)
def a_misspelt_key_of_the_input(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amuont": "state.amount"}))


@told("`pay` hands in `zzz`, which Payment lacks")
def an_unknown_key_of_the_input(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount", "zzz": "state.id"}))


@told("`pay` doesn't hand in `amount`, which Payment has no default for; add it to its input: `amount`")
def no_input(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment()))


@told("pay, input `amount`: expected a decimal; this is a string\n    state.id\n    ^^^^^^^^")
def an_input_of_another_type(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.id"}))


@told("pay, input `reason`: the result may be null\n    state.receipt\n    ^^^^^^^^^^^^^  test it against null first")
def an_input_that_may_be_null(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount", "reason": "state.receipt"}))


@told(
    "pay, input `amount`: expected a decimal; this is an int\n"
    "    size(state.items)\n    ^^^^^^^^^^^^^^^^^  write `decimal(size(state.items))`"
)
def an_int_for_a_decimal(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "size(state.items)"}))


@told("pay, input `amount`: `state` has no field `amuont`\n    state.amuont\n          ^^^^^^  did you mean `amount`?")
def an_input_from_an_unknown_field(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amuont"}))


@told("pay, input `amount`: there is no variable `item`\n    item.price\n    ^^^^  there are: `state`")
def an_item_outside_a_map(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "item.price"}))


@told("pay-item, input `amount`: `item` has no field `prize`\n    item.prize\n         ^^^^^  did you mean `price`?")
def an_unknown_field_of_an_item(wf: Any, first: Any) -> None:
    first.then(wf.each_child("pay", "state.items", payment(), input={"amount": "item.prize"}))


@told("pay, input `reason`: expected a string; this is a decimal\n    item.price\n    ^^^^^^^^^^")
def an_item_of_another_type(wf: Any, first: Any) -> None:
    mapping = {"amount": "item.price", "reason": "item.price"}
    first.then(wf.each_child("pay", "state.items", payment(), input=mapping))


@told("pay: expected a list; this is a string\n    state.id\n    ^^^^^^^^")
def children_of_what_is_no_list(wf: Any, first: Any) -> None:
    first.then(wf.each_child("pay", "state.id", payment(), input={"amount": "state.amount"}))


@told(
    "pay, output `receipt`: `output` has no field `reciept`\n"
    "    output.reciept\n           ^^^^^^^  did you mean `receipt`?"
)
def an_output_from_an_unknown_field(wf: Any, first: Any) -> None:
    mapping = {"receipt": "output.reciept"}
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount"}, output=mapping))


@told("pay, output `receipt`: expected a string or null; this is an int\n    output.tries\n    ^^^^^^^^^^^^")
def an_output_of_another_type(wf: Any, first: Any) -> None:
    mapping = {"receipt": "output.tries"}
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount"}, output=mapping))


@told("subgraph `pay` has the output `reciept`, and the state has no such field; did you mean `receipt`?")
def an_output_to_an_unknown_field(wf: Any, first: Any) -> None:
    mapping = {"reciept": "output.receipt"}
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount"}, output=mapping))


@told("`pay` gives Payment, but `receipt` of Order is a string or null")
def a_last_state_that_does_not_fit(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount"}, output_key="receipt"))


@told("`pay` gives a list of Payment, but `labels` of Order is a list of strings")
def last_states_that_do_not_fit(wf: Any, first: Any) -> None:
    mapping = {"amount": "item.price"}
    first.then(wf.each_child("pay", "state.items", payment(), input=mapping, output_key="labels"))


@told("`pay` gives errors in place of what failed, but `items` of Order is a list of Items")
def errors_where_states_are_kept(wf: Any, first: Any) -> None:
    class Price(BaseModel):
        price: Decimal

    child = Workflow("price", version="1.0.0", state=Price)
    child.wait("w", duration="1s")
    options = {"input": {"price": "item.price"}, "output_key": "items", "on_item_failure": "collect"}
    first.then(wf.each_child("pay", "state.items", child, **options))


@told(
    'the input of `pay`, [\'amount\'], is no mapping; write `input={"key": "state.key"}`\n'
    "`pay` doesn't hand in `amount`, which Payment has no default for; add it to its input: `amount`"
)
def a_list_as_input(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input=["amount"]))


@told('the output of `pay` maps \'receipt\' to 3, which is no expression; write `output={"key": "output.key"}`')
def a_number_as_expression(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("pay", payment(), input={"amount": "state.amount"}, output={"receipt": 3}))


@told(
    "`pay` takes its items from `read`, which has no `output_key`; "
    "say where its list goes, or give a path: `state.items`"
)
def children_of_a_node_without_a_key(wf: Any, first: Any) -> None:
    first.then(wf.each_child("pay", first, payment(), input={"amount": "state.amount"}))


@told("map `pay` has the unknown on_item_failure 'colect'; did you mean `collect`?")
def an_unknown_answer_to_failures(wf: Any, first: Any) -> None:
    mapping = {"amount": "item.price"}
    first.then(wf.each_child("pay", "state.items", payment(), input=mapping, on_item_failure="colect"))


@told("`again` runs a workflow inside itself: `orders` → `orders`; to do something again, lead back with `repeat`")
def a_workflow_inside_itself(wf: Any, first: Any) -> None:
    first.then(wf.subgraph("again", wf, input={"id": "state.id"}))


@pytest.mark.parametrize(("mistake", "text"), MISTAKES.all)
def test_a_mistake_is_told_with_its_line(mistake: Mistake, text: str) -> None:
    assert tell(mistake) == text


def test_a_workflow_inside_itself_by_others_is_told_where_it_closes() -> None:
    one: Workflow[Order] = new_workflow()
    two = Workflow("two", version="1.0.0", state=Order)
    one.subgraph("in_two", two, input={"id": "state.id"})
    two.subgraph("in_one", one, input={"id": "state.id"})
    for built, walk in ((one, "`orders` → `two` → `orders`"), (two, "`two` → `orders` → `two`")):
        with pytest.raises(DefinitionError, match=walk):
            built.build()


def test_what_is_wrong_with_a_child_is_told_with_the_rest() -> None:
    child: Any = payment()
    child.wait("lost", duration="0s")
    wf = new_workflow()
    wf.subgraph("pay", child, input={"amount": "state.id"}).then(wf.node(keep), when="state.rsik == 'high'")
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    said = str(caught.value)
    for text in ("is no time at all", "expected a decimal", "`state` has no field `rsik`"):
        assert text in said


# -- what is spent ----------------------------------------------------------------------------------------------


def spending() -> Workflow[Payment]:
    wf = Workflow("spending", version="1.0.0", state=Payment)
    wf.node(settle, ceiling={"cost_usd": "0.10"})
    return wf


def limited(**options: Any) -> Workflow[Order]:
    wf = Workflow("order", version="1.0.0", state=Order, max_cost_usd="1")
    wf.subgraph("pay", spending(), input={"amount": "state.amount"}, **options)
    return wf


def test_a_ceiling_goes_to_who_does_the_work() -> None:
    (node,) = limited(ceiling=Amount("0.50")).build().definition.nodes
    assert node.ceiling == Amount("0.5")
    wf = new_workflow()
    wf.each_child("pay", "state.items", payment(), input={"amount": "item.price"}, ceiling={"cost_usd": 1})
    each, item = wf.build().definition.nodes
    assert (each.ceiling, item.ceiling) == (None, Amount("1"))


def test_a_child_that_spends_what_is_limited_needs_a_part() -> None:
    with pytest.raises(DefinitionError) as caught:
        limited().build()
    (problem,) = caught.value.problems
    assert (problem.code, problem.hint) == (
        "E052",
        'say the most that one attempt may spend: `ceiling={"cost_usd": ...}`',
    )
    assert problem.message == "subgraph `pay` spends `cost_usd`, which the workflow limits, and has no ceiling for that"


@pytest.mark.parametrize(
    ("ceiling", "said"),
    [
        ({"cost_usd": 0.1}, "the ceiling of `pay`.cost_usd: 0.1 is a float, and floats are not exact"),
        ({"cost": "0.1"}, "the ceiling of `pay`: an amount has no 'cost'"),
        ("0.1", "the ceiling of `pay`: '0.1' is no amount"),
    ],
)
def test_a_ceiling_that_can_t_be_used_is_told_at_its_line(ceiling: Any, said: str) -> None:
    wf = new_workflow()
    wf.subgraph("pay", payment(), input={"amount": "state.amount"}, ceiling=ceiling)
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == ("E051", said)
    assert problem.place is not None
