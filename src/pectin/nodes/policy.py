"""`policy`: holds its rules against the state, and fails, warns or branches where one of them is violated."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from pectin.core.action import Action, Resolve
from pectin.core.definition import Node, Trigger
from pectin.core.expression import Expression, ExpressionError, compile_condition
from pectin.core.kind import Scope, Trait, bound_config, check_config, expression_problem, problem_of, read_config
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry, NodeError
from pectin.core.schema import Field, Integer, List, Object, Schema, String
from pectin.core.status import plain_members
from pectin.core.template import Template, compile_template

NAME: Final = "policy"
TRAITS: Final = frozenset({Trait.OUTPUT_KEY})
ROUTES: Final = True
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False

RULES_MAX: Final = 100


@plain_members
class OnViolation(StrEnum):
    """What a violated rule does: fail the node, go on all the same, or go on by what was found."""

    FAIL = "fail"
    WARN = "warn"
    BRANCH = "branch"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It is violated when `when` holds, a condition over the state. `message` says what is wrong then, with
    `{{ expressions }}`."""

    when: str
    message: Annotated[str, msgspec.Meta(min_length=1)]


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules, all of which are looked at, and what is done where one is violated."""

    rules: tuple[Rule, ...]
    on_violation: OnViolation = OnViolation.FAIL


def check(node: Node, scope: Scope) -> list[Problem]:
    config = read_config(node, Config)
    if config is None:
        return check_config(node, Config)
    problems: list[Problem] = []
    if not config.rules:
        problems.append(problem_of(node, f"policy `{node.id}` has no rules", "give it one", part="config.rules"))
    if len(config.rules) > RULES_MAX:
        message = f"policy `{node.id}` has {len(config.rules)} rules"
        hint = f"write at most {RULES_MAX}, or share them out among nodes"
        problems.append(problem_of(node, message, hint, part="config.rules"))
    for index, rule in enumerate(config.rules):
        for name, compile_part in (("when", compile_condition), ("message", compile_template)):
            try:
                compile_part(getattr(rule, name), scope.variables())
            except ExpressionError as error:
                problems.append(expression_problem(node.id, error, f"config.rules.{index}.{name}"))
    return problems + _check_ways(node, config, scope)


def bind(node: Node, scope: Scope) -> Enter:
    config = bound_config(node, Config)
    rules = [
        (compile_condition(rule.when, scope.variables()), compile_template(rule.message, scope.variables()))
        for rule in config.rules
    ]

    def enter(entry: Entry) -> Action:
        violations = _violations(rules, entry)
        if violations and config.on_violation is OnViolation.FAIL:
            raise NodeError("policy_violation", "; ".join(str(violation["message"]) for violation in violations))
        return Resolve({"violations": violations})

    return enter


def output(node: Node, scope: Scope) -> Schema:
    violation = Object({"rule": Field(Integer()), "message": Field(String())})
    return Object({"violations": Field(List(violation))})


def _violations(rules: list[tuple[Expression, Template]], entry: Entry) -> list[dict[str, int | str]]:
    """Those that are violated, numbered from 1 as they are written."""
    variables = entry.variables()
    return [
        {"rule": number, "message": message.render(variables)}
        for number, (when, message) in enumerate(rules, 1)
        if when.holds(variables)
    ]


def _check_ways(node: Node, config: Config, scope: Scope) -> list[Problem]:
    """Who branches needs something to branch by; who fails has nothing to tell."""
    conditional = [edge for edge in scope.ways if edge.trigger is Trigger.WHEN]
    if config.on_violation is OnViolation.BRANCH and not conditional:
        message = f"policy `{node.id}` branches on a violation, and none of its edges has a condition"
        hint = "lead on with `when` `size(output.violations) > 0`, and with `otherwise`"
        return [problem_of(node, message, hint, code="E068", part="config.on_violation")]
    return []
