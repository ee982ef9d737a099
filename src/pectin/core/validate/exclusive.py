"""Whether two conditions can both hold, as far as their text shows.

Each condition is taken apart into the ways in which it can hold, and each way into facts about one subject: a path, or
whatever else stands on the left of a comparison. Two facts about one subject may exclude each other. What isn't seen
here may be exclusive all the same, so this is enough for a warning and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, product
from typing import Any, Final, NamedTuple

from pectin.core.expression import syntax
from pectin.core.expression.parse import parse

WAYS_MAX: Final = 64
"""A condition that can hold in more ways isn't taken apart."""

Value = bool | int | float | str | None

_SIGNS: Final = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "==": "=", "!=": "<>"}
_NEGATED: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


class Fact(NamedTuple):
    """The subject stands in this relation to a value; `==` to one of several, `!=` to all of them. Without values it is
    one side of a comparison to the other, and the subject is both."""

    subject: str
    relation: str
    values: tuple[Value, ...]


Ways = Sequence[tuple[Fact, ...]]


def find_ways(source: str) -> Ways | None:
    """The ways in which a condition can hold; None if they are too many. The condition is one that compiles."""
    return _ways(source, parse(source), True)


def can_both_hold(one: Ways | None, other: Ways | None) -> bool:
    """Whether no fact excludes it."""
    if one is None or other is None:
        return True
    return any(not _exclude(facts, others) for facts, others in product(one, other))


def _ways(source: str, node: syntax.Node, holds: bool) -> Ways | None:
    match node:
        case syntax.Unary(operator="!"):
            return _ways(source, node.operand, not holds)
        case syntax.Logic():
            parts = [_ways(source, operand, holds) for operand in node.operands]
            known = [part for part in parts if part is not None]
            if len(known) < len(parts):
                return None
            return _all_of(known) if (node.operator == "&&") is holds else _any_of(known)
        case _:
            return [(_fact(source, node, holds),)]


def _all_of(parts: Iterable[Ways]) -> Ways | None:
    ways: Ways = [()]
    for part in parts:
        if len(ways) * len(part) > WAYS_MAX:
            return None
        ways = [(*facts, *more) for facts, more in product(ways, part)]
    return ways


def _any_of(parts: Iterable[Ways]) -> Ways | None:
    ways = list(chain.from_iterable(parts))
    return ways if len(ways) <= WAYS_MAX else None


def _fact(source: str, node: syntax.Node, holds: bool) -> Fact:
    match node:
        case syntax.Binary(operator="in", right=syntax.ListLiteral(items=items)):
            values = tuple(item.value for item in items if isinstance(item, syntax.Literal))
            if items and len(values) == len(items):
                return Fact(_text(source, node.left), "==" if holds else "!=", values)
        case syntax.Binary() if node.operator in _SIGNS:
            relation = node.operator if holds else _NEGATED[node.operator]
            left, right = node.left, node.right
            if isinstance(right, syntax.Literal):
                return Fact(_text(source, left), relation, (right.value,))
            if isinstance(left, syntax.Literal):
                return Fact(_text(source, right), _MIRRORED[relation], (left.value,))
            first, second = _text(source, left), _text(source, right)
            if first > second:
                first, second, relation = second, first, _MIRRORED[relation]
            return Fact(f"{first}\n{second}", relation, ())
        case _:
            pass
    return Fact(_text(source, node), "==" if holds else "!=", (True,))


def _text(source: str, node: syntax.Node) -> str:
    return source[node.start : node.end].strip()


def _exclude(facts: Iterable[Fact], others: Iterable[Fact]) -> bool:
    return any(one.subject == other.subject and _contradict(one, other) for one, other in product(facts, others))


def _contradict(one: Fact, other: Fact) -> bool:
    if not one.values or not other.values:
        return not set(_SIGNS[one.relation]) & set(_SIGNS[other.relation])
    for finite, rest in ((one, other), (other, one)):
        if finite.relation == "==":
            return not any(_fits(value, rest) for value in finite.values)
    for below, above in ((one, other), (other, one)):
        if below.relation in ("<", "<=") and above.relation in (">", ">="):
            touching = (below.relation, above.relation) == ("<=", ">=")
            return not _stands(above.values[0], "<=" if touching else "<", below.values[0])
    return False


def _fits(value: Value, fact: Fact) -> bool:
    """Whether a subject of this value is as the fact says."""
    if fact.relation in ("==", "!="):
        return any(_equal(value, each) for each in fact.values) == (fact.relation == "==")
    return _stands(value, fact.relation, fact.values[0])


def _equal(one: Value, other: Value) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _stands(one: Any, relation: str, other: Any) -> bool:
    """Whether an order holds. Where there is none, the comparison is an error, and no condition holds."""
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    try:
        return "<=>"[(one > other) - (one < other) + 1] in _SIGNS[relation]
    except TypeError:
        return False
