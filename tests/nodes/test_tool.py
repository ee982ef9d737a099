"""`tool`: what a node hands to a tool, and what it keeps."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.action import Run
from pectin.core.definition import END, Contract, Definition, Edge, Effect, Json, Node
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry, NodeError
from pectin.core.retry import PRESETS
from pectin.core.schema import Any as AnyJson
from pectin.core.schema import Decimal, Field, Integer, Object, String
from pectin.nodes import bind, function_name
from tests.definitions import REFUND, define, each, fn, found, when

RECEIPT = Object({"id": Field(String()), "cents": Field(Integer())}, name="Receipt")
PAY = Contract(
    "bank.pay",
    Object(
        {
            "order": Field(String()),
            "amount": Field(Decimal()),
            "note": Field(String(), required=False, default="-"),
            "any": Field(AnyJson(), required=False),
        }
    ),
    RECEIPT,
    Effect.KEYED,
)
INPUT: dict[str, Json] = {"order": "state.order", "amount": "state.amount"}


def call(name: str = "pay", **traits: Any) -> Node:
    config: dict[str, Json] = traits.pop("config", {"tool": "bank.pay", "input": INPUT, **traits.pop("more", {})})
    traits.setdefault("effect", Effect.KEYED)
    return Node(name, "tool", config, **traits)


def paying(*parts: Node | Edge, **fields: Any) -> Definition:
    return define(*parts, tools=(PAY,), **fields)


def with_input(**input: Json) -> Node:
    return call(more={"input": {**INPUT, **input}})


BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (paying(call(config={})), [("E017", "", "tool `pay` needs the setting `tool`")]),
    (
        paying(call(config={"tool": "bank.pya"})),
        [("E061", "", "tool `pay` calls the unknown tool `bank.pya`; did you mean `bank.pay`?")],
    ),
    (
        define(call()),
        [
            (
                "E061",
                "",
                "tool `pay` calls the unknown tool `bank.pay`; declare it: the workflow has no tool of this name",
            )
        ],
    ),
    (
        paying(call(effect=Effect.IDEMPOTENT)),
        [
            (
                "E063",
                "",
                "tool `pay` is `idempotent`, and the tool `bank.pay` that it calls is `keyed`; "
                "leave the effect to the tool: it says what a call does to the world",
            )
        ],
    ),
    (
        paying(call(config={"tool": "bank.pay", "input": {"ordr": "state.order", "amount": "state.amount"}})),
        [
            ("E062", "", "tool `pay` hands in `ordr`, which `bank.pay` doesn't take; did you mean `order`?"),
            ("E062", "", "tool `pay` doesn't hand in `order`, which `bank.pay` needs; add it: a string"),
        ],
    ),
    (
        paying(with_input(order="state.ordr")),
        [("E014", "pay, input `order`", "`state` has no field `ordr` [ordr]; did you mean `order`?")],
    ),
    (
        paying(with_input(order="state.count")),
        [("E014", "pay, input `order`", "expected a string; this is an int [state.count]")],
    ),
    (
        paying(with_input(amount="state.count")),
        [
            (
                "E014",
                "pay, input `amount`",
                "expected a decimal; this is an int [state.count]; write `decimal(state.count)`",
            )
        ],
    ),
    (
        paying(with_input(note="item")),
        [("E014", "pay, input `note`", "there is no variable `item` [item]; there are: `state`")],
    ),
    (
        paying(call(more={"output": {"recipt": "output.id"}})),
        [("E019", "", "tool `pay` has the output `recipt`, and the state has no such field; did you mean `receipt`?")],
    ),
    (
        paying(call(more={"output": {"receipt": "output.idd"}})),
        [("E014", "pay, output `receipt`", "`output` has no field `idd` [idd]; did you mean `id`?")],
    ),
    (
        paying(call(more={"output": {"receipt": "output.cents"}})),
        [("E014", "pay, output `receipt`", "expected a string or null; this is an int [output.cents]")],
    ),
    (
        paying(call(more={"output": {"amount": "output.cents"}})),
        [
            (
                "E014",
                "pay, output `amount`",
                "expected a decimal; this is an int [output.cents]; write `decimal(output.cents)`",
            )
        ],
    ),
    (
        paying(call(output_key="receipt", more={"output": {"receipt": "output.id"}})),
        [
            ("E020", "", "tool `pay` gives a Receipt, and `state.receipt` is a string or null"),
            ("E017", "", "tool `pay` has both an `output_key` and a mapping of its output; keep one"),
        ],
    ),
    (
        paying(call(output_key="recipt")),
        [
            (
                "E019",
                "",
                "tool `pay` has the `output_key` `recipt`, and the state has no such field; did you mean `receipt`?",
            )
        ],
    ),
    (
        paying(call(reconcile="pay.reconcile")),
        [
            (
                "E039",
                "",
                "tool `pay` has a `reconcile`, but is `keyed`: only a `once` node is ever in doubt; delete it, or make "
                "the node `once`",
            )
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_a_fine_one_has_no_problems() -> None:
    kept = {"output": {"receipt": "output.id", "count": "output.cents"}}
    policy = PRESETS["io_default"]
    assert found(paying(call(more=kept, retry=policy, timeout_ms=5), when("pay", END, "output.cents > 5"))) == []
    keyed = Object({**REFUND.fields, "slip": Field(RECEIPT)})
    definition = paying(call(output_key="slip"), when("pay", END, "output.slip.cents > 5"), state=keyed)
    assert found(definition) == []


def test_on_entry_it_works_out_the_arguments_with_their_defaults() -> None:
    program = bind(paying(call()))
    entry = Entry(state={"order": "A", "amount": "1.50"}, at=0)
    assert program.enter["pay"](entry) == Run(arguments={"order": "A", "amount": "1.50", "note": "-"})
    assert program.calls["pay"].tool is PAY
    assert function_name(program.nodes["pay"]) == "tool:bank.pay"


def test_what_cant_be_evaluated_or_handed_in_fails() -> None:
    program = bind(paying(with_input(order="state.labels[0]", any="1")))
    with pytest.raises(EvaluationError):
        program.enter["pay"](Entry(state={"order": "A", "amount": "1", "labels": []}, at=0))
    loose = Object({"order": Field(AnyJson()), "amount": Field(AnyJson())})
    with pytest.raises(
        NodeError, match=r"the input of `bank.pay` can't be used: \$.amount: 1.5 is no decimal"
    ) as error:
        bind(paying(call(), state=loose)).enter["pay"](Entry(state={"order": "A", "amount": 1.5}, at=0))
    assert error.value.error_class == "bad_arguments"


def test_an_item_sees_its_item_and_its_outputs_keys_are_its_own() -> None:
    config: dict[str, Json] = {
        "tool": "bank.pay",
        "input": {"order": "item", "amount": "state.amount", "note": "string(index)"},
        "output": {"anything": "output.id"},
    }
    program = bind(paying(each("all", item="pay"), call(config=config)))
    entry = Entry(state={"amount": "1"}, at=0, item="A", index=2)
    assert program.enter["pay"](entry) == Run(arguments={"order": "A", "amount": "1", "note": "2"})


def test_a_function_is_no_tool() -> None:
    assert function_name(fn("a")) == "a"
    assert bind(define(fn("a"))).calls == {}
