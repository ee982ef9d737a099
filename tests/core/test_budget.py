"""Amounts of money and tokens, and limits on them: exact, or refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.budget import (
    MONEY_MAX,
    NOTHING,
    TOKENS_MAX,
    Amount,
    Budget,
    allowance,
    measure,
    read_amount,
    read_money,
    read_tokens,
    show_limit,
    show_money,
)
from pectin.core.error import BadValue

money = st.decimals(0, 10**9, places=12).map(lambda value: read_money(value, "cost_usd"))
amounts = st.builds(Amount, money, st.integers(0, 10**9), st.integers(0, 10**9))


@given(amounts, amounts)
def test_a_sum_is_exact_and_what_was_added_can_be_taken_away(one: Amount, other: Amount) -> None:
    total = one.plus(other)
    assert Fraction(total.cost_usd) == Fraction(one.cost_usd) + Fraction(other.cost_usd)
    assert total.total_tokens == one.total_tokens + other.total_tokens
    assert total.minus(other) == one
    assert total.most(one) == total
    assert one.plus(one).plus(one) == one.times(3)


def test_a_tenth_three_times_is_three_tenths() -> None:
    assert Amount("0.1").times(3) == Amount("0.1").plus(Amount("0.1")).plus(Amount("0.1")) == Amount("0.3")


@pytest.mark.parametrize(
    ("given", "read"),
    [("0.10", "0.1"), ("2", "2"), (2, "2"), (Decimal("1.50"), "1.5"), ("1e-3", "0.001"), ("-0", "0"), ("100", "100")],
)
def test_money_has_one_text(given: Any, read: str) -> None:
    assert read_money(given, "x") == read


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (0.1, "0.1 is a float, and floats are not exact"),
        (True, "True is no money"),
        (None, "None is no money"),
        ("ten", "'ten' is no money"),
        ("1_0", "'1_0' is no money"),
        ("NaN", "'NaN' is no money"),
        ("inf", "'inf' is no money"),
        ("-0.01", "'-0.01' is less than nothing"),
        ("0.0000000000001", "'0.0000000000001' has too many digits"),
        (MONEY_MAX + 1, f"{MONEY_MAX + 1} has too many digits"),
        ("9" * 200, "is no money"),
    ],
)
def test_what_is_no_money_is_refused(given: Any, what: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_money(given, "max_cost_usd")
    assert caught.value.path == "max_cost_usd"
    assert caught.value.what.endswith(what)


@pytest.mark.parametrize("given", [-1, 1.0, "5", True, TOKENS_MAX + 1])
def test_what_is_no_number_of_tokens_is_refused(given: Any) -> None:
    with pytest.raises(BadValue, match="is no number of tokens"):
        read_tokens(given, "x")


def test_an_amount_is_read_from_some_of_its_fields() -> None:
    read = read_amount({"cost_usd": "0.10", "output_tokens": 2000}, "x")
    assert read == read_amount(read, "x") == Amount("0.1", 0, 2000)
    assert read.to_json() == {"cost_usd": "0.1", "input_tokens": 0, "output_tokens": 2000, "total_tokens": 2000}
    assert msgspec.json.decode(msgspec.json.encode(read), type=Amount) == read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("0.10", "the ceiling: '0.10' is no amount; write"),
        ({"cost": "0.10"}, "the ceiling: an amount has no 'cost'; did you mean `cost_usd`?"),
        ({"euros": 1}, "the ceiling: an amount has no 'euros'; use cost_usd, input_tokens, output_tokens"),
        ({"cost_usd": 0.1}, "the ceiling.cost_usd: 0.1 is a float"),
        (Amount("0.1", -1), "the ceiling.input_tokens: -1 is no number of tokens"),
    ],
)
def test_an_amount_that_can_t_be_used_says_where(given: Any, said: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_amount(given, "the ceiling")
    assert str(caught.value).startswith(said)


def test_n_allows_n() -> None:
    budget = Budget("0.30", input_tokens=10, total_tokens=15)
    assert budget.passed_by(Amount("0.3", 10, 5)) is None
    assert budget.passed_by(Amount("0.300000000001")) == "max_cost_usd"
    assert budget.passed_by(Amount("0.3", 11)) == "input_tokens"
    assert budget.passed_by(Amount("0.3", 10, 6)) == "total_tokens"
    assert Budget(output_tokens=5).passed_by(Amount("99", 99, 6)) == "output_tokens"


def test_a_limit_is_lifted_and_the_others_stay() -> None:
    assert Budget("1", total_tokens=5).without("max_cost_usd") == Budget(total_tokens=5)
    assert Budget("1").without("max_cost_usd") is None


def test_what_has_a_ceiling_may_spend_that_and_nothing_else_that_is_limited() -> None:
    cost, tokens = Budget("1"), Budget(total_tokens=9)
    assert allowance((), None) is None
    assert allowance((), Amount("0.1")) == Budget("0.1")
    assert allowance((cost,), None) == Budget("0")
    assert allowance((cost,), Amount(output_tokens=3)) == Budget("0", output_tokens=3)
    assert allowance((cost, tokens), Amount("0.1", 3)) == Budget("0.1", 3, 0)
    assert allowance((Budget(input_tokens=9),), NOTHING) == Budget(input_tokens=0)


def test_people_read_dollars_and_thousands() -> None:
    assert [show_money(text) for text in ("0", "0.1", "1234", "0.0125")] == ["$0.00", "$0.10", "$1,234.00", "$0.0125"]
    assert (show_limit("max_cost_usd", "2"), show_limit("total_tokens", 4000)) == ("$2.00", "4,000")
    assert [measure(limit, Amount("1", 2, 3)) for limit in Budget.__struct_fields__] == ["1", 2, 3, 5]
