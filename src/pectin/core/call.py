"""A node's call of a tool: what it hands in, and what it keeps of what comes back.

The arguments are worked out from what the activation sees, which is fixed when it is scheduled. So they are the same
when it is entered, on every attempt, and when its attempt in doubt is asked about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from pectin.core import causal
from pectin.core.action import Run as RunAction
from pectin.core.activation import parse_activation
from pectin.core.definition import Contract, Json, Node
from pectin.core.expression import Expression, to_json
from pectin.core.fit import complete
from pectin.core.program import Entry, NodeError, Program, ToolCall
from pectin.core.state import Activation, Run


class Kept(NamedTuple):
    """A patch, and the output if it isn't that."""

    patch: dict[str, Json]
    output: Json | msgspec.UnsetType = msgspec.UNSET


def evaluate(mappings: Mapping[str, Expression], variables: Mapping[str, Json]) -> dict[str, Json]:
    """What mappings give, by key. Raises `EvaluationError`."""
    return {key: to_json(expression.evaluate(variables), expression.type) for key, expression in mappings.items()}


def complete_arguments(tool: Contract, given: Mapping[str, Json]) -> dict[str, Json]:
    """What is handed in, with the defaults of what isn't. Raises `NodeError` if it is none of the tool's input."""
    arguments, problems = complete(tool.input, dict(given))
    if problems:
        raise NodeError("bad_arguments", f"the input of `{tool.name}` can't be used: {'; '.join(problems)}")
    return arguments


def arguments_of(program: Program, run: Run, activation: Activation) -> Mapping[str, Json] | None:
    """What an activation that was scheduled hands in; None if it calls no tool."""
    if activation.node not in program.calls:
        return None
    action = program.enter[activation.node](entry_of(program, run, activation))
    assert isinstance(action, RunAction), "a worker runs what calls a tool"
    return action.arguments


def entry_of(program: Program, run: Run, activation: Activation) -> Entry:
    """What an activation saw when it was entered, but for the time, which no argument depends on."""
    is_called = program.definition.on_limit == activation.node
    entry = Entry(
        state=causal.view(run, activation.seen),
        at=0,
        iteration=parse_activation(activation.name).iteration,
        error=run.limit.variable() if is_called and run.limit is not None else None,
    )
    if activation.map is None or activation.item is None:
        return entry
    mapping = run.activations[activation.map].mapping
    assert mapping is not None, "only a map has items"
    return item_entry(entry, mapping.items[activation.item], activation.item)


def item_entry(entry: Entry, item: Json, index: int) -> Entry:
    """What the item of a map sees, beside what the map does."""
    return Entry(entry.state, entry.at, entry.iteration, error=entry.error, item=item, index=index)


def keep(call: ToolCall, node: Node, output: Json, *, is_item: bool) -> Kept:
    """What a node makes of its tool's output. Raises `EvaluationError`."""
    mapped = evaluate(call.kept, {"output": output})
    if is_item:
        return Kept({}, mapped or output)
    return Kept(mapped, output) if node.output_key is None else Kept({node.output_key: output})
