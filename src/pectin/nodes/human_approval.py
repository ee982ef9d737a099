"""`human_approval`: waits for a person's decision, or for its deadline, which decides `timeout`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from pectin.core.action import TIMEOUT, Action, Await
from pectin.core.activation import NODE_ID
from pectin.core.definition import Edge, Node, Trigger
from pectin.core.duration import format_duration
from pectin.core.error import quote
from pectin.core.expression import EvaluationError, Expression, ExpressionError, compile_condition
from pectin.core.kind import (
    Scope,
    Trait,
    bound_config,
    check_config,
    check_duration,
    check_key,
    expression_problem,
    problem_of,
    read_config,
)
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry
from pectin.core.schema import Field, Nullable, Object, Schema, String
from pectin.core.template import compile_template

NAME: Final = "human_approval"
TRAITS: Final = frozenset[Trait]()
ROUTES: Final = False
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = True

DECISIONS: Final = ("approved", "rejected")
"""What a person can decide, where nothing else is said."""

DECISIONS_MAX: Final = 100


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`prompt` is the text that the person is shown, with `{{ expressions }}` over the state. Without a `deadline_ms`
    the workflow's `approval_timeout` is the deadline, and without that there is none. `editable` are the keys of the
    state that may be set with the decision."""

    prompt: Annotated[str, msgspec.Meta(min_length=1)]
    decisions: tuple[str, ...] = DECISIONS
    deadline_ms: int | None = None
    editable: tuple[str, ...] = ()


def check(node: Node, scope: Scope) -> list[Problem]:
    config = read_config(node, Config)
    if config is None:
        return check_config(node, Config)
    problems = check_duration(node, "deadline", config.deadline_ms, part="config.deadline_ms")
    try:
        compile_template(config.prompt, scope.variables())
    except ExpressionError as error:
        problems.append(expression_problem(node.id, error, "config.prompt"))
    problems += _check_editable(node, config, scope)
    return problems + (_check_decisions(node, config) or _check_ways(node, config, scope))


def bind(node: Node, scope: Scope) -> Enter:
    config = bound_config(node, Config)
    prompt = compile_template(config.prompt, scope.variables())
    deadline_ms = _deadline_ms(config, scope)

    def enter(entry: Entry) -> Action:
        until = None if deadline_ms is None else entry.at + deadline_ms
        return Await(prompt.render(entry.variables()), config.decisions, until, config.editable)

    return enter


def output(node: Node, scope: Scope) -> Schema:
    config = read_config(node, Config)
    decisions = _outcomes(config, scope) if config is not None else ()
    fields: dict[str, Schema] = {
        "decision": String(decisions),
        "by": Nullable(String()),
        "comment": Nullable(String()),
    }
    return Object({name: Field(schema) for name, schema in fields.items()})


def _deadline_ms(config: Config, scope: Scope) -> int | None:
    return scope.timeouts.approval_timeout_ms if config.deadline_ms is None else config.deadline_ms


def _outcomes(config: Config, scope: Scope) -> tuple[str, ...]:
    return config.decisions if _deadline_ms(config, scope) is None else (*config.decisions, TIMEOUT)


def _check_decisions(node: Node, config: Config) -> list[Problem]:
    decisions = config.decisions
    problems: list[Problem] = []
    if len(decisions) > DECISIONS_MAX:
        message = f"approval `{node.id}` has {len(decisions)} decisions"
        return [
            problem_of(node, message, f"write at most {DECISIONS_MAX}: a person has to choose", part="config.decisions")
        ]
    if not decisions:
        problems.append(
            problem_of(
                node, f"approval `{node.id}` has nothing to decide", "give it decisions", part="config.decisions"
            )
        )
    for decision in dict.fromkeys(decisions):
        if decision == TIMEOUT:
            message = f"approval `{node.id}`: `timeout` is what its deadline decides, not a person"
            problems.append(
                problem_of(
                    node,
                    message,
                    "give it a deadline, or the decision another name",
                    part=f"config.decisions.{decision}",
                )
            )
        elif not NODE_ID.fullmatch(decision):
            message = f"approval `{node.id}`: {quote(decision)} can't be the name of a decision"
            problems.append(
                problem_of(
                    node,
                    message,
                    "use letters, digits, `_` and `-`; begin with no digit",
                    part=f"config.decisions.{decision}",
                )
            )
        elif decisions.count(decision) > 1:
            message = f"approval `{node.id}` has the decision `{decision}` twice"
            problems.append(problem_of(node, message, "name it once", part=f"config.decisions.{decision}"))
    return problems


def _check_editable(node: Node, config: Config, scope: Scope) -> list[Problem]:
    problems: list[Problem] = []
    for key in dict.fromkeys(config.editable):
        problems += check_key(node, "editable key", key, scope, part=f"config.editable.{key}")
        if config.editable.count(key) > 1:
            message = f"approval `{node.id}` has the editable key `{key}` twice"
            problems.append(problem_of(node, message, "name it once", part=f"config.editable.{key}"))
    return problems


def _check_ways(node: Node, config: Config, scope: Scope) -> list[Problem]:
    variables = {**scope.edge_variables(), "output": output(node, scope)}
    problems: list[Problem] = []
    ways = [way for edge in scope.ways if (way := _read_way(edge, variables)) is not None]
    for decision in _outcomes(config, scope):
        if not any(_may_take(way, decision) for way in ways):
            deadline_ms = _deadline_ms(config, scope)
            because = ""
            if decision == TIMEOUT and deadline_ms is not None:
                because = f"a deadline of {format_duration(deadline_ms)} but "
            message = f"approval `{node.id}` has {because}no way on for `{decision}`"
            problems.append(
                problem_of(node, message, "lead it to a node, or to the end", code="E015", part="config.decisions")
            )
    return problems


def _read_way(edge: Edge, variables: Mapping[str, Schema]) -> Expression | bool | None:
    """The condition of an edge that leads on after a decision, True where there is none that can be read, and None for
    other edges."""
    if edge.trigger in (Trigger.ERROR, Trigger.LIMIT):
        return None
    try:
        return edge.condition is None or compile_condition(edge.condition, variables)
    except ExpressionError:
        return True


def _may_take(way: Expression | bool, decision: str) -> bool:
    """Whether a way can be taken on a decision. Where that depends on what isn't known yet, it can.

    A state of null makes every look into it an error, which `&&` and `||` absorb where the decision settles it.
    """
    if isinstance(way, bool):
        return way
    try:
        return way.holds({"state": None, "output": {"decision": decision}})
    except EvaluationError:
        return True
