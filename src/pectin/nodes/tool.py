"""`tool`: a tool of the definition, by its name: a registered function, or an HTTP endpoint."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from pectin.core.action import Action, Run
from pectin.core.call import complete_arguments, evaluate
from pectin.core.definition import Contract, Node
from pectin.core.expression import Expression, ExpressionError, compile_expression
from pectin.core.hint import did_you_mean
from pectin.core.kind import (
    RUNS,
    Scope,
    Trait,
    bound_config,
    check_config,
    check_key,
    check_written,
    expression_problem,
    problem_of,
    read_config,
    require_stored,
)
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry, ToolCall
from pectin.core.schema import Any, Schema, describe

NAME: Final = "tool"
TRAITS: Final = RUNS | {Trait.OUTPUT_KEY, Trait.RECONCILE, Trait.POLICY, Trait.CEILING}
ROUTES: Final = False
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tool` is one of the definition's, by name; `input` gives its fields, as expressions. `output` says what is kept:
    keys of the state, with expressions over `output`."""

    tool: Annotated[str, msgspec.Meta(min_length=1)]
    input: dict[str, str] = {}
    output: dict[str, str] = {}


def check(node: Node, scope: Scope) -> list[Problem]:
    config = read_config(node, Config)
    if config is None:
        return check_config(node, Config)
    tool = scope.tools.get(config.tool)
    if tool is None:
        hint = did_you_mean(config.tool, scope.tools) or "declare it: the workflow has no tool of this name"
        message = f"tool `{node.id}` calls the unknown tool `{config.tool}`"
        return [problem_of(node, message, hint, code="E061", part="config.tool")]
    return [
        *_check_effect(node, tool),
        *_check_input(node, config, tool, scope),
        *_check_output(node, config, tool, scope),
    ]


def bind(node: Node, scope: Scope) -> Enter:
    config = bound_config(node, Config)
    tool, variables = scope.tools[config.tool], scope.input_variables()
    input = {key: compile_expression(source, variables) for key, source in config.input.items()}

    def enter(entry: Entry) -> Action:
        return Run(arguments=complete_arguments(tool, evaluate(input, entry.variables())))

    return enter


def bind_call(node: Node, scope: Scope) -> ToolCall:
    """What a worker needs to know of the call."""
    config = bound_config(node, Config)
    tool = scope.tools[config.tool]
    return ToolCall(tool, {key: _compile_kept(source, tool) for key, source in config.output.items()})


def output(node: Node, scope: Scope) -> Schema:
    """The tool's own output, whatever is kept of it."""
    config = read_config(node, Config)
    tool = None if config is None else scope.tools.get(config.tool)
    return Any() if tool is None else tool.output


def registered_name(tool: str) -> str:
    """The name under which a tool's function is registered. No node has it."""
    return f"tool:{tool}"


def _check_effect(node: Node, tool: Contract) -> list[Problem]:
    if node.effect is tool.effect:
        return []
    message = f"tool `{node.id}` is `{node.effect}`, and the tool `{tool.name}` that it calls is `{tool.effect}`"
    hint = "leave the effect to the tool: it says what a call does to the world"
    return [problem_of(node, message, hint, code="E063")]


def _check_input(node: Node, config: Config, tool: Contract, scope: Scope) -> list[Problem]:
    fields = tool.input.fields
    missing = [name for name, field in fields.items() if field.required and name not in config.input]
    problems: list[Problem] = []
    for name in config.input:
        if name not in fields and not tool.input.open:
            message = f"tool `{node.id}` hands in `{name}`, which `{tool.name}` doesn't take"
            hint = did_you_mean(name, missing or fields) or _list_fields(tool)
            problems.append(problem_of(node, message, hint, code="E062", part=f"config.input.{name}.key"))
    for name in missing:
        message = f"tool `{node.id}` doesn't hand in `{name}`, which `{tool.name}` needs"
        hint = f"add it: {describe(fields[name].schema)}"
        problems.append(problem_of(node, message, hint, code="E062", part="config.input"))
    variables = scope.input_variables()
    for name, source in config.input.items():
        try:
            expression = compile_expression(source, variables)
            if name in fields:
                require_stored(expression, fields[name].schema)
        except ExpressionError as error:
            problems.append(expression_problem(f"{node.id}, input `{name}`", error, f"config.input.{name}"))
    return problems


def _check_output(node: Node, config: Config, tool: Contract, scope: Scope) -> list[Problem]:
    problems: list[Problem] = []
    if config.output and node.output_key is not None:
        message = f"tool `{node.id}` has both an `output_key` and a mapping of its output"
        problems.append(problem_of(node, message, "keep one", part="output_key"))
    for key, source in config.output.items():
        try:
            expression = _compile_kept(source, tool)
            if scope.item is None:  # what an item's mapping takes is the item's output, under names of its own
                unknown = check_key(node, "output", key, scope, part=f"config.output.{key}.key")
                problems += unknown or _check_kept(node, key, expression, scope)
        except ExpressionError as error:
            problems.append(expression_problem(f"{node.id}, output `{key}`", error, f"config.output.{key}"))
    return problems


def _check_kept(node: Node, key: str, expression: Expression, scope: Scope) -> list[Problem]:
    field = scope.state.fields.get(key)
    if field is not None and key not in scope.reduced:
        require_stored(expression, field.schema)
        return []
    return check_written(node, key, expression.type, scope, part=f"config.output.{key}")


def _compile_kept(source: str, tool: Contract) -> Expression:
    return compile_expression(source, {"output": tool.output})


def _list_fields(tool: Contract) -> str:
    names = ", ".join(f"`{name}`" for name in tool.input.fields)
    return f"it takes {names}" if names else "it takes nothing"
