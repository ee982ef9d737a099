"""The operators and functions on values that the differential test can't draw: decimals, and the limits."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.expression.error import EvaluationError, StepsExceeded
from pectin.core.expression.value import (
    BINARY,
    CHARACTERS_COMPARED_PER_STEP,
    PARTS_PER_STEP,
    STEPS_MAX,
    Frame,
    elements,
    equal,
    negate,
    parse_decimal,
    parts_of,
    size,
    to_decimal,
    to_double,
    to_integer,
    to_string,
)

integers = st.integers(-(2**63), 2**63 - 1)
decimals = st.decimals(-(10**12), 10**12, places=6)


def calculate(one: object, sign: str, other: object) -> object:
    return BINARY[sign](Frame([]), one, other)


@given(integers, integers.filter(bool))
def test_division_cuts_towards_zero_and_the_remainder_makes_up_for_it(one: int, other: int) -> None:
    if (one, other) == (-(2**63), -1):
        return
    quotient, rest = calculate(one, "/", other), calculate(one, "%", other)
    assert isinstance(quotient, int)
    assert isinstance(rest, int)
    assert quotient * other + rest == one
    assert abs(rest) < abs(other)
    assert rest == 0 or (rest < 0) == (one < 0)


@given(decimals, decimals, st.integers(-1000, 1000))
def test_decimals_are_exact(one: Decimal, other: Decimal, whole: int) -> None:
    total = calculate(one, "+", other)
    assert calculate(total, "-", other) == one
    assert calculate(one, "*", whole) == calculate(whole, "*", one)
    assert calculate(one, "<", other) is (one < other)
    assert calculate(one, "==", whole) is (one == whole)


@pytest.mark.parametrize(
    ("one", "sign", "other", "result"),
    [
        (Decimal("0.10"), "+", Decimal("0.20"), "0.30"),
        (Decimal("1299.00"), "*", 2, "2598.00"),
        (1, "/", Decimal(3), "0.3333333333333333333333333333333333"),
        (Decimal(1), "-", Decimal("1e-50"), "0." + "9" * 50),
    ],
)
def test_what_decimals_give(one: object, sign: str, other: object, result: str) -> None:
    assert str(calculate(one, sign, other)) == result


@pytest.mark.parametrize(
    ("one", "sign", "other", "message"),
    [
        (Decimal(1), "/", 0, "division by zero"),
        (Decimal(0), "/", Decimal(0), "no decimal of at most 100 digits"),
        (Decimal("1e60"), "+", Decimal("1e-60"), "no decimal of at most 100 digits"),
        (Decimal(1), "+", 1.5, "doesn't go with a decimal and a double"),
        (Decimal(1), "+", True, "doesn't go with a decimal and a bool"),
        (Decimal(1), "<", 1.5, "doesn't go with a decimal and a double"),
        (Decimal(1), "==", 1.5, "they can't be compared"),
        ([Decimal(1)], "==", [1.5], "they can't be compared"),
        (1, "/", 0, "division by zero"),
        (1, "%", 0, "division by zero"),
        (2**63 - 1, "+", 1, "doesn't fit into 64 bits"),
        (-(2**63), "/", -1, "doesn't fit into 64 bits"),
        (1, "+", 1.0, "doesn't go with an int and a double"),
        (1, "<", None, "doesn't go with an int and null"),
        (True, "<", 1, "doesn't go with a bool and an int"),
        (1, "in", "a", "takes a list or a map on its right, not a string"),
        (None, "in", {}, "a key is a string, not null"),
    ],
)
def test_what_has_no_result(one: object, sign: str, other: object, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        calculate(one, sign, other)


def test_true_is_not_one() -> None:
    assert not equal(Frame([]), True, 1)
    assert not equal(Frame([]), [True], [1])
    assert not equal(Frame([]), {"a": 0}, {"a": False})
    assert equal(Frame([]), {"a": [1]}, {"a": [1.0]})
    assert not equal(Frame([]), float("nan"), float("nan"))


def test_looking_at_elements_costs_steps() -> None:
    full = list[object](range(STEPS_MAX))
    assert calculate(full, "==", list(full))
    for sign, other in (("==", [*full, 1]), ("+", [1])):
        with pytest.raises(StepsExceeded, match="more than 10,000 steps"):
            calculate([*full, 1], sign, other)
    with pytest.raises(StepsExceeded):
        calculate(1, "in", [*full, 1])
    with pytest.raises(StepsExceeded):
        calculate("a" * 10**6, "+", "a" * 100)


def test_a_string_has_as_many_characters_as_code_points() -> None:
    assert size("é😀") == 2


@pytest.mark.parametrize(
    ("value", "read"),
    [(3, 3), (3.9, 3), (-3.9, -3), ("-12", -12), (Decimal("-7.9"), -7), (Decimal("1e3"), 1000), (True, 1)],
)
def test_what_reads_as_an_int(value: object, read: int) -> None:
    assert to_integer(value) == read


@pytest.mark.parametrize(
    "value",
    ["", "1.5", "1_0", "٣", "9223372036854775808", 9.3e18, float("nan"), Decimal("1e1000"), None, [], "1" * 5000],
)
def test_what_reads_as_no_int(value: object) -> None:
    with pytest.raises(EvaluationError):
        to_integer(value)


def test_doubles_and_decimals_are_read_from_what_writes_them() -> None:
    assert to_double("1.5") == to_double(Decimal("1.5")) == 1.5
    assert to_decimal("1.50").as_tuple() == Decimal("1.50").as_tuple()
    assert to_decimal(3) == 3
    for value in ("nan", "1e400", "", "0x1", None, True):
        with pytest.raises(EvaluationError, match="can't be read as a double"):
            to_double(value)
    for decimal in ("nan", "1_0", "", 1.5, True, None):
        with pytest.raises(EvaluationError, match="can't be read as a decimal"):
            to_decimal(decimal)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4))
def test_a_decimal_is_exactly_what_was_written(number: Decimal) -> None:
    assert str(parse_decimal(str(number))) == str(number)


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1_000", " 1", "1e9999", "1e1001", "9" * 201, "٣"])
def test_what_is_no_decimal(text: str) -> None:
    assert parse_decimal(text) is None


def test_a_decimal_is_bounded() -> None:
    assert parse_decimal("9" * 200) is not None
    assert parse_decimal("1E+1000") is not None


def test_what_a_value_is_as_a_string() -> None:
    values = ("a", True, 3, Decimal("1.50"), 1.0, 1e6, 1e-5, 123456.5)
    assert [to_string(value) for value in values] == ["a", "true", "3", "1.50", "1", "1e+06", "1e-05", "123456.5"]
    with pytest.raises(EvaluationError, match="null can't be read as a string"):
        to_string(None)


def test_a_decimal_keeps_its_digits_when_negated() -> None:
    assert str(negate(Decimal("1.50"))) == "-1.50"
    with pytest.raises(EvaluationError):
        negate("a")


def test_a_macro_goes_over_a_maps_keys_in_their_order() -> None:
    assert list(elements(Frame([]), {"b": 1, "a": 2})) == ["a", "b"]
    with pytest.raises(EvaluationError, match="goes over a list or a map, not a string"):
        elements(Frame([]), "abc")


def test_going_through_long_texts_costs_steps() -> None:
    long = "a" * 1_000_000
    frame = Frame([])
    for _ in range(STEPS_MAX // (len(long) // CHARACTERS_COMPARED_PER_STEP)):
        assert equal(frame, long, long[:-1] + "a")
    with pytest.raises(StepsExceeded):
        equal(frame, long, long)


def test_a_large_map_costs_steps_even_where_one_key_is_looked_at() -> None:
    frame, large = Frame([]), dict.fromkeys(map(str, range(PARTS_PER_STEP * STEPS_MAX // 2)))
    assert next(iter(elements(frame, large))) == "0"
    elements(frame, large)
    with pytest.raises(StepsExceeded):
        elements(frame, large)


def test_the_parts_of_a_value_are_counted_at_every_depth() -> None:
    assert parts_of("abc") == parts_of([]) == 0
    assert parts_of([1, [2, {"a": [3]}]]) == 6
