"""From a tool to its contract, and to the function that is registered for it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from pectin import Context, DidNot, Happened, HttpTool, Secret, Unknown, tool
from pectin.authoring.contract import ToolFunction, agree, agree_reconcile
from pectin.authoring.draft import DraftFunction
from pectin.authoring.function import BadArguments
from pectin.authoring.places import find_caller
from pectin.authoring.signature import BadFunction
from pectin.core.definition import Contract, Effect, Endpoint, Place
from pectin.core.schema import Any as AnyJson
from pectin.core.schema import Decimal as Exact
from pectin.core.schema import Field, Integer, List, Null, Nullable, Object, String
from pectin.ports.function import BadResult, Request, Result, Verdict


class Receipt(BaseModel):
    id: str
    amount: Decimal = Decimal(0)


@dataclass
class Order:
    order: str
    note: str | None = None


def pay(*, order: str, amount: Decimal, lines: list[Order] | None = None, ctx: Context) -> Receipt:
    """Pay."""
    assert lines is None or all(isinstance(line, Order) for line in lines)
    return Receipt(id=f"{order} {ctx.key}", amount=amount)


LINE = Object({"order": Field(String()), "note": Field(Nullable(String()))}, name="Order")
RECEIPT = Object({"id": Field(String()), "amount": Field(Exact())}, name="Receipt")
CONTRACT = Contract(
    "bank.pay",
    Object(
        {
            "order": Field(String()),
            "amount": Field(Exact()),
            "lines": Field(Nullable(List(LINE)), required=False, default=None),
        }
    ),
    RECEIPT,
    Effect.KEYED,
    "Pay.",
)


def function_of(given: Any, **options: Any) -> ToolFunction:
    function = agree(tool(**options)(given)).function
    assert function is not None
    return function


def ask(**arguments: Any) -> Request:
    return Request({}, Context(key="k"), arguments=arguments)


def findings(given: Any) -> list[tuple[str, str, str | None]]:
    with pytest.raises(BadFunction) as error:
        agree(given)
    return [(finding.code, finding.message, finding.hint) for finding in error.value.findings]


def test_a_functions_contract_is_of_its_annotations() -> None:
    assert agree(tool(name="bank.pay", effect="keyed")(pay)).contract == CONTRACT


def test_arguments_and_result_are_converted() -> None:
    function = function_of(pay)
    called = function.call(ask(order="A", amount="1.50", lines=[{"order": "B", "note": None}]))
    assert called == Result(output={"id": "A k", "amount": "1.50"})
    assert not function.is_async


async def test_an_async_tool_without_arguments() -> None:
    async def ping() -> None: ...

    function = function_of(ping)
    assert function.is_async
    assert await function.call(ask()) == Result(output=None)  # type: ignore[misc]
    assert agree(tool(ping)).contract == Contract("ping", Object({}), Null(), Effect.ONCE)


def test_what_is_of_another_type_is_refused() -> None:
    with pytest.raises(BadArguments, match="the arguments of `pay` can't be used"):
        function_of(pay).call(ask(order="A", amount="a lot", lines=None))

    def lie() -> int:
        return "text"  # type: ignore[return-value]

    with pytest.raises(BadResult, match="`lie` returned what is no int"):
        function_of(lie).call(ask())


def untyped(order: str, *, amount: int) -> None: ...


for name in ("order", "return"):
    del untyped.__annotations__[name]


def unreadable(*, order: str) -> None: ...


unreadable.__annotations__["order"] = "Missing"


def by_place(order: str, /, *more: int, **others: int) -> None: ...


def sets(*, words: set[str], ctx: Context, again: Context) -> None: ...


def contexts(*, ctx: Context, again: Context) -> None: ...


def default(*, order: str = 5) -> None: ...  # type: ignore[assignment]


def opaque(*, order: object) -> set[int]: ...  # type: ignore[empty-body]


BROKEN: list[tuple[Any, list[tuple[str, str]]]] = [
    (
        tool(untyped),
        [
            ("E030", "the parameter `order` of the tool `untyped` has no annotation"),
            ("E030", "the result of the tool `untyped` has no annotation"),
        ],
    ),
    (
        tool(unreadable),
        [("E030", "the annotations of the tool `unreadable` name `Missing`, which can't be found from there")],
    ),
    (
        tool(by_place),
        [
            ("E060", "the tool `by_place` takes `order`, which has no name in a call"),
            ("E060", "the tool `by_place` takes `more`, which has no name in a call"),
            ("E060", "the tool `by_place` takes `others`, which has no name in a call"),
        ],
    ),
    (tool(contexts), [("E060", "the tool `contexts` takes the context twice")]),
    (
        tool(default),
        [("E060", "the tool `default`: `order`: the default 5 can't be written as JSON and read again")],
    ),
    (
        tool(opaque),
        [
            (
                "E033",
                "the tool `opaque` uses set[int], which can't be written as JSON: a set has no order, and JSON has no "
                "sets: use a list",
            )
        ],
    ),
    (tool(lambda: None), [("E035", "the tool `<lambda>` is a lambda")]),
    (tool(effect="twice")(pay), [("E026", "the tool `pay` has the unknown effect 'twice'")]),  # type: ignore[arg-type]
    (tool(name=3)(pay), [("E060", "a tool's name, 3, is no text")]),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("given", "expected"), BROKEN)
def test_what_is_wrong_with_a_function_is_told(given: Any, expected: list[tuple[str, str]]) -> None:
    assert [(code, message) for code, message, _ in findings(given)] == expected


# -- endpoints -------------------------------------------------------------------------------------------------


def http(**fields: Any) -> HttpTool:
    said: dict[str, Any] = {"name": "shop.order", "method": "POST", "url": "https://api.example.com/{order}"}
    return HttpTool(**(said | fields))


def test_an_endpoints_contract_is_what_was_said() -> None:
    given = http(
        input=Order,
        output=Receipt,
        effect="keyed",
        query=["note"],
        headers={"Authorization": Secret("SHOP", prefix="Bearer ")},
        timeout="5s",
        description="Orders.",
        key_header="X-Key",
        request_bytes_max=5,
        response_bytes_max=6,
    )
    endpoint = Endpoint(
        method="POST",
        url="https://api.example.com/{order}",
        query={"note": "note"},
        headers={"Authorization": Secret("SHOP", prefix="Bearer ")},
        key_header="X-Key",
        timeout_ms=5_000,
        request_bytes_max=5,
        response_bytes_max=6,
    )
    input = Object({"order": Field(String()), "note": Field(Nullable(String()), False, None)}, name="Order")
    output = Object({"id": Field(String()), "amount": Field(Exact(), False, "0")}, name="Receipt")
    assert agree(given) == (Contract("shop.order", input, output, Effect.KEYED, "Orders.", endpoint), None)


def test_schemas_may_be_documents_or_left_out() -> None:
    document = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}
    contract = agree(http(input=document, output={"type": "array", "items": {}}, query={"n": "order"})).contract
    assert (contract.input, contract.output) == (Object({"order": Field(String())}), List(AnyJson()))
    contract = agree(http(output=list[int])).contract
    assert (contract.input, contract.output, contract.effect) == (Object({}), List(Integer()), Effect.ONCE)
    assert agree(http()).contract.output == Null()


BROKEN_ENDPOINTS: list[tuple[dict[str, Any], str, str]] = [
    ({"input": int}, "E060", "the input of the tool `shop.order` is an int"),
    ({"input": {"type": "str"}}, "E060", "the input of the tool `shop.order` can't be used"),
    ({"output": set[int]}, "E060", "the output of the tool `shop.order` can't be used: a set has no order"),
    ({"query": "page"}, "E064", "the query of the tool `shop.order`, 'page', names no fields"),
    ({"query": {"a": 1}}, "E064", "the query of the tool `shop.order`, {'a': 1}, names no fields"),
    ({"headers": {"a": 1}}, "E064", "the headers of the tool `shop.order` are no mapping of texts and secrets"),
    ({"headers": "a: b"}, "E064", "the headers of the tool `shop.order` are no mapping of texts and secrets"),
    ({"method": 3}, "E064", "the method of the tool `shop.order`, 3, is no text"),
    ({"url": None}, "E064", "the url of the tool `shop.order`, None, is no text"),
    ({"timeout": "soon"}, "E022", "the timeout of the tool `shop.order`"),
    ({"response_bytes_max": "1 MB"}, "E064", "response_bytes_max of the tool `shop.order`, '1 MB', is no whole number"),
    ({"effect": "twice"}, "E026", "the tool `shop.order` has the unknown effect 'twice'"),
    ({"name": None}, "E060", "a tool's name, None, is no text"),
]


@pytest.mark.parametrize(("fields", "code", "message"), BROKEN_ENDPOINTS)
def test_what_is_wrong_with_an_endpoint_is_told(fields: dict[str, Any], code: str, message: str) -> None:
    (finding,) = findings(http(**fields))
    assert finding[0] == code
    assert finding[1].startswith(message)


# -- a reconcile -----------------------------------------------------------------------------------------------


def reconcile(function: Any) -> ToolFunction:
    return agree_reconcile(CONTRACT, DraftFunction(function, Place("f.py", 1), find_caller().names), "pay")


def was_paid(*, order: str, ctx: Context) -> Happened[Receipt] | DidNot | Unknown:
    return Happened(Receipt(id=f"{order} {ctx.key}")) if order else DidNot()


async def asks_the_bank() -> Unknown | Happened[Receipt]:
    return Unknown()


async def test_a_reconcile_takes_what_it_needs_and_gives_a_verdict() -> None:
    given = {"amount": "1", "lines": None}
    happened = Verdict(True, Result(output={"id": "A k", "amount": "0"}))
    assert reconcile(was_paid).call(ask(order="A", **given)) == happened
    assert reconcile(was_paid).call(ask(order="", **given)) == Verdict(False)
    assert await reconcile(asks_the_bank).call(ask(order="A", **given)) == Verdict(None)  # type: ignore[misc]


def takes_more(*, ordr: str) -> DidNot | Happened[Receipt]: ...  # type: ignore[empty-body]


def takes_another(*, amount: int) -> DidNot | Happened[Receipt]: ...  # type: ignore[empty-body]


def gives_another() -> Happened[int]: ...  # type: ignore[empty-body]


def gives_no_verdict() -> Receipt: ...  # type: ignore[empty-body]


def gives_a_set() -> Happened[set[int]]: ...  # type: ignore[empty-body]


@pytest.mark.parametrize(
    ("function", "code", "message"),
    [
        (takes_more, "E032", "the `reconcile` of `pay` takes `ordr`, which `bank.pay` doesn't"),
        (takes_another, "E031", "the `reconcile` of `pay` takes amount: int, which in `bank.pay` is a decimal"),
        (gives_another, "E033", "the `reconcile` of `pay` returns Happened[int]"),
        (gives_no_verdict, "E033", "the `reconcile` of `pay` returns Receipt"),
        (gives_a_set, "E033", "the `reconcile` of `pay` returns Happened[set[int]]"),
    ],
)
def test_a_reconcile_of_another_tool_is_refused(function: Any, code: str, message: str) -> None:
    with pytest.raises(BadFunction) as error:
        reconcile(function)
    ((found, told, _),) = error.value.findings
    assert (found, told) == (code, message)
