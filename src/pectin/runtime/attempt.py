"""One attempt, from what a commit says to the call of its function."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from pectin.core import causal
from pectin.core.definition import Json
from pectin.core.event import AnyEvent, AttemptBegun, NodeScheduled
from pectin.core.identity import ExecutionId, idempotency_key
from pectin.core.program import Program
from pectin.core.state import Activation, Run
from pectin.nodes import function_name
from pectin.ports.context import Context
from pectin.ports.function import Function, Functions, Request


class Attempt(msgspec.Struct, gc=False):
    """What a worker needs to run it. The state is what the activation sees, fixed when it was scheduled."""

    execution: ExecutionId
    activation: str
    number: int
    timeout_ms: int | None
    function: Function
    request: Request


def begun_attempts(
    program: Program,
    run: Run,
    execution: ExecutionId,
    events: list[AnyEvent],
    functions: Functions,
    beat: Callable[[ExecutionId, str, int], Callable[[], None]],
) -> list[Attempt]:
    """The attempts that these events begin. Called before anything else changes the run."""
    begun: list[Attempt] = []
    for event in events:
        match event:
            case NodeScheduled(begun_by=str()):
                number = 1
            case AttemptBegun():
                number = event.attempt
            case _:
                continue
        activation = run.activations.get(event.activation)
        if activation is None or activation.attempt != number:
            continue
        function = functions.find(program.definition.id, function_name(program.nodes[activation.node]) or "")
        assert function is not None, "a worker begins only what it has the function for"
        context = Context(
            key=idempotency_key(execution, activation.name),
            attempt=number,
            execution_id=str(execution),
            activation=activation.name,
            beat=beat(execution, activation.name, number),
        )
        request = Request(dict(causal.view(run, activation.seen)), context, _item_of(run, activation))
        begun.append(Attempt(execution, activation.name, number, activation.timeout_ms, function, request))
    return begun


def _item_of(run: Run, activation: Activation) -> Json | msgspec.UnsetType:
    if activation.map is None or activation.item is None:
        return msgspec.UNSET
    mapping = run.activations[activation.map].mapping
    assert mapping is not None, "only a map has items"
    return mapping.items[activation.item]


def missing_functions(program: Program, functions: Functions) -> dict[str, str]:
    """The nodes whose function this application doesn't have, with its name."""
    names = {node.id: function_name(node) for node in program.definition.nodes}
    return {
        node: name
        for node, name in names.items()
        if name is not None and functions.find(program.definition.id, name) is None
    }


def lacking_functions(run: Run, missing: Mapping[str, str]) -> list[str]:
    """The names of the `missing` functions that an execution can't do anything without; none if something else runs."""
    nodes = [run.activations[name].node for name in run.ready]
    lacking = [missing[node] for node in nodes if node in missing]
    return list(dict.fromkeys(lacking)) if len(lacking) == run.busy else []
