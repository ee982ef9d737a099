"""`reconcile`: the function that says whether an attempt in doubt has happened."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from pectin.authoring.workflow import Workflow
from pectin.core.problem import DefinitionError
from pectin.ports.context import Context
from pectin.ports.function import BadResult, DidNot, Happened, Request, Result, Unknown, Verdict
from tests.authoring.mistake import Mistake, Mistakes, tell
from tests.authoring.orders import Item, Order, SomeOfOrder, new_workflow, stored

MISTAKES = Mistakes()
told = MISTAKES.told


def pay(state: Order) -> Order:
    return state


def receipt(state: Order) -> str: ...
def keys(state: Order) -> SomeOfOrder: ...
async def label(item: Item, ctx: Context) -> str: ...
def yes(state: Order) -> Happened[Order] | DidNot | Unknown:
    state.receipt = "R"
    return Happened(state)


async def no(state: Order, ctx: Context) -> DidNot:
    return DidNot()


def maybe(state: Order) -> Unknown:
    return Unknown()


async def ask(body: Any, reconcile: Any, request: Request, **options: Any) -> Any:
    wf: Any = new_workflow()
    node = wf.node(body, effect="once", **options)
    assert node.reconcile(reconcile) is reconcile
    blueprint = wf.build()
    name = blueprint.definition.nodes[0].reconcile
    assert name == f"{node.name}.reconcile"
    function = blueprint.functions[name]
    concluded: Any = function.call(request)
    return await concluded if function.is_async else concluded


async def test_what_has_happened_is_concluded_as_the_nodes_own_result() -> None:
    request = Request(stored(), Context(key="k"))

    def by_key(state: Order, ctx: Context) -> Happened[str] | DidNot:
        return Happened(ctx.key)

    def by_keys(state: Order) -> Happened[SomeOfOrder]:
        return Happened({"risk": "high"})

    assert await ask(pay, yes, request) == Verdict(True, Result({"receipt": "R"}))
    assert await ask(receipt, by_key, request, output_key="receipt") == Verdict(True, Result({"receipt": "k"}))
    assert await ask(keys, by_keys, request) == Verdict(True, Result({"risk": "high"}))


async def test_it_may_have_not_happened_or_nobody_knows() -> None:
    request = Request(stored(), Context())
    assert await ask(pay, no, request) == Verdict(False)
    assert await ask(pay, maybe, request) == Verdict(None)


async def test_what_it_says_is_checked() -> None:
    def lies(state: Order) -> DidNot:
        return True  # pyright: ignore[reportReturnType]

    with pytest.raises(BadResult, match="the `reconcile` of `pay` returned true: return Happened"):
        await ask(pay, lies, Request(stored(), Context()))


async def test_a_map_has_one_for_its_items() -> None:
    def printed(item: Item) -> Happened[str] | Unknown:
        return Happened(str(item.price))

    wf = new_workflow()
    labels = wf.each("state.items", effect="once", output_key="labels")(label)
    labels.reconcile(printed)
    blueprint = wf.build()
    item = {node.id: node for node in blueprint.definition.nodes}["label-item"]
    assert (item.reconcile, blueprint.definition.nodes[0].reconcile) == ("label.reconcile", None)
    called = blueprint.functions["label.reconcile"].call(Request({}, Context(), {"price": "1.50"}))
    assert called == Verdict(True, Result(output="1.50"))


def test_it_takes_the_part_that_its_node_takes() -> None:
    class Part(BaseModel):
        risk: str = "low"

    class Whole(Part):
        receipt: str | None = None

    def f(state: Part) -> Part: ...
    def asked(state: Part) -> Happened[Part]:
        return Happened(Part(risk="high"))

    wf: Any = Workflow("w", version="1.0.0", state=Whole)
    wf.node(f, effect="once").reconcile(asked)
    function = wf.build().functions["f.reconcile"]
    assert function.keys == {"risk"}
    assert function.call(Request({"risk": "low"}, Context())) == Verdict(True, Result({"risk": "high"}))


@told("node `pay` has a `reconcile` already, declared at ")
def two_of_them(wf: Any, first: Any) -> None:
    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(yes)
    node.reconcile(no)


@told(
    "python_fn `pay` has a `reconcile`, but is `idempotent`: only a `once` node is ever in doubt; "
    "delete it, or make the node `once`"
)
def one_of_a_node_that_is_not_once(wf: Any, first: Any) -> None:
    node = wf.node(pay)
    first.then(node)
    node.reconcile(yes)


@told("the `reconcile` of `pay` takes state: Item, but `pay` takes Order; write `state: Order`")
def one_of_another_state(wf: Any, first: Any) -> None:
    def asked(state: Item) -> Happened[Order]: ...

    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(asked)


@told("the `reconcile` of `pay` returns Happened[str] | DidNot; write `-> Happened[Order] | DidNot | Unknown`")
def one_of_another_result(wf: Any, first: Any) -> None:
    def asked(state: Order) -> Happened[str] | DidNot: ...

    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(asked)


@told("the `reconcile` of `pay` returns Order; write `-> Happened[Order] | DidNot | Unknown`")
def one_that_returns_the_state(wf: Any, first: Any) -> None:
    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(pay)


@told("the `reconcile` of `pay` returns bool; write `-> Happened[Order] | DidNot | Unknown`")
def one_that_returns_a_truth(wf: Any, first: Any) -> None:
    def asked(state: Order) -> bool: ...

    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(asked)


@told("the `reconcile` of `pay` returns Happened; write `-> Happened[Order] | DidNot | Unknown`")
def one_that_does_not_say_its_result(wf: Any, first: Any) -> None:
    def asked(state: Order) -> Happened: ...  # pyright: ignore[reportMissingTypeArgument, reportUnknownParameterType]

    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(asked)


@told("the result of the `reconcile` of `pay` has no annotation")
def one_without_annotations(wf: Any, first: Any) -> None:
    def asked(state: Order): ...

    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(asked)


@told(
    "the `reconcile` of `pay` takes `limit`, which nothing fills in; it can take the state, and `ctx: Context` after it"
)
def one_that_takes_more(wf: Any, first: Any) -> None:
    def asked(state: Order, ctx: Context, limit: int) -> DidNot: ...

    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(asked)


@told("the `reconcile` of `pay` is a lambda; write a `def`, with annotations")
def a_lambda(wf: Any, first: Any) -> None:
    node = wf.node(pay, effect="once")
    first.then(node)
    node.reconcile(lambda: None)


@told("the `reconcile` of `label` takes item: str, but `label` takes Item; write `item: Item`")
def one_of_another_item(wf: Any, first: Any) -> None:
    def asked(item: str) -> DidNot: ...

    labels = wf.each("state.items", effect="once")(label)
    first.then(labels)
    labels.reconcile(asked)


@told("node `bad` returns None; return the state, and annotate it")
def one_of_a_node_that_is_wrong_itself(wf: Any, first: Any) -> None:
    def bad(state: Order) -> None: ...
    def asked(state: Order) -> bool: ...

    node = wf.node(bad, effect="once")
    first.then(node)
    node.reconcile(asked)


@pytest.mark.parametrize(("mistake", "text"), MISTAKES.all)
def test_a_mistake_is_told_with_its_line(mistake: Mistake, text: str) -> None:
    assert tell(mistake).startswith(text)


def test_the_line_is_that_of_the_reconcile() -> None:
    wf: Any = new_workflow()
    node = wf.node(pay, effect="once")
    node.reconcile(pay)
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    place = caught.value.problems[0].place
    assert place is not None
    assert place.line == test_the_line_is_that_of_the_reconcile.__code__.co_firstlineno + 3
