"""What conditions tell about null and missing fields: the tests that count, and those that don't."""

import pytest

from pectin.core.expression import ExpressionError, compile_expression
from pectin.core.schema import Field, Integer, List, Nullable, Object, String

ITEM = Object({"price": Field(Nullable(Integer())), "size": Field(Integer(), False)})
VARIABLES = {
    "state": Object(
        {
            "x": Field(Nullable(Integer())),
            "y": Field(Nullable(Integer())),
            "s": Field(Nullable(String())),
            "n": Field(Integer()),
            "opt": Field(Nullable(Integer()), False),
            "item": Field(Nullable(ITEM)),
            "items": Field(List(ITEM)),
            "maybes": Field(List(Nullable(Integer()))),
        }
    ),
    "index": Integer(),
}


@pytest.mark.parametrize(
    "source",
    [
        "state.x != null && state.x > 3",
        "null != state.x && state.x > 3",
        "!(state.x == null) && state.x > 3",
        "state.x == null || state.x > 3",
        "state.x == null ? 0 : state.x + 1",
        "state.x != null ? state.x + 1 : 0",
        "state.x != null && state.y != null && state.x + state.y > 3",
        "(state.x != null && state.y != null) && state.x + state.y > 3",
        "!(state.x == null || state.y == null) && state.x + state.y > 3",
        "(state.x != null && state.n > 1) ? state.x > 1 : false",
        "(state.x != null && state.n > 1 || state.x != null && state.n < 0) && state.x > 1",
        "state.x == 3 && state.x + 1 == 4",
        "state.x == state.n && state.x > 1",
        "state.x in [1, 2] && state.x > 1",
        "state['x'] != null && state.x > 3",
        "state.item != null && state.item.price != null && state.item.price > 3",
        "state.items[0].price != null && state.items[0].price > 3",
        "state.items[index].price != null && state.items[index].price > 3",
        "state.items.exists(i, i.price != null && i.price > 3)",
        "state.x != null && state.items.exists(i, state.x > 3)",
        "state.maybes.filter(m, m != null && m > 3) == []",
        "has(state.opt) && state.opt != null && state.opt > 3",
        "has(state.opt) ? state.opt == null : true",
        "!has(state.opt) || state.opt == 3",
        "state.items.all(i, has(i.size) && i.size > 1)",
        "state.x == 3",
        "state.x == null",
        "state.x in [1, 2]",
    ],
)
def test_a_test_that_counts(source: str) -> None:
    compile_expression(source, VARIABLES)


@pytest.mark.parametrize(
    ("source", "message", "marked"),
    [
        ("state.x > 3", "`state.x` may be null", "state.x"),
        ("state.x > 3 && state.x != null", "`state.x` may be null", "state.x"),
        ("state.x != null || state.x > 3", "`state.x` may be null", "state.x"),
        ("state.x == null && state.x > 3", "`state.x` may be null", "state.x"),
        ("state.y != null && state.x > 3", "`state.x` may be null", "state.x"),
        ("!(state.x != null && state.y != null) && state.x > 3", "`state.x` may be null", "state.x"),
        ("(state.x != null || state.n > 1) && state.x > 3", "`state.x` may be null", "state.x"),
        ("state.x == null ? state.x + 1 : 0", "`state.x` may be null", "state.x"),
        ("state.x == state.y && state.x > 1", "`state.x` may be null", "state.x"),
        ("state.x in state.maybes && state.x > 1", "`state.x` may be null", "state.x"),
        ("state.item.price == 3", "`state.item` may be null", "state.item"),
        ("state.items[0].price != null && state.items[1].price > 3", "`state.items[1].price` may be null", None),
        (
            "state.items.exists(i, i.price != null) && state.items[0].price > 1",
            "`state.items[0].price` may be null",
            None,
        ),
        ("-state.x", "`state.x` may be null", "state.x"),
        ("size(state.s)", "`state.s` may be null", "state.s"),
        ("state.s.contains('a')", "`state.s` may be null", "state.s"),
        ("state.s == 'a' ? 1 : size(state.s)", "`state.s` may be null", "state.s"),
        ("state.opt == 3", "`state.opt` may be missing", "state.opt"),
        ("state.opt != null && state.opt > 3", "`state.opt` may be missing", "state.opt"),
        ("has(state.opt) && state.opt > 3", "`state.opt` may be null", "state.opt"),
        ("has(state.opt) || state.opt == 3", "`state.opt` may be missing", "state.opt"),
        ("has(state.item.size)", "`state.item` may be null", "state.item"),
    ],
)
def test_a_use_without_a_test(source: str, message: str, marked: str | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(source, VARIABLES)
    error = caught.value
    assert error.message == message
    assert source[error.start : error.end] == (marked or message.split("`")[1])
    assert error.hint.startswith("test it first: `")
