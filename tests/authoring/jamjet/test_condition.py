"""Conditions of JamJet: what they come to there, and that ours come to the same."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from pectin.authoring.jamjet.condition import Untranslatable, to_condition, to_expression
from pectin.core.expression import compile_condition
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Bool, Decimal, Field, Float, Integer, List, Map, Nullable, Object, Schema, String

INNER = Object({"n": Field(Integer()), "s": Field(Nullable(String()))})
STATE = Object(
    {
        "b": Field(Bool()),
        "n": Field(Integer()),
        "f": Field(Float()),
        "s": Field(String()),
        "risk": Field(String(("low", "high"))),
        "l": Field(List(Integer())),
        "m": Field(Map(Integer())),
        "money": Field(Decimal()),
        "o": Field(INNER),
        "nb": Field(Nullable(Bool())),
        "nn": Field(Nullable(Integer())),
        "ns": Field(Nullable(String())),
        "nl": Field(Nullable(List(Integer()))),
        "no": Field(Nullable(INNER)),
        "nmoney": Field(Nullable(Decimal())),
        "any": Field(AnyValue()),
        "maybe": Field(Integer(), required=False),
    }
)

LITERALS = ("true", "false", "null", "0", "1", "2.5", '""', '"low"', '"a\\"\'\\\\b"', '"é"')


def values(of: Schema) -> list[Any]:
    """Values of a schema, the empty one among them."""
    match of:
        case Nullable():
            return [None, *values(of.inner)]
        case Bool():
            return [False, True]
        case Integer():
            return [0, 1, -2]
        case Float():
            return [0.0, 2.5, -1.0]
        case Decimal():
            return ["0", "2.50"]
        case String(values=(_, *_)):
            return list(of.values)
        case String():
            return ["", "low", "a\"'\\b", "é"]
        case List():
            return [[], [0]]
        case Map():
            return [{}, {"k": 0}]
        case Object():
            return [{"n": n, "s": s} for n in values(Integer()) for s in values(Nullable(String()))]
        case _:
            return [None]


def in_jamjet(condition: str, state: Any) -> bool:
    """What JamJet makes of a condition."""
    path, operator, literal = condition, "", ""
    for place in range(len(condition)):
        if condition[place : place + 2] in ("!=", "=="):
            path, operator, literal = condition[:place], condition[place : place + 2], condition[place + 2 :]
            break
    found: Any = state
    for name in path.strip().split(".")[1:]:
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    if not operator:
        return found is not None and found is not False and found != 0 and found not in ("", [], {})
    wanted = json.loads(literal)
    is_equal = type(found) is type(wanted) and found == wanted
    return is_equal if operator == "==" else not is_equal


PATHS = (*(f"state.{name}" for name in STATE.fields), "state.o.n", "state.o.s", "state.no.n", "state.o")
CONDITIONS = [
    f"{path}{operator}{literal}"
    for path in PATHS
    for operator, literal in [("", ""), *((operator, literal) for operator in ("==", " != ") for literal in LITERALS)]
]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_translated_means_the_same(path: str) -> None:
    """For each condition of the path, whatever its field holds."""
    name = path.split(".")[1]
    usual = {other: values(field.schema)[0] for other, field in STATE.fields.items()}
    states = [{**usual, name: value} for value in values(STATE.fields[name].schema)]
    for condition in CONDITIONS:
        if condition.partition("=")[0].rstrip("! ") != path:
            continue
        try:
            expression = to_expression(condition, STATE)
        except Untranslatable:
            continue
        ours = compile_condition(expression, {"state": STATE})
        for state in states:
            assert ours.holds({"state": state}) == in_jamjet(condition, state), (condition, state)
        back = to_condition(expression, STATE)
        assert back is not None
        assert to_expression(back, STATE) == expression


@pytest.mark.parametrize(
    ("condition", "expression"),
    [
        ("state.b", "state.b"),
        ("state.n", "state.n != 0"),
        ("state.f", "state.f != 0.0"),
        ("state.s", "state.s != ''"),
        ("state.l", "size(state.l) > 0"),
        ("state.m", "size(state.m) > 0"),
        ("state.o.n", "state.o.n != 0"),
        ("state.nb", "state.nb != null && state.nb"),
        ("state.nl", "state.nl != null && size(state.nl) > 0"),
        ("state.nmoney", "state.nmoney != null"),
        ("state.no", "state.no != null"),
        ("state.ns == null", "state.ns == null"),
        ('state.risk=="high"', "state.risk == 'high'"),
        ("  state.n  !=  3 ", "state.n != 3"),
        ('state.s == "it\'s == so"', 'state.s == "it\'s == so"'),
        ("state.f == 2.5", "state.f == 2.5"),
        ("state.b == true", "state.b == true"),
    ],
)
def test_what_is_translated(condition: str, expression: str) -> None:
    assert to_expression(condition, STATE) == expression


@pytest.mark.parametrize(
    ("condition", "message", "marked"),
    [
        ("", "`` is no path", ""),
        ("amount == 3", "`amount` is no path", "amount"),
        ("state.n >= 3", "`state.n >= 3` is no path", "state.n >= 3"),
        ("!state.b", "`!state.b` is no path", "!state.b"),
        ("state.l.0 == 1", "`state.l.0` is no path", "state.l.0"),
        ("state.nope", "doesn't say what `state.nope` is", "state.nope"),
        ("state.n.x", "doesn't say what `state.n.x` is", "state.n.x"),
        ("state.any", "`state.any` is any value: that can be empty or not", "state.any"),
        ("state.maybe", "`state.maybe` may be missing", "state.maybe"),
        ("state.no.n", "`state.no` may be null", "state.no.n"),
        ("state.risk", "is never empty: this always holds", "state.risk"),
        ("state.money", "is never empty: this always holds", "state.money"),
        ("state.o", "is never empty: this always holds", "state.o"),
        ("state.n == done", "`done` is no literal", "done"),
        ("state.n == NaN", "`NaN` is no literal", "NaN"),
        ('state.n == "3"', '`"3"` is never equal to an int', '"3"'),
        ("state.n == 3.0", "`3.0` is never equal to an int", "3.0"),
        ("state.n == true", "`true` is never equal to an int", "true"),
        ("state.f == 3", "`3` is never equal to a double", "3"),
        ("state.f == 3.0", "`3.0` is never equal to a double", "3.0"),
        ("state.n == null", "`null` is never equal to an int", "null"),
        ('state.money == "2.50"', "never equal to a decimal", '"2.50"'),
        ('state.risk == "hgih"', "`\"hgih\"` is never equal to 'low' or 'high'", '"hgih"'),
        ("state.l == []", "never equal to a list", "[]"),
    ],
)
def test_what_is_refused(condition: str, message: str, marked: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        to_expression(condition, STATE)
    assert message in caught.value.message
    assert caught.value.hint
    assert condition[caught.value.start : caught.value.end] == marked


@pytest.mark.parametrize(
    "expression",
    [
        "!state.b",
        "state.n > 3",
        "state.n == 1 || state.b",
        "output.decision == 'approved'",
        'state.s == "low"',
        "1 == 1",
    ],
)
def test_what_jamjet_has_no_words_for(expression: str) -> None:
    assert to_condition(expression, STATE) is None
