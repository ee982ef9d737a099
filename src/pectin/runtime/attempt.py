"""One attempt, from what a commit says to the call of its function; and the asking about one in doubt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from pectin.core import causal
from pectin.core.budget import Budget, allowance
from pectin.core.call import arguments_of
from pectin.core.definition import Effect, Json, Node
from pectin.core.event import AnyEvent, AttemptBegun, NodeScheduled, ReconcileBegun
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.line import budgets_of
from pectin.core.program import Program
from pectin.core.state import Activation, Run
from pectin.nodes import function_name
from pectin.ports.clock import Clock
from pectin.ports.context import Context
from pectin.ports.function import Function, Functions, Request
from pectin.runtime.call import is_endpoint

log = logging.getLogger("pectin.engine")

Beat = Callable[[ExecutionId, str, int], None]

Find = Callable[[Program, Node, bool], Function | None]
"""What runs a node, or asks about its attempt in doubt."""


NO_MORE: Final = Budget(max_cost_usd="0", input_tokens=0, output_tokens=0)
"""What a `reconcile` may spend: it asks about an attempt, and is none."""

BEGINNING: Final = (NodeScheduled, AttemptBegun, ReconcileBegun)
"""The events that can begin an attempt, or the asking about one."""


class Attempt(msgspec.Struct, gc=False):
    """What a worker needs to run it. The state is what the activation sees, fixed when it was scheduled. The `request`
    is gone once it is made: who still holds a state keeps the run from changing it in its place.

    If it `asks`, the function is the node's `reconcile`, and `number` that of the attempt in doubt.
    """

    execution: ExecutionId
    activation: str
    number: int
    timeout_ms: int | None
    function: Function
    context: Context
    request: Request | None
    asks: bool

    @property
    def name(self) -> tuple[ExecutionId, str, int]:
        """What a worker calls it. The attempt that it asks about may still be running, under its own number."""
        return self.execution, self.activation, -self.number if self.asks else self.number


def begun_attempts(
    program: Program,
    run: Run,
    execution: ExecutionId,
    events: list[AnyEvent],
    find: Find,
    *,
    beat: Beat,
    clock: Clock,
    limits: Limits,
) -> list[Attempt]:
    """The attempts that these events begin. Called before anything else changes the run."""
    begun: list[Attempt] = []
    for event in events:
        if not isinstance(event, BEGINNING):
            continue
        activation = run.activations.get(event.activation)
        if activation is None or not _stands(event, activation):
            continue
        asks = activation.doubt is not None
        node = program.nodes[activation.node]
        function = find(program, node, asks)
        assert function is not None, "a worker begins only what it has the function for"
        context = Context(
            attempt=activation.attempt,
            execution_id=execution,
            activation=activation.name,
            error=None if run.limit is None else run.limit.variable(),
            transactional=node.effect is Effect.TRANSACTIONAL,
            beat=partial(beat, execution, activation.name, -activation.attempt if asks else activation.attempt),
            now=clock.now,
            limits=limits,
            allowed=NO_MORE if asks else allowance(budgets_of(run), activation.ceiling),
        )
        state = _state_of(run, activation, function.keys)
        request = Request(state, context, _item_of(run, activation), asks, arguments_of(program, run, activation))
        timeout_ms = activation.timeout_ms
        number = activation.attempt
        begun.append(Attempt(execution, activation.name, number, timeout_ms, function, context, request, asks))
    return begun


def _stands(event: NodeScheduled | AttemptBegun | ReconcileBegun, activation: Activation) -> bool:
    """Whether what this event may have begun, an attempt or the asking about one, is begun and still stands."""
    if isinstance(event, ReconcileBegun):
        return activation.doubt is not None and activation.doubt.begun_by == event.by
    if activation.doubt is not None:
        return False
    if isinstance(event, NodeScheduled):
        return event.begun_by is not None and activation.attempt == 1
    return activation.attempt == event.attempt


def _state_of(run: Run, activation: Activation, keys: frozenset[str] | None) -> Mapping[str, Json]:
    """What the activation sees of the state, of these keys only: a copy, because the run goes on."""
    if keys is None:
        return dict(causal.view(run, activation.seen))
    state = causal.view(run, activation.seen) if run.writes and keys else run.data
    return {key: state[key] for key in keys if key in state}


def _item_of(run: Run, activation: Activation) -> Json | msgspec.UnsetType:
    if activation.map is None or activation.item is None:
        return msgspec.UNSET
    mapping = run.activations[activation.map].mapping
    assert mapping is not None, "only a map has items"
    return mapping.items[activation.item]


def missing_functions(program: Program, functions: Functions) -> dict[str, str]:
    """The nodes that this application doesn't have all functions for, with the name of the first that it lacks."""
    missing: dict[str, str] = {}
    for node in program.definition.nodes:
        own = None if is_endpoint(program, node) else function_name(node)
        for name in (own, node.reconcile):
            if name is not None and functions.find(program.definition.id, name) is None:
                missing.setdefault(node.id, name)
    return missing


def lacking_functions(run: Run, missing: Mapping[str, str]) -> list[str]:
    """The names of the `missing` functions that an execution can't do anything without; none if something else runs."""
    nodes = [run.activations[name].node for name in (*run.ready, *run.line)]
    lacking = [missing[node] for node in nodes if node in missing]
    return list(dict.fromkeys(lacking)) if len(lacking) == run.busy else []


class Ability:
    """Which nodes of a program this application lacks a function for. It is said once of each program."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._lacks: dict[str, frozenset[str]] = {}

    def lacks(self, program: Program) -> frozenset[str]:
        """The nodes without a function here."""
        if program.hash not in self._lacks:
            missing = missing_functions(program, self._functions)
            if missing:
                names = ", ".join(f"`{name}`" for name in missing.values())
                log.warning("%s %s: no function %s here", program.definition.id, program.definition.version, names)
            self._lacks[program.hash] = frozenset(missing)
        return self._lacks[program.hash]
