"""Tools of JamJet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pectin
from pectin import testing
from pectin.authoring.jamjet.reading import read_jamjet
from pectin.authoring.jamjet.writing import write_ir
from pectin.core.definition import Contract, Effect, Endpoint
from pectin.core.problem import DefinitionError
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Field, Integer, Object, String
from tests.authoring.jamjet.documents import golden, ir, node, problems, read, told


def call(name: str, tool: str, **mapping: str) -> dict[str, Any]:
    return node(name, "tool", tool_ref=tool, input_mapping=mapping, output_schema="")


def one(labels: dict[str, str] | None = None, name: str = "t", **fields: Any) -> dict[str, Any]:
    """A workflow that calls one tool."""
    config = {"kind": "python", "reference": name, **fields}
    return ir(call("a", name), tools={name: config}, labels=labels or {})


def test_the_whole() -> None:
    found = read(golden("tool"))
    look, pay, tell = (
        next(tool for tool in found.tools if tool.name == name) for name in ("shop.look", "payments.submit", "tell")
    )
    assert look == Contract(
        "shop.look",
        Object({"order": Field(String())}),
        String(),
        Effect.PURE,
        "An order of the shop.",
        Endpoint(method="GET", url="https://shop.example/orders/{order}"),
    )
    assert (pay.effect, pay.output, pay.endpoint) == (Effect.KEYED, Object({}, open=True, name="schemas.Receipt"), None)
    assert pay.input == Object({"amount": Field(Integer()), "order": Field(String())}, name="Payment")
    assert tell == Contract("tell", Object({}, open=True), AnyValue(), Effect.IDEMPOTENT)
    assert found.labels == {"jamjet.tool.payments.submit.reference": "app.tools:submit", "team": "orders"}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"kind": "grpc"}, ("E071", "the tool `t` is of the kind `grpc`, which is not taken over", '"grpc"')),
        ({"kind": "mcp"}, ("E071", "the tool `t` is of the kind `mcp`, which is not taken over", '"mcp"')),
        ({"permissions": ["x"]}, ("E071", "the tool `t` has `permissions`, which nothing here would enforce", "[")),
        (
            {"kind": "http", "reference": "https://a.example/"},
            (
                "E071",
                "the tool `t` is an endpoint, and nothing says with which method it is called",
                '"https://a.example/"',
            ),
        ),
        (
            {"input_schema": "two words"},
            ("E070", "`input_schema` of the tool `t`: it is neither a JSON Schema nor a name", '"two words"'),
        ),
        ({"output_schema": "[1]"}, ("E070", "`output_schema` of the tool `t`: it is no JSON Schema", '"[1]"')),
        ({"timeout": 5}, ("E070", "the tool `t` has no field `timeout`", '"timeout"')),
    ],
)
def test_what_is_refused(fields: dict[str, Any], found: tuple[str, str, str]) -> None:
    assert found in told(one(**fields))


def test_a_kind_that_there_is_not() -> None:
    (problem,) = problems(one(kind="rpc"))
    assert (problem.code, problem.hint) == ("E070", "use one of python, http, grpc, mcp")


def test_tools_that_are_unknown_or_not_called() -> None:
    assert told(ir(call("a", "b"), tools={"c": {"kind": "python", "reference": "c"}})) == [
        ("E070", "`tools` has no `b`", '"b"'),
        ("E071", "no node calls the tool `c`", '"c"'),
    ]
    assert ("E070", "`tools` are a list, and have to be an object", "[]") in told(ir(call("a", "b"), tools=[]))


def test_labels_say_what_has_no_field() -> None:
    assert told(one({"pectin.tool.t.effect": "pur"}))[0][:2] == ("E026", "the tool `t` has the unknown effect 'pur'")
    message = "the label `jamjet.tool.t.reference` of the workflow has a meaning in Pectin"
    assert told(one({"jamjet.tool.t.reference": "x"})) == [("E071", message, "{")]
    other = {"pectin.tool.u.effect": "pure"}
    assert read(one(other)).labels == other


def test_an_endpoint_is_checked_as_any_other() -> None:
    labels = {"pectin.tool.t.method": "GET"}
    document = one(labels, kind="http", reference="ftp://a.example/", input_schema='{"type": "object"}')
    assert {code for code, _, _ in told(document)} == {"E064"}


@pectin.tool(name="math.double", effect="pure")
def double(*, n: int) -> int:
    """Twice as much."""
    return 2 * n


TYPED: dict[str, Any] = {
    "input_schema": '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], '
    '"additionalProperties": false}',
    "output_schema": '{"type": "integer"}',
}


def doubling(labels: dict[str, str] | None = None, **fields: Any) -> dict[str, Any]:
    config = {"kind": "python", "reference": "app.math:double", **fields}
    step = call("a", "math.double", n="state.n") | {"labels": {"pectin.output_key": "n"}}
    return ir(step, tools={"math.double": config}, labels=labels or {})


def save(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "w.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


@pytest.mark.parametrize("fields", [{}, TYPED])
async def test_a_tool_that_was_handed_in_is_called(tmp_path: Path, fields: dict[str, Any]) -> None:
    workflow = read_jamjet(save(tmp_path, doubling(**fields)), functions={"double": double})
    definition = workflow.build().definition
    kept = Contract("math.double", Object({"n": Field(Integer())}), Integer(), Effect.PURE, "Twice as much.")
    assert definition.tools == (kept,)
    assert read(write_ir(definition)) == definition
    async with testing.engine(workflow) as engine:
        execution = await engine.start(workflow, {"n": 4, "ok": True, "note": ""})
        assert await execution.result() == {"n": 8, "ok": True, "note": ""}


def refused(path: Path, functions: Any = None) -> str:
    with pytest.raises(DefinitionError) as caught:
        read_jamjet(path, functions)
    return str(caught.value)


def test_a_tool_that_is_another_one(tmp_path: Path) -> None:
    schema = TYPED["input_schema"].replace("integer", "string")
    path = save(tmp_path, doubling({"pectin.tool.math.double.effect": "keyed"}, input_schema=schema, output_schema="x"))
    assert "`math.double`" in refused(path, [double])


def test_a_tool_that_is_missing(tmp_path: Path) -> None:
    path = save(tmp_path, doubling(**TYPED))
    assert "w runs `math.double`, and no functions were handed in" in refused(path)
    said = refused(path, {"other": double.function})
    assert "`functions` has no tool `math.double`" in said
