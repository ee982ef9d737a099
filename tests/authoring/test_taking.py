"""Functions that take a part of the state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

import pytest
from pydantic import BaseModel, ConfigDict

from pectin.authoring.workflow import Workflow
from pectin.core.definition import RunOn
from pectin.core.problem import DefinitionError
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Request, Result
from tests.authoring.mistake import Mistakes
from tests.authoring.orders import Risk

MISTAKES = Mistakes()
told = MISTAKES.told


class Priced(BaseModel):
    model_config = ConfigDict(extra="forbid")

    amount: int = 0
    risk: Risk = "low"


class Labelled(BaseModel):
    labels: list[str] = []


class Cart(Priced, Labelled):
    receipt: str | None = None


@dataclass
class PricedData:
    amount: int = 0


@dataclass
class CartData(PricedData):
    labels: list[str] = field(default_factory=list[str])


class PricedDict(TypedDict):
    amount: int


class CartDict(PricedDict):
    labels: list[str]


class Labels(TypedDict):
    labels: list[str]


class Perhaps(TypedDict):
    amount: NotRequired[int]


class Misspelt(TypedDict):
    amuont: int


class Texts(TypedDict):
    amount: str


class Wide(BaseModel):
    """A base whose field is wider than that of the state."""

    risk: str = "low"


class Narrow(Wide):
    risk: Risk = "low"  # pyright: ignore[reportIncompatibleVariableOverride]


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    amount: int = 0


class LooseCart(Loose):
    labels: list[str] = []


class Empty(BaseModel):
    pass


class Unlike(BaseModel):
    amount: int = 0


STATE = {"amount": 3, "risk": "low", "labels": ["a"], "receipt": None}


def function(state: Any, body: Any, **options: Any) -> Any:
    wf: Any = Workflow("carts", version="1.0.0", state=state)
    wf.node(body, name="f", **options)
    return wf.build().functions["f"]


def call(state: Any, body: Any, stored: dict[str, Any], **options: Any) -> Any:
    return function(state, body, **options).call(Request(stored, Context()))


def test_a_base_class_gets_its_keys_and_what_it_changed_is_taken() -> None:
    seen: list[Any] = []

    def f(state: Priced) -> Priced:
        seen.append(state)
        state.amount += 1
        return state

    assert call(Cart, f, STATE) == Result({"amount": 4})
    assert [(type(state), state.amount) for state in seen] == [(Priced, 4)]
    assert function(Cart, f).keys == {"amount", "risk"}


def test_so_do_dataclasses_and_typed_dicts() -> None:
    def data(state: PricedData) -> PricedData:
        return PricedData(state.amount + 1)

    def plain(state: PricedDict) -> PricedDict:
        assert state.keys() == {"amount"}
        return {"amount": state["amount"] + 1}

    stored: dict[str, Any] = {"amount": 3, "labels": []}
    assert call(CartData, data, stored) == call(CartDict, plain, stored) == Result({"amount": 4})
    assert function(CartData, data).keys == function(CartDict, plain).keys == {"amount"}


def test_it_needs_no_other_keys_of_the_state() -> None:
    def f(state: Priced) -> Priced:
        state.risk = "high"
        return state

    assert call(Cart, f, {"amount": 3, "risk": "low"}) == Result({"risk": "high"})


def test_it_may_return_other_keys() -> None:
    def f(state: Priced) -> Labels:
        return {"labels": [str(state.amount)]}

    assert call(Cart, f, STATE) == Result({"labels": ["3"]})
    assert function(Cart, f).keys == {"amount", "risk", "labels"}
    assert call(Cart, f, {"amount": 3, "risk": "low", "labels": ["3"]}) == Result({})


async def test_it_may_return_a_value_for_a_key() -> None:
    async def f(state: Priced, ctx: Context) -> str:
        return f"{state.amount} {ctx.key}"

    assert function(Cart, f, output_key="receipt").keys == {"amount", "risk", "receipt"}
    result = function(Cart, f, output_key="receipt").call(Request(STATE, Context(key="k")))
    assert await result == Result({"receipt": "3 k"})


def test_a_dict_takes_a_typed_dict() -> None:
    def f(state: PricedDict) -> dict[str, Any]: ...
    def g(state: PricedDict) -> PricedDict:
        return {"amount": state["amount"] + 1}

    assert call(dict[str, Any], g, {"amount": 3, "other": 1}) == Result({"amount": 4})
    with pytest.raises(DefinitionError, match="of which it is only given PricedDict"):
        function(dict[str, Any], f)


def test_what_is_changed_and_not_returned_is_refused() -> None:
    def f(state: Priced) -> Labels:
        state.amount = 7
        return {"labels": []}

    with pytest.raises(BadResult, match="`f` changed `amount` in the state it was given but returned keys"):
        call(Cart, f, STATE)


def test_a_finalizer_takes_a_part_too() -> None:
    def tidy(state: Priced) -> Priced | None: ...
    def tell(state: Priced) -> None: ...

    wf: Any = Workflow("carts", version="1.0.0", state=Cart)
    wf.parallel("fan")
    for body in (tidy, tell):
        wf.finalizer()(body)
    blueprint = wf.build()
    assert [node.run_on for node in blueprint.definition.nodes if node.run_on] == [RunOn.ALWAYS, RunOn.ALWAYS]
    assert {function.keys for function in blueprint.functions.values()} == {frozenset({"amount", "risk"})}


def told_of(state: Any, body: Any, **options: Any) -> list[str]:
    with pytest.raises(DefinitionError) as caught:
        function(state, body, **options)
    return [f"{problem.message}; {problem.hint}" for problem in caught.value.problems]


def misspelt(state: Misspelt) -> Labels: ...
def texts(state: Texts) -> Labels: ...
def perhaps(state: Perhaps) -> Labels: ...
def unlike(state: Unlike) -> Labels: ...
def foreign(state: Labelled) -> Labels: ...
def whole(state: Priced) -> Cart: ...
def wide(state: Wide) -> Wide: ...
def reads_wide(state: Wide) -> Labels: ...
def loose(state: Loose) -> Loose: ...
def empty(state: BaseModel) -> Labels: ...
def nothing(state: Priced) -> None: ...
def other(state: Priced) -> Labelled: ...


@pytest.mark.parametrize(
    ("state", "body", "text"),
    [
        (
            CartDict,
            misspelt,
            "node `f` takes state: Misspelt with `amuont`, which CartDict lacks; did you mean `amount`?",
        ),
        (
            CartDict,
            texts,
            "node `f` takes state: Texts, whose `amount` is a string; in CartDict it is an int; None",
        ),
        (
            CartDict,
            perhaps,
            "node `f` takes state: Perhaps: `amount` is NotRequired, but every field of a state is always there: "
            "use `... | None`; None",
        ),
        (
            Cart,
            unlike,
            "node `f` takes state: Unlike, but the state of `carts` is Cart; "
            "write `state: Cart`, or make Unlike a base class of Cart",
        ),
        (
            CartData,
            foreign,
            "node `f` takes state: Labelled, but the state of `carts` is CartData; "
            "write `state: CartData`, or make Labelled a base class of CartData",
        ),
        (
            Cart,
            whole,
            "node `f` returns Cart, of which it is only given Priced; return Priced, or the keys to set",
        ),
        (Narrow, wide, "node `f` returns Wide, whose `risk` is a string; in Narrow it is 'low' or 'high'; None"),
        (
            LooseCart,
            loose,
            "node `f` takes state: Loose, which doesn't say what it takes of the state; name the fields that it needs",
        ),
        (
            Cart,
            empty,
            "node `f` takes state: BaseModel, which doesn't say what it takes of the state; "
            "name the fields that it needs",
        ),
        (Cart, nothing, "node `f` returns None; return the state, and annotate it"),
        (Cart, other, 'node `f` returns Labelled; return the state, or say where it goes: `output_key="..."`'),
    ],
)
def test_a_part_that_cant_be_taken_or_returned_is_told(state: Any, body: Any, text: str) -> None:
    assert told_of(state, body) == [text]


def test_a_wider_base_may_be_read() -> None:
    class Noted(Narrow):
        labels: list[str] = []

    assert function(Noted, reads_wide).keys == {"risk", "labels"}
