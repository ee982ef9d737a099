"""`condition`: leads on along the first of its branches that holds, or along the default."""

from __future__ import annotations

from typing import Final

import msgspec

from pectin.core.action import Action, Resolve
from pectin.core.definition import Node, Trigger
from pectin.core.expression import ExpressionError, compile_condition
from pectin.core.hint import Guesses
from pectin.core.kind import Scope, Trait, bound_config, check_config, expression_problem, problem_of, read_config
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry, NodeError
from pectin.core.schema import Field, Object, Schema, String

NAME: Final = "condition"
TRAITS: Final = frozenset[Trait]()
ROUTES: Final = True
CHOOSES: Final = True
ACTS: Final = False
DECIDES: Final = False


class Branch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to go when a condition over `state` (and `iteration`) holds."""

    when: str
    to: str


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The branches in order, and where to go when none holds. Every target has one unconditional edge."""

    branches: tuple[Branch, ...]
    default: str | None = None

    def targets(self) -> tuple[str, ...]:
        """Where it may lead, each once."""
        default = () if self.default is None else (self.default,)
        return tuple(dict.fromkeys((*(branch.to for branch in self.branches), *default)))


def check(node: Node, scope: Scope) -> list[Problem]:
    config = read_config(node, Config)
    if config is None:
        return check_config(node, Config)
    problems: list[Problem] = []
    if not config.branches:
        problems.append(problem_of(node, f"condition `{node.id}` has no branches", "give it one, or lead on directly"))
    elif config.default is None:
        message = f"condition `{node.id}` has no default: it fails with `no_route` when no branch holds"
        problems.append(problem_of(node, message, "give it one", code="W003"))
    for index, branch in enumerate(config.branches):
        try:
            compile_condition(branch.when, scope.variables())
        except ExpressionError as error:
            problems.append(expression_problem(f"{node.id} → {branch.to}", error, f"config.branches.{index}.when"))
    problems += _check_ways(node, scope, config.targets())
    return problems


def bind(node: Node, scope: Scope) -> Enter:
    config = bound_config(node, Config)
    branches = [(compile_condition(branch.when, scope.variables()), branch.to) for branch in config.branches]

    def enter(entry: Entry) -> Action:
        variables = entry.variables()
        for condition, target in branches:
            if condition.holds(variables):
                return _lead_to(target)
        if config.default is None:
            raise NodeError("no_route", f"no branch of `{node.id}` holds, and it has no default")
        return _lead_to(config.default)

    return enter


def output(node: Node, scope: Scope) -> Schema:
    config = read_config(node, Config)
    return Object({"target": Field(String(config.targets() if config is not None else ()))})


def _lead_to(target: str) -> Action:
    return Resolve({"target": target}, only=target)


def _check_ways(node: Node, scope: Scope, targets: tuple[str, ...]) -> list[Problem]:
    """Branches and unconditional edges are the same ways; other words than `on_error` and `repeat` have no place."""
    always = {edge.target for edge in scope.ways if edge.trigger is Trigger.ALWAYS}
    guess = Guesses(always - set(targets))
    problems = [
        problem_of(
            node,
            f"condition `{node.id}` leads to `{target}`, to which it has no edge",
            guess(target),
        )
        for target in targets
        if target not in always
    ]
    for edge in scope.ways:
        if edge.trigger is Trigger.ALWAYS and edge.target not in targets:
            message = f"condition `{node.id}` has an edge to `{edge.target}`, and no branch that leads there"
            problems.append(problem_of(node, message, "add a branch, or delete the edge"))
        elif edge.trigger in (Trigger.WHEN, Trigger.OTHERWISE):
            message = f"`{edge.trigger}` has no place on an edge of the condition `{node.id}`"
            problems.append(problem_of(node, message, f"make it a branch that leads to `{edge.target}`"))
    return problems
