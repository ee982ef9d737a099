"""Evaluation with types: decimals where they are declared, errors with their reason, a bounded number of steps."""

from decimal import Decimal as Number

import pytest

from pectin.core.expression import EvaluationError, compile_condition, compile_expression, to_json
from pectin.core.schema import Any, Bool, Decimal, Field, Float, Integer, List, Map, Nullable, Object, String

ITEM = Object({"price": Field(Decimal()), "count": Field(Integer())})
STATE = Object(
    {
        "i": Field(Integer()),
        "f": Field(Float()),
        "amount": Field(Decimal()),
        "limit": Field(Nullable(Decimal())),
        "items": Field(List(ITEM)),
        "prices": Field(Map(Decimal())),
        "numbers": Field(List(Integer())),
        "done": Field(Bool()),
        "text": Field(String()),
        "any": Field(Any()),
    }
)
VARIABLES = {"state": STATE, "output": Decimal(), "input": Any(), "item": ITEM, "index": Integer()}
VALUES: dict[str, object] = {
    "state": {
        "i": 3,
        "f": 3,
        "amount": "1299.00",
        "limit": None,
        "items": [{"price": "1.10", "count": 2}, {"price": "20", "count": 1}],
        "prices": {"b": "2.50", "a": "1"},
        "numbers": list(range(200)),
        "done": False,
        "text": "é😀",
        "any": {"list": [1, "x"], "decimal": "1.5"},
    },
    "output": "7.50",
    "item": {"price": "3.00", "count": 1},
    "index": 1,
}


@pytest.mark.parametrize(
    ("source", "result"),
    [
        ("state.amount > 1000", True),
        ("state.amount == decimal('1299')", True),
        ("state.amount + 1", Number("1300.00")),
        ("output * 2", Number("15.00")),
        ("item.price * item.count + decimal('0.5')", Number("3.50")),
        ("state.items[index].price", Number(20)),
        ("state.items.map(i, i.price * i.count)", [Number("2.20"), Number(20)]),
        ("state.items.exists(i, i.price > 10)", True),
        ("state.prices.a < state.prices['b']", True),
        ("state.prices.map(k, state.prices[k])", [Number(1), Number("2.50")]),
        ("decimal('2.5') in state.prices.map(k, state.prices[k])", True),
        ("state.prices == {'a': decimal('1.0'), 'b': decimal('2.5')}", True),
        ("state.items.map(i, i.price) == [decimal('1.1'), 20]", True),
        ("[state.items[0]] == [{'price': decimal('1.1'), 'count': 2}]", True),
        ("[state.items, 1][0] == state.items", True),
        ("(state.done ? 'x' : state.items) == state.items", True),
        ("state.done ? state.amount : 0", Number(0)),
        ("state.limit == null ? state.amount : state.limit", Number("1299.00")),
        ("state.limit != null && state.limit > 3", False),
        ("state.f / 2.0", 1.5),
        ("state.f == 3", True),
        ("[state.f, 1.5]", [3.0, 1.5]),
        ("string(state.amount) + ' ' + string(state.i)", "1299.00 3"),
        ("size(state.text)", 2),
        ("state.any.decimal == '1.5'", True),
        ("'x' in state.any.list && state.any.list[0] < 2", True),
        ("has(state.any.gone) || has(state.any.list)", True),
        ("state.any.gone == 1 || true", True),
        ("state.numbers.filter(n, n % 50 == 49)", [49, 99, 149, 199]),
        ("state.numbers.all(n, [n].exists(m, m < 200))", True),
    ],
)
def test_the_result(source: str, result: object) -> None:
    value = compile_expression(source, VARIABLES).evaluate(VALUES)
    assert value == result
    assert type(value) is type(result)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("state.any.gone", "`state.any.gone`: there is no `gone` (in `state.any.gone`)"),
        ("state.any.list.x", "`state.any.list.x`: a list has no fields"),
        ("state.items[2].price", "`state.items[2]`: there is no item 2, the list has 2"),
        ("state.numbers[-1]", "`state.numbers[-1]`: there is no item -1, the list has 200"),
        ("state.prices['c']", "`state.prices['c']`: there is no key 'c'"),
        ("state.any.list[1] + 1", "`+` doesn't go with a string and an int"),
        ("state.any && true", "expected true or false, got a map"),
        ("state.any ? 1 : 2", "expected true or false, got a map"),
        ("state.any.decimal.contains(state.any.list[0])", "`contains` takes strings, not a string and an int"),
        ("state.i / 0 == 1 || state.done", "division by zero"),
        ("input.x == 1", "`input` has no value here"),
        ("decimal(state.text)", "'é😀' can't be read as a decimal"),
    ],
)
def test_an_error_says_why_and_in_what(source: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_expression(source, VARIABLES).evaluate(VALUES)
    assert str(caught.value).startswith(message)
    assert str(caught.value).endswith(f"(in `{source}`)")


def test_a_state_that_is_not_its_schemas_is_an_error() -> None:
    with pytest.raises(EvaluationError, match="'many' can't be read as a decimal"):
        compile_expression("state.amount > 1", VARIABLES).evaluate({"state": {"amount": "many"}})
    with pytest.raises(EvaluationError, match="`<` doesn't go with a string and an int"):
        compile_expression("state.i < 1", VARIABLES).evaluate({"state": {"i": "3"}})


def test_nothing_is_copied_or_changed() -> None:
    before = repr(VALUES)
    result = compile_expression("state.items", VARIABLES).evaluate(VALUES)
    assert result is VALUES["state"]["items"]  # type: ignore[index]
    compile_expression("state.items.map(i, state.items + [i]) == []", VARIABLES).evaluate(VALUES)
    assert repr(VALUES) == before


def test_a_result_becomes_json_for_the_field_it_is_meant_for() -> None:
    expression = compile_expression("state.done ? state.amount : 0", VARIABLES)
    assert to_json(expression.evaluate(VALUES), Decimal()) == "0"
    items = compile_expression("state.items.map(i, {'total': i.price * i.count})", VARIABLES)
    assert to_json(items.evaluate(VALUES), items.type) == [{"total": "2.20"}, {"total": "20"}]


def test_a_condition_of_any_type_gives_a_bool_or_fails() -> None:
    assert compile_condition("input.done", VARIABLES).holds({"input": {"done": True}})
    assert not compile_condition("input.done", VARIABLES).holds({"input": {"done": False}})
    with pytest.raises(EvaluationError, match="a condition gave neither true nor false"):
        compile_condition("input.done", VARIABLES).holds({"input": {"done": 1}})


@pytest.mark.parametrize(
    "source",
    [
        "state.numbers.map(a, state.numbers.map(b, a * b))",
        "state.numbers.exists(a, state.numbers.exists(b, a + b < 0))",
        "state.numbers.all(a, state.numbers == state.numbers)",
        "state.numbers.map(a, state.numbers + [a])",
        "state.numbers.map(a, -1 in state.numbers)",
        "state.numbers.all(a, state.numbers.exists(b, b < 0) || true)",
    ],
)
def test_steps_are_bounded(source: str) -> None:
    with pytest.raises(EvaluationError, match="it takes more than 10,000 steps"):
        compile_expression(source, VARIABLES).evaluate(VALUES)


def test_a_simple_macro_goes_over_ten_thousand_items() -> None:
    expression = compile_expression("state.numbers.all(n, n >= 0)", VARIABLES)
    assert expression.evaluate({"state": {"numbers": list(range(10_000))}})
    with pytest.raises(EvaluationError, match="steps"):
        expression.evaluate({"state": {"numbers": list(range(10_001))}})


def test_a_value_nested_too_deep_is_an_error() -> None:
    deep: object = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(EvaluationError, match="nested too deep"):
        compile_expression("input == input", VARIABLES).evaluate({"input": deep})


def test_an_expression_can_be_evaluated_again() -> None:
    expression = compile_expression("state.numbers.exists(n, n == state.i)", VARIABLES)
    results = [expression.evaluate({"state": {"numbers": [1, 2], "i": i}}) for i in (1, 3, 2)]
    assert results == [True, False, True]
    assert expression.reads == {"numbers", "i"}


def test_a_result_is_no_larger_than_what_may_be_stored() -> None:
    numbers = Object({"ns": Field(List(Integer()))})
    doubled = compile_expression("state.ns.map(x, state.ns)", {"state": numbers})
    state = {"ns": list(range(100))}
    assert to_json(doubled.evaluate({"state": state}), doubled.type) == [state["ns"]] * 100
    state = {"ns": list(range(9_999))}
    with pytest.raises(EvaluationError, match="the result has more than 8388608 bytes"):
        to_json(doubled.evaluate({"state": state}), doubled.type)


@pytest.mark.parametrize(
    "source",
    [
        "state.ns.exists(x, state.prices == [decimal('1')])",
        "state.ns.exists(x, state.text.contains('b'))",
        "state.ns.all(x, state.map.exists(y, true))",
        f"state.ns.map(x, [{'1, ' * 600}1])",
    ],
)
def test_what_a_macro_looks_at_again_and_again_costs_steps(source: str) -> None:
    fields = {"ns": List(Integer()), "prices": List(Decimal()), "text": String(), "map": Map(Integer())}
    schema = Object({name: Field(kind) for name, kind in fields.items()})
    state = {
        "ns": list(range(5_000)),
        "prices": ["1.5"] * 3_000,
        "text": "a" * 100_000,
        "map": dict.fromkeys(map(str, range(20_000)), 1),
    }
    with pytest.raises(EvaluationError, match="more than 10,000 steps"):
        compile_expression(source, {"state": schema}).evaluate({"state": state})
