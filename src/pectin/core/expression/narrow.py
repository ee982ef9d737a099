"""What a condition tells about the values it names: after `state.x != null &&`, `state.x` is not null.

A fact is about a path (`syntax.path_of`). Expressions change nothing, so a fact holds wherever its condition does.
"""

from collections.abc import Mapping

from pectin.core import schema
from pectin.core.expression import syntax
from pectin.core.expression.syntax import Node, Path
from pectin.core.schema import Schema

Facts = frozenset[tuple[str, Path]]
NOTHING: Facts = frozenset()


def is_known(facts: Facts, fact: str, node: Node) -> bool:
    """Whether `fact` ("not null", "present") is known of what `node` names."""
    path = syntax.path_of(node)
    return path is not None and (fact, path) in facts


def learn(condition: Node, types: Mapping[Node, Schema]) -> tuple[Facts, Facts]:
    """What is known if the condition is true, and what if it is false."""
    match condition:
        case syntax.Has():
            return _fact("present", condition), NOTHING
        case syntax.Unary(operator="!"):
            when_true, when_false = learn(condition.operand, types)
            return when_false, when_true
        case syntax.Logic():
            return _learn_logic(condition, types)
        case syntax.Binary(operator="=="):
            return _learn_equal(condition, types)
        case syntax.Binary(operator="!="):
            when_true, when_false = _learn_equal(condition, types)
            return when_false, when_true
        case syntax.Binary(operator="in"):
            items = types[condition.right]
            known = isinstance(items, schema.List) and not _may_be_null(items.item)
            return (_fact("not null", condition.left) if known else NOTHING), NOTHING
        case _:
            return NOTHING, NOTHING


def _learn_equal(condition: syntax.Binary, types: Mapping[Node, Schema]) -> tuple[Facts, Facts]:
    when_equal = when_unequal = NOTHING
    for one, other in ((condition.left, condition.right), (condition.right, condition.left)):
        if isinstance(types[other], schema.Null):
            when_unequal |= _fact("not null", one)
        elif not _may_be_null(types[other]):
            when_equal |= _fact("not null", one)
    return when_equal, when_unequal


def _learn_logic(condition: syntax.Logic, types: Mapping[Node, Schema]) -> tuple[Facts, Facts]:
    """`&&`: all hold if true, and if false only what each alone would tell; `||` the other way round."""
    learnt = [learn(operand, types) for operand in condition.operands]
    conjunction = condition.operator == "&&"
    all_of = NOTHING.union(*(facts[0 if conjunction else 1] for facts in learnt))
    first, *others = (facts[1 if conjunction else 0] for facts in learnt)
    any_of = first.intersection(*others)
    return (all_of, any_of) if conjunction else (any_of, all_of)


def _may_be_null(given: Schema) -> bool:
    return isinstance(given, schema.Any | schema.Null | schema.Nullable)


def _fact(fact: str, node: Node) -> Facts:
    path = syntax.path_of(node)
    return frozenset({(fact, path)}) if path else NOTHING
