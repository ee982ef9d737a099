"""`parallel`: a node whose edges are all taken; with the trait `each`, one that runs an item node for every item."""

from __future__ import annotations

from typing import Final, cast

import msgspec

from pectin.core.action import Action, Resolve, Spawn
from pectin.core.definition import Each, Json, Node
from pectin.core.expression import Expression, ExpressionError, compile_expression, require_type, to_json, type_of
from pectin.core.kind import Scope, Trait, check_config, expression_problem, problem_of
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry, NodeError
from pectin.core.schema import Any, List, Null, Schema

NAME: Final = "parallel"
TRAITS: Final = frozenset({Trait.EACH, Trait.OUTPUT_KEY})
ROUTES: Final = True
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It has no settings of its own: items stand in the trait `each`."""


def check(node: Node, scope: Scope) -> list[Problem]:
    problems = check_config(node, Config)
    if node.each is None:
        return problems
    if node.each.max_concurrency is not None and node.each.max_concurrency < 1:
        message = f"map `{node.id}` runs {node.each.max_concurrency} items at once"
        problems.append(problem_of(node, message, "write `max_concurrency` from 1 on", part="each.max_concurrency"))
    try:
        _compile_items(node.each, scope)
    except ExpressionError as error:
        problems.append(expression_problem(node.id, error, "each.items"))
    return problems


def bind(node: Node, scope: Scope) -> Enter:
    return _fan_out if node.each is None else _map(node.id, _compile_items(node.each, scope))


def output(node: Node, scope: Scope) -> Schema:
    return Null() if node.each is None else List(Any())


def _compile_items(each: Each, scope: Scope) -> Expression:
    items = compile_expression(each.items, scope.variables())
    require_type(items, List(Any()))
    return items


def _fan_out(entry: Entry) -> Action:
    return Resolve()


def _map(node: str, items: Expression) -> Enter:
    def enter(entry: Entry) -> Action:
        found = to_json(items.evaluate(entry.variables()), items.type)
        if not isinstance(found, list):
            raise NodeError("bad_items", f"the items of `{node}` are no list but {type_of(found)} (`{items.source}`)")
        return Spawn(cast("list[Json]", found))

    return enter
