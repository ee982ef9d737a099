"""Tools of documents beside their functions. Their messages stand in `document/broken/tools.txt`."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.authoring.tool import WrittenTool, tool
from pectin.authoring.written import agree_written, differences
from pectin.core.definition import Contract, Effect, Place
from pectin.core.schema import Any, Field, Integer, List, Null, Object, String

PLACE = Place("w.yaml", 1)
THEIRS = Contract("pay", Object({"a": Field(String()), "b": Field(Integer(), False, 1)}, name="A"), String())


def said(**parts: object) -> WrittenTool:
    written = WrittenTool(name="pay", place=PLACE)
    for name, value in parts.items():
        setattr(written, name, value)
    return written


def test_what_nobody_says_may_be_anything() -> None:
    contract = agree_written(said(), Effect.PURE).contract
    assert (contract.input, contract.output, contract.effect) == (Object({}, open=True), Any(), Effect.PURE)
    contract = agree_written(said(input=Object({}), output=Null(), effect=Effect.KEYED), Effect.PURE).contract
    assert (contract.input, contract.output, contract.effect) == (Object({}), Null(), Effect.KEYED)


def test_the_function_says_what_the_document_does_not() -> None:
    @tool(effect="pure")
    def pay(*, a: str) -> None:
        """Pay."""

    agreed = agree_written(said(given=pay), Effect.ONCE)
    assert (agreed.contract.effect, agreed.contract.description) == (Effect.PURE, "Pay.")
    assert agreed.function is not None
    assert agree_written(said(given=pay, description="No."), Effect.ONCE).contract.description == "No."


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        (said(), []),
        (said(effect=Effect.ONCE, input=replace(THEIRS.input, name="B"), output=THEIRS.output), []),
        (said(effect=Effect.PURE), ["effect"]),
        (said(output=List(String())), ["output"]),
        (said(input=Object({"a": Field(String())})), ["input"]),
        (said(input=Object({**THEIRS.input.fields, "c": Field(String())})), ["input.c"]),
        (said(input=Object({**THEIRS.input.fields, "a": Field(Integer())})), ["input.a"]),
        (said(input=Object({**THEIRS.input.fields, "b": Field(Integer(), False, 2)})), ["input.b"]),
        (said(input=Object({**THEIRS.input.fields, "b": Field(Integer(), False)})), ["input.b"]),
        (said(input=replace(THEIRS.input, open=True)), ["input"]),
        (said(name="bank.pay"), [""]),
    ],
)
def test_every_difference_is_found(written: WrittenTool, parts: list[str]) -> None:
    assert [difference.part for difference in differences(written, THEIRS)] == parts


def test_an_open_function_is_no_closed_document() -> None:
    theirs = replace(THEIRS, input=replace(THEIRS.input, open=True))
    assert [each.part for each in differences(said(input=THEIRS.input), theirs)] == ["input"]
