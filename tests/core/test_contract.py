"""Tools as documents."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pectin.core.contract import read_contract, read_schema, to_json
from pectin.core.definition import Contract, Effect, Endpoint, Secret
from pectin.core.schema import LEVELS_MAX, Decimal, Field, List, Map, Null, Nullable, Object, SchemaError, String
from pectin.core.schema import Any as AnyJson

ENDPOINT = Endpoint(
    method="POST",
    url="https://api.example.com/{order}",
    headers={"X-A": "1", "Authorization": Secret("BANK", prefix="Bearer ")},
)
TOOL = Contract(
    "bank.pay",
    Object({"order": Field(String()), "amount": Field(Decimal(), required=False, default="0")}),
    List(String()),
    Effect.KEYED,
    "Pays.",
    ENDPOINT,
)


def test_a_tool_comes_back_as_it_was() -> None:
    document = to_json(TOOL)
    assert document["input"]["properties"]["amount"] == {"type": "string", "format": "decimal", "default": "0"}
    assert document["output"] == {"type": "array", "items": {"type": "string"}}
    assert document["endpoint"]["headers"]["Authorization"] == {"name": "BANK", "prefix": "Bearer "}
    assert read_contract(document) == TOOL
    assert read_contract(msgspec.json.decode(msgspec.json.encode(document))) == TOOL


def test_the_shortest_one_takes_and_gives_nothing_and_is_once() -> None:
    assert read_contract({"name": "ping"}) == Contract("ping", Object({}), Null(), Effect.ONCE)


@pytest.mark.parametrize(
    ("document", "error", "told"),
    [
        (3, msgspec.ValidationError, "3 is no tool, at `tools.pay`"),
        ({"name": "a", "input": {"type": "string"}}, SchemaError, "tools.pay.input: what a tool takes is an object"),
        ({"name": "a", "input": {"type": "str"}}, SchemaError, "tools.pay.input"),
        ({"name": "a", "output": {"type": "str"}}, SchemaError, "tools.pay.output"),
        ({"input": {}}, SchemaError, "what a tool takes is an object"),
        ({}, msgspec.ValidationError, "missing required field `name`"),
        ({"name": "a", "effect": "twice"}, msgspec.ValidationError, "twice"),
        ({"name": "a", "endpoint": {"method": "GET"}}, msgspec.ValidationError, "missing required field `url`"),
    ],
)
def test_what_is_no_tool_is_refused(document: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error) as raised:
        read_contract(document, "tools.pay")
    assert told in str(raised.value)


def test_a_schema_of_people_is_spelled_out() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "string"}, "a": {}}, "required": ["b", "a"]}
    fields = Object({"b": Field(String()), "a": Field(AnyJson())})
    written: dict[str, Any] = {"description": "A list.", "type": "array", "items": inner}
    assert read_schema(written) == List(fields)
    assert read_schema({"anyOf": [inner, {"type": "null"}]}) == Nullable(fields)
    assert read_schema({"type": "object", "additionalProperties": inner}) == Map(fields)
    open: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": True}
    assert read_schema({"type": "object", "properties": {"o": open}}) == Object(
        {"o": Field(Object({}, open=True), required=False)}
    )


@pytest.mark.parametrize(
    "document",
    [
        {"type": "string", "minLength": 3},
        {"type": "object", "properties": {}, "required": "a"},
        {"type": "object", "properties": {}, "required": [1]},
        {"type": "object", "properties": 3},
        {"anyOf": 3},
        "string",
    ],
)
def test_what_nobody_would_check_is_refused(document: Any) -> None:
    with pytest.raises(SchemaError):
        read_schema(document)


def test_a_schema_may_not_be_endlessly_deep() -> None:
    document: dict[str, Any] = {}
    for _ in range(10 * LEVELS_MAX):
        document = {"type": "array", "items": document}
    with pytest.raises(SchemaError, match="levels deep"):
        read_schema(document)
