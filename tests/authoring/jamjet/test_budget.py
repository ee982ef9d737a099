"""Budgets of JamJet."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.authoring.jamjet import ir as records
from pectin.authoring.jamjet.budget import Unwritable, without_words, write_budget
from pectin.authoring.jamjet.reading import read_definition
from pectin.core.definition import WorkflowLimits
from pectin.core.problem import DefinitionError
from tests.authoring.jamjet.documents import edge, function, golden, ir, read, told


def test_the_whole() -> None:
    limits = WorkflowLimits(max_cost_usd="0.05", input_tokens=4_000, total_tokens=5_000, on_limit="over")
    assert read(golden("budget")).limits == limits


def cost_of(number: str) -> str | None:
    """What becomes of a number as it is written."""

    text = json.dumps(ir(function("a"), cost_budget_usd=1)).replace(
        '"cost_budget_usd": 1', f'"cost_budget_usd": {number}'
    )
    limits = read_definition(text, "w.json").limits
    return None if limits is None else limits.max_cost_usd


@pytest.mark.parametrize(
    ("number", "money"),
    [("0.1", "0.1"), ("0.10", "0.1"), ("2", "2"), ("2.0", "2"), ("1e-3", "0.001"), ("1e2", "100"), ("null", None)],
)
def test_money_is_exact(number: str, money: str | None) -> None:
    assert cost_of(number) == money


@given(st.decimals(min_value="0.000001", max_value=10**12, places=6))
def test_money_goes_over_whole_or_not_at_all(money: Decimal) -> None:
    text = format(money, "f")
    limits = WorkflowLimits(max_cost_usd=text)
    try:
        _, written = write_budget(limits)
    except Unwritable:
        with pytest.raises(DefinitionError, match="JamJet reads"):
            cost_of(text)
    else:
        assert Decimal(repr(written)) == money
        assert Decimal(cost_of(text) or 0) == money


@pytest.mark.parametrize(
    ("cost", "code", "message"),
    [
        ("1.5", "E070", "`cost_budget_usd` is the text `1.5`, and has to be a number"),
        (True, "E070", "`cost_budget_usd` is the boolean true, and has to be a number"),
        ([], "E070", "`cost_budget_usd` is a list, and has to be a number"),
        (-1, "E070", "`cost_budget_usd`: '-1' is less than nothing"),
        (0, "E070", "`cost_budget_usd` is nothing"),
    ],
)
def test_what_is_no_money(cost: Any, code: str, message: str) -> None:
    found = told(ir(function("a"), cost_budget_usd=cost))
    assert [(code, text) for code, text, _ in found] == [(code, message)]


def test_more_digits_than_a_double_has() -> None:
    with pytest.raises(DefinitionError, match=r"JamJet reads 123456789012\.123456 as 123456789012\.12346"):
        cost_of("123456789012.123456")
    with pytest.raises(Unwritable, match=r"is 123456789012\.123456, which JamJet reads as 123456789012\.12346"):
        write_budget(WorkflowLimits(max_cost_usd="123456789012.123456"))


def test_tokens() -> None:
    tokens = {"input_tokens": 0, "output_tokens": 2**32, "total": 5}
    assert told(ir(function("a"), token_budget=tokens)) == [
        ("E070", "`input_tokens` of the token budget is 0", "0"),
        ("E070", f"`output_tokens` of the token budget is {2**32}", str(2**32)),
        ("E070", "the token budget has no field `total`", '"total"'),
    ]
    assert write_budget(WorkflowLimits(output_tokens=3)) == (records.TokenBudget(output_tokens=3), None)
    assert write_budget(WorkflowLimits()) == (None, None)
    with pytest.raises(Unwritable, match="`output_tokens` of the limits is more than 4294967295"):
        write_budget(WorkflowLimits(output_tokens=2**32))


def test_where_a_passed_budget_leads() -> None:
    assert told(ir(function("a"), function("b"), on_budget_exceeded="b", edges=[edge("a", "b")])) == [
        ("E071", "`on_budget_exceeded` leads to `b`, and there is no budget", '"b"'),
    ]
    timed = ir(
        function("a"), function("b"), on_budget_exceeded="b", cost_budget_usd=1, timeouts={"workflow_timeout": 5}
    )
    message = "`on_budget_exceeded` leads to `b`, and here a passed `workflow_timeout` would lead there too"
    assert told(timed) == [("E071", message, '"b"')]
    unknown = ir(function("a"), on_budget_exceeded="b", cost_budget_usd=1)
    assert told(unknown) == [("E038", "`on_limit` of the limits: unknown node `b`", '"b"')]


def test_limits_without_words() -> None:
    assert without_words(WorkflowLimits(max_iterations=1, wall_time_ms=2, total_tokens=3)) == [
        "max_iterations",
        "wall_time_ms",
    ]
