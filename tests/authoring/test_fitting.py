"""Functions that fit their nodes. Those that don't are in `test_mistakes`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypedDict

import pytest
from pydantic import BaseModel

from pectin.authoring.draft import DraftFunction, DraftNode
from pectin.authoring.fitting import Fitting, schema_name, values_of
from pectin.authoring.signature import BadFunction
from pectin.authoring.state_model import state_model_of
from pectin.core import schema
from pectin.core.definition import OnItemFailure, Place, Reducer, RunOn
from pectin.ports.context import Context
from tests.authoring.orders import Item, Order, SomeOfOrder


class Foreign:
    pass


class Anything(TypedDict):
    anything: int


class Collecting(BaseModel):
    items: list[Item] = []
    labels: list[str | dict[str, Any]] = []


def whole(state: Order) -> Order: ...
def part(state: Order, ctx: Context) -> SomeOfOrder: ...
def text(state: Order) -> str: ...
def nothing(state: Order) -> None: ...
def perhaps(state: Order) -> Order | None: ...
def money(item: Decimal) -> str: ...
def item(item: Item, ctx: Context) -> str: ...
def any_item(item: Any) -> Any: ...
def loose(state: dict[str, Any]) -> dict[str, Any]: ...
def loose_part(state: dict[str, Any]) -> Anything: ...
def loose_value(state: dict[str, Any]) -> list[Item]: ...
def foreign(state: Order) -> Foreign: ...


def fit(function: Callable[..., Any], state: Any = Order, **settings: Any) -> None:
    reducers = settings.pop("reducers", {})
    node = DraftNode(name="f", kind="python_fn", place=Place("a.py", 1), **settings)
    given = DraftFunction(function, node.place, {})
    Fitting("orders", state, state_model_of(state), reducers).fit(node, given)


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        (whole, {}),
        (part, {}),
        (text, {"output_key": "receipt"}),
        (nothing, {"run_on": RunOn.ALWAYS}),
        (perhaps, {"run_on": RunOn.ALWAYS}),
        (whole, {"run_on": RunOn.ALWAYS}),
        (item, {"items": "state.items"}),
        (item, {"items": "state.items", "output_key": "labels"}),
        (item, {"items": "state.items.filter(i, i.price > 3)"}),
        (any_item, {"items": "state.items"}),
        (loose, {"state": dict}),
        (loose, {"state": dict[str, Any]}),
        (loose_part, {"state": dict[str, Any]}),
        (loose_value, {"state": dict[str, Any], "output_key": "items"}),
        (item, {"state": dict[str, Any], "items": "state.items"}),
    ],
)
def test_what_fits(function: Callable[..., Any], settings: dict[str, Any]) -> None:
    fit(function, **settings)


@pytest.mark.parametrize(
    ("function", "settings", "codes"),
    [
        (money, {"items": "state.labels", "output_key": "risk"}, ["E034", "E020"]),
        (loose, {}, ["E031"]),
        (nothing, {"output_key": "receipt"}, ["E033"]),
        (perhaps, {}, ["E033"]),
        (foreign, {"output_key": "receipt"}, ["E033"]),
    ],
)
def test_what_does_not_fit(function: Callable[..., Any], settings: dict[str, Any], codes: list[str]) -> None:
    with pytest.raises(BadFunction) as caught:
        fit(function, **settings)
    assert [finding.code for finding in caught.value.findings] == codes


class Labels(TypedDict):
    labels: list[str]


class PerhapsLabels(TypedDict):
    labels: list[str] | None


class Reduced(BaseModel):
    labels: list[str] | None = None
    prices: dict[str, str] = {}
    sum: Decimal = Decimal(0)


class Prices(TypedDict):
    prices: dict[str, str | None]


def labels(state: Reduced) -> Labels: ...
def perhaps_labels(state: Reduced) -> PerhapsLabels: ...
def prices(state: Reduced) -> Prices: ...
def number(state: Reduced) -> int: ...
def decimal(state: Reduced) -> Decimal: ...
def all_of_it(state: Reduced) -> Reduced: ...


REDUCERS = {"labels": Reducer.APPEND, "prices": Reducer.MERGE, "sum": Reducer.ADD}


@pytest.mark.parametrize(
    ("function", "settings"),
    [(labels, {}), (prices, {}), (decimal, {"output_key": "sum"}), (all_of_it, {})],
)
def test_what_is_returned_for_a_key_with_a_reducer_is_added(
    function: Callable[..., Any], settings: dict[str, Any]
) -> None:
    fit(function, Reduced, reducers=REDUCERS, **settings)


@pytest.mark.parametrize(
    ("function", "settings", "message"),
    [
        (
            perhaps_labels,
            {},
            "node `f` returns PerhapsLabels, whose `labels` is a list of strings or null; "
            "in Reduced it has the reducer `append`, which takes a list of strings",
        ),
        (
            decimal,
            {"output_key": "prices"},
            "node `f` gives Decimal, but `prices` of Reduced has the reducer `merge`, which takes a map",
        ),
        (
            number,
            {"output_key": "labels"},
            "node `f` gives int, but `labels` of Reduced has the reducer `append`, which takes a list of strings",
        ),
    ],
)
def test_what_cant_be_added_is_told(function: Callable[..., Any], settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadFunction) as caught:
        fit(function, Reduced, reducers=REDUCERS, **settings)
    assert [finding.message for finding in caught.value.findings] == [message]


def test_errors_that_are_collected_must_fit_the_key() -> None:
    collect: dict[str, Any] = {"items": "state.items", "on_item_failure": OnItemFailure.COLLECT}
    fit(item, **collect)
    fit(item, Collecting, **collect, output_key="labels")
    with pytest.raises(BadFunction) as caught:
        fit(item, **collect, output_key="labels")
    (finding,) = caught.value.findings
    assert finding.message == ("`f` gives errors in place of what failed, but `labels` of Order is a list of strings")


def test_a_type_that_json_cant_say_is_told() -> None:
    with pytest.raises(BadFunction) as caught:
        values_of(list[set[int]], "list", "node `f`")
    assert "a set has no order" in caught.value.findings[0].message


@pytest.mark.parametrize(
    ("found", "said"),
    [(schema.Object({}, name="Item"), "Item"), (schema.String(), "string"), (schema.Integer(), "int")],
)
def test_a_schema_has_a_short_name(found: schema.Schema, said: str) -> None:
    assert schema_name(found) == said
