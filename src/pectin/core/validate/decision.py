"""What a person's decision makes of a condition, as far as that alone settles it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pectin.core.expression import syntax
from pectin.core.expression.parse import parse
from pectin.core.expression.syntax import Node

_DECISION: Final = ("output", ("decision",))
"""The path of an approval's decision in the conditions of its edges."""


def holds_by(source: str, decision: str) -> bool | None:
    """Whether a condition that compiles holds when this was decided; None where something else has a say."""
    return _settle(_read(source), decision)


@lru_cache(maxsize=256)
def _read(source: str) -> Node:
    """Each condition is asked of each decision of its approval."""
    return parse(source)


def _settle(node: Node, decision: str) -> bool | None:
    match node:
        case syntax.Literal(value=bool() as value):
            return value
        case syntax.Unary(operator="!"):
            operand = _settle(node.operand, decision)
            return None if operand is None else not operand
        case syntax.Logic():
            return _settle_logic(node.operator == "||", (_settle(each, decision) for each in node.operands))
        case syntax.Conditional():
            condition = _settle(node.condition, decision)
            ways = {_settle(way, decision) for way in _taken(node, condition)}
            return ways.pop() if len(ways) == 1 else None
        case syntax.Binary(operator="==" | "!="):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if syntax.path_of(one) == _DECISION and isinstance(other, syntax.Literal):
                    return (other.value == decision) is (node.operator == "==")
            return None
        case syntax.Binary(operator="in", right=syntax.ListLiteral(items=items)):
            values = [item.value for item in items if isinstance(item, syntax.Literal)]
            is_known = syntax.path_of(node.left) == _DECISION and len(values) == len(items)
            return decision in values if is_known else None
        case _:
            return None


def _settle_logic(deciding: bool, operands: Iterable[bool | None]) -> bool | None:
    """`&&` is false as soon as one operand is, whatever the others are, and `||` true."""
    known = set(operands)
    if deciding in known:
        return deciding
    return None if None in known else not deciding


def _taken(node: syntax.Conditional, condition: bool | None) -> tuple[Node, ...]:
    if condition is None:
        return node.then, node.otherwise
    return (node.then,) if condition else (node.otherwise,)
