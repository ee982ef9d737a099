"""What the checker refuses, where it points, what it advises; and the types it finds."""

import pytest

from pectin.core.expression import (
    ExpressionError,
    compile_condition,
    compile_expression,
    require_type,
)
from pectin.core.schema import (
    Any,
    Bool,
    Decimal,
    Field,
    Float,
    Integer,
    List,
    Map,
    Null,
    Nullable,
    Object,
    Schema,
    String,
)

ITEM = Object({"price": Field(Decimal()), "name": Field(String())}, name="Item")
STATE = Object(
    {
        "i": Field(Integer()),
        "level": Field(Integer((1, 2, 3))),
        "f": Field(Float()),
        "amount": Field(Decimal()),
        "s": Field(String()),
        "risk": Field(String(("unknown", "low", "high"))),
        "risks": Field(List(String(("low", "high")))),
        "done": Field(Bool()),
        "flag": Field(Nullable(Bool())),
        "items": Field(List(ITEM)),
        "counts": Field(Map(Integer())),
        "item": Field(ITEM),
        "a b": Field(Integer()),
    }
)
OPEN = Object({"known": Field(Integer())}, open=True)
VARIABLES: dict[str, Schema] = {"state": STATE, "input": OPEN, "output": Any(), "key": String()}


@pytest.mark.parametrize(
    ("source", "message", "marked", "hint"),
    [
        ("state.rsik == 'high'", "`state` has no field `rsik`", "rsik", "did you mean `risk`?"),
        ("has(state.rsik)", "`state` has no field `rsik`", "rsik", "did you mean `risk`?"),
        ("state['rsik'] == 'high'", "`state` has no field `rsik`", "'rsik'", "did you mean `risk`?"),
        (
            "state.items.exists(i, i.prize > 3)",
            "`i` has no field `prize`",
            "prize",
            "did you mean `price`?",
        ),
        ("stat.i", "there is no variable `stat`", "stat", "did you mean `state`?"),
        ("amount > 3", "there is no variable `amount`", "amount", "write `state.amount`"),
        ("x", "there is no variable `x`", "x", "there are: `input`, `key`, `output`, `state`"),
        ("True", "there is no variable `True`", "True", "write `true`"),
        (
            "state.risk == 'hgih'",
            "'hgih' is not a value of 'unknown', 'low' or 'high'",
            "'hgih'",
            "did you mean `high`?",
        ),
        (
            "'zzz' != state.risk",
            "'zzz' is not a value of 'unknown', 'low' or 'high'",
            "'zzz'",
            "it is 'unknown', 'low' or 'high'",
        ),
        (
            "state.risk in ['low', 'hgih']",
            "'hgih' is not a value of 'unknown', 'low' or 'high'",
            "'hgih'",
            "did you mean `high`?",
        ),
        ("'lwo' in state.risks", "'lwo' is not a value of 'low' or 'high'", "'lwo'", "did you mean `low`?"),
        ("state.level == 4", "4 is not a value of 1, 2 or 3", "4", "it is 1, 2 or 3"),
        ("state.i > 'a'", "`>` doesn't go with an int and a string", "state.i > 'a'", ""),
        ("state.i == 'a'", "an int never equals a string", "state.i == 'a'", ""),
        ("state.i in ['a']", "an int is never in this list; an item is a string", "state.i in ['a']", ""),
        ("state.f + 1", "`+` doesn't go with a double and an int", "state.f + 1", "write `1.0`"),
        (
            "state.f * state.i",
            "`*` doesn't go with a double and an int",
            "state.f * state.i",
            "write `double(state.i)`",
        ),
        (
            "state.amount > 1000.5",
            "`>` doesn't go with a decimal and a double",
            "state.amount > 1000.5",
            "write `decimal('1000.5')`",
        ),
        (
            "state.amount == '1299.00'",
            "a decimal never equals a string",
            "state.amount == '1299.00'",
            "write `decimal('1299.00')`",
        ),
        ("'n' + state.i", "`+` doesn't go with a string and an int", "'n' + state.i", "write `string(state.i)`"),
        ("state.f % 2.0", "`%` doesn't go with a double and a double", "state.f % 2.0", ""),
        ("state.done + 1", "`+` doesn't go with a bool and an int", "state.done + 1", ""),
        ("state.items < []", "`<` doesn't go with a list of Items and a list", "state.items < []", ""),
        ("'h' in state.s", "`in` takes a list or a map on its right; this is a string", "state.s", None),
        ("1 in state.counts", "the key of a map takes a string; this is 1", "1", ""),
        ("state.i && true", "expected true or false; this is an int", "state.i", "compare it with something"),
        ("!state.s", "expected true or false; this is a string", "state.s", "compare it with something"),
        ("state.s ? 1 : 2", "expected true or false; this is a string", "state.s", "compare it with something"),
        ("state.items.all(i, i.price)", "expected true or false; this is a decimal", "i.price", None),
        ("size(state.i)", "`size` takes a list or a map or a string; this is an int", "state.i", ""),
        ("decimal(state.f)", "`decimal` takes a decimal or a string or an int; this is a double", "state.f", ""),
        ("int(state.done)", "`int` takes a decimal or a double or a string or an int; this is a bool", None, ""),
        ("state.i.contains('a')", "`contains` takes a string; this is an int", "state.i", ""),
        ("state.s.contains(1)", "`contains` takes a string; this is 1", "1", ""),
        ("state.s.map(x, x)", "`map` takes a list or a map; this is a string", "state.s", ""),
        ("state.items.price", "`state.items` is a list and has no field `price`", "price", None),
        ("state.i.x", "`state.i` is an int and has no field `x`", "x", ""),
        ("state.items['a']", "the index of a list takes an int; this is 'a'", "'a'", ""),
        ("state.s[0]", "`state.s` is a string and has no items", "state.s", "strings have no index"),
        ("state[key]", "the fields of `state` are named, not computed", "key", "write `state.field`"),
        ("state.items.map(state, 1)", "`state` has a meaning here already", "state", "take another name"),
        ("null + 1", "`+` doesn't go with null and an int", "null + 1", ""),
    ],
)
def test_what_is_refused_and_where(source: str, message: str, marked: str | None, hint: str | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, VARIABLES)
    error = caught.value
    assert error.message == message
    assert error.source == source
    assert marked is None or source[error.start : error.end] == marked
    assert hint is None or error.hint == hint


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("state.i + 1", Integer()),
        ("state.amount * 2 - decimal('0.1')", Decimal()),
        ("double(state.i) / 2.0", Float()),
        ("state.i < state.f && state.i == 2.5", Bool()),
        ("'a' + string(state.amount)", String()),
        ("state.risk", String(("unknown", "low", "high"))),
        ("state.done ? 'a' : 'b'", String(("a", "b"))),
        ("state.done ? state.amount : 0", Decimal()),
        ("state.done ? state.i : null", Nullable(Integer())),
        ("state.done ? 1 : 'a'", Any()),
        ("state.items.map(i, i.price)", List(Decimal())),
        ("state.items.filter(i, i.price > 1)", List(ITEM)),
        ("state.items[0].name", String()),
        ("state.counts.a + state.counts['b']", Integer()),
        ("state.counts.map(k, k)", List(String())),
        ("state.item.map(k, k)", List(String(("name", "price")))),
        ("state['a b']", Integer()),
        ("input.unknown.anything", Any()),
        ("input[key]", Any()),
        ("output.x + 1", Any()),
        ("output > 1 || output.flag", Bool()),
        ("size(output)", Integer()),
        ("[]", List(Any())),
        ("[1, state.amount]", List(Decimal())),
        ("{'a': state.i}", Object({"a": Field(Integer())})),
        ("{'a': state.i}.a", Integer()),
        ("null", Null()),
        ("-state.amount", Decimal()),
    ],
)
def test_the_type_of_the_result(source: str, found: Schema) -> None:
    assert compile_expression(source, VARIABLES).type == found


def test_a_condition_is_true_or_false() -> None:
    compile_condition("state.done", VARIABLES)
    compile_condition("output.anything", VARIABLES)
    with pytest.raises(ExpressionError, match="expected a bool; this is an int; compare it with something"):
        compile_condition("state.i + 1", VARIABLES)
    with pytest.raises(ExpressionError, match="the result may be null; test it against null first"):
        compile_condition("state.flag", VARIABLES)


def test_a_mapping_fits_what_it_is_for() -> None:
    expression = compile_expression("state.risk", VARIABLES)
    require_type(expression, String())
    require_type(expression, Nullable(String()))
    with pytest.raises(ExpressionError) as caught:
        require_type(expression, String(("low", "high")))
    assert caught.value.render() == "state.risk\n^^^^^^^^^^"
    assert caught.value.message == "expected 'low' or 'high'; this is 'unknown', 'low' or 'high'"


def test_checking_takes_no_longer_for_nesting() -> None:
    source = "key in state.counts"
    for _ in range(9):
        source = f"({source} ? key : 'a') in state.counts"
    assert compile_expression(source, VARIABLES).type == Bool()
