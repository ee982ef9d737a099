"""`limit_exceeded`: ends the execution as such, for a reason of the application's own."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from pectin.core.action import Action, Resolve
from pectin.core.definition import Node
from pectin.core.expression import ExpressionError
from pectin.core.kind import Scope, Trait, bound_config, check_config, expression_problem, problem_of, read_config
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry
from pectin.core.schema import Null, Schema
from pectin.core.template import compile_template

NAME: Final = "limit_exceeded"
TRAITS: Final = frozenset[Trait]()
ROUTES: Final = True
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`message` says which limit was passed, with `{{ expressions }}` over the state."""

    message: Annotated[str, msgspec.Meta(min_length=1)]


def check(node: Node, scope: Scope) -> list[Problem]:
    problems = check_config(node, Config)
    for target in dict.fromkeys(edge.target for edge in scope.ways):
        message = f"limit_exceeded `{node.id}` has an edge to `{target}`, and nothing comes after it"
        problems.append(problem_of(node, message, "delete the edge: it ends the execution", code="E012"))
    config = read_config(node, Config)
    try:
        compile_template(config.message if config is not None else "", scope.variables())
    except ExpressionError as error:
        problems.append(expression_problem(node.id, error, "config.message"))
    return problems


def bind(node: Node, scope: Scope) -> Enter:
    message = compile_template(bound_config(node, Config).message, scope.variables())

    def enter(entry: Entry) -> Action:
        return Resolve(limit=message.render(entry.variables()))

    return enter


def output(node: Node, scope: Scope) -> Schema:
    return Null()
