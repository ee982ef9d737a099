"""Tools of documents: with their functions, without them, and with an endpoint."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import pectin
from pectin import Context, DefinitionError, DidNot, Happened, HttpTool, Unknown
from pectin.authoring.document.functions import Functions
from pectin.authoring.document.reading import needed_functions, read_text
from pectin.authoring.lowering import lower
from pectin.core.definition import Contract, Definition, Effect, definition_hash
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Object
from tests.authoring.document.transcript import HEAD, problems


@pectin.tool(name="bank.pay", effect="keyed")
def pay(*, order: str, amount: Decimal = Decimal(1), ctx: Context) -> str:
    """Pay it."""
    return f"{order} {amount}"


@pectin.tool
def tell(*, order: str) -> None: ...


def ask(*, order: str) -> Happened[None] | DidNot | Unknown:
    return Unknown()


ping = HttpTool(name="net.ping", method="GET", url="https://example.com", effect="pure")
FUNCTIONS = Functions({"pay": pay, "tell": tell, "ask": ask, "ping": ping}, "f.py")
STATE = "state: {order: string, receipt: string?}\n"
PAY = f"{HEAD}{STATE}nodes: {{a: {{tool: %s, input: {{order: state.order}}, output_key: receipt}}}}\n"
WHOLE = """tools:
  bank.pay: {effect: keyed, input: {order: string, amount: decimal = 1}, output: string}
"""


def definition(text: str, functions: Functions | None = FUNCTIONS) -> Definition:
    (document,) = read_text(text, "w.yaml", functions)
    assert document.draft.problems == []
    lowered = lower(document.draft)
    assert lowered.problems == []
    return lowered.definition


def test_a_tool_is_found_by_its_name_or_that_of_its_file() -> None:
    by_name, by_member = (definition(PAY % name) for name in ("bank.pay", "pay"))
    assert by_name == by_member
    (tool,) = by_name.tools
    assert (tool.name, tool.effect, tool.description) == ("bank.pay", Effect.KEYED, "Pay it.")
    assert by_name.nodes[0].config["tool"] == "bank.pay"
    assert by_name.nodes[0].effect is Effect.KEYED


def test_a_contract_that_stands_in_the_document_needs_no_function_for_the_hash() -> None:
    text = f"{WHOLE}{PAY % 'bank.pay'}"
    alone, together = definition(text, None), definition(text)
    assert definition_hash(alone) == definition_hash(together) == definition_hash(definition(PAY % "bank.pay"))


def test_without_its_function_a_tool_may_be_anything() -> None:
    text = PAY % "bank.pay"
    (document,) = read_text(text, "w.yaml")
    assert document.draft.lacks_functions
    assert needed_functions(document.draft) == ["bank.pay"]
    (tool,) = definition(text, None).tools
    assert tool == Contract("bank.pay", Object({}, open=True), AnyValue(), Effect.IDEMPOTENT)
    assert problems(text) == ()
    asked = text.replace("output_key", "reconcile: ask, output_key")
    assert definition(asked, None).tools[0].effect is Effect.ONCE
    assert problems(asked) == ()


def test_an_endpoint_needs_no_function() -> None:
    text = f"{HEAD}tools: {{p: {{http: {{method: POST, url: https://example.com}}}}}}\nnodes: {{a: {{tool: p}}}}\n"
    (document,) = read_text(text, "w.yaml")
    assert not document.draft.lacks_functions
    assert needed_functions(document.draft) == []
    assert definition(text, None) == definition(text)
    assert definition(f"{HEAD}nodes: {{a: {{tool: net.ping}}}}\n").tools[0].endpoint is not None


def test_a_reconcile_takes_what_the_tool_takes() -> None:
    text = f"{HEAD}{STATE}nodes: {{a: {{tool: tell, input: {{order: state.order}}, reconcile: ask}}}}\n"
    (document,) = read_text(text, "w.yaml", FUNCTIONS)
    assert set(lower(document.draft).functions) == {"tool:tell", "ask"}
    assert problems(text, "w.yaml", FUNCTIONS) == ()


async def test_it_runs(tmp_path: Path) -> None:
    from pectin import testing

    file = tmp_path / "w.yaml"
    file.write_text(PAY % "bank.pay", "utf-8")
    with pytest.raises(DefinitionError, match=r"w runs `bank\.pay`, and no functions were handed in"):
        pectin.read_workflow(file)
    given: Any = {"pay": pay}
    workflow = pectin.read_workflow(file, given)
    async with testing.engine(workflow) as engine:
        assert await (await engine.start(workflow, {"order": "A"})).result() == {"order": "A", "receipt": "A 1"}
