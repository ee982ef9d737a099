"""One attempt, from what a commit says to the call of its function."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pectin.core import causal
from pectin.core.event import AnyEvent, AttemptBegun, NodeScheduled
from pectin.core.identity import ExecutionId, idempotency_key
from pectin.core.program import Program
from pectin.core.state import Run
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
        node = program.nodes[activation.node]
        function = functions.find(program.definition.id, function_name(node) or "")
        assert function is not None, "a worker begins only what it has the function for"
        context = Context(
            key=idempotency_key(execution, event.activation),
            attempt=number,
            execution_id=str(execution),
            activation=event.activation,
            beat=beat(execution, event.activation, number),
        )
        item: object = msgspec.UNSET
        if activation.map is not None and activation.item is not None:
            mapping = run.activations[activation.map].mapping
            assert mapping is not None, "only a map has items"
            item = mapping.items[activation.item]
        state = dict(causal.view(run, activation.seen))
        request = Request(state, context, item)
        begun.append(Attempt(execution, event.activation, number, activation.timeout_ms, function, request))
    return begun


def missing_functions(program: Program, functions: Functions) -> dict[str, str]:
    """The nodes whose function this application doesn't have, with its name."""
    names = {node.id: function_name(node) for node in program.definition.nodes}
    return {
        node: name
        for node, name in names.items()
        if name is not None and functions.find(program.definition.id, name) is None
    }
