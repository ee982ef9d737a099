"""The node kinds, one module each, and `bind`, which puts them behind the core's protocols.

A kind is pure: on entry it answers with one of the four actions. Adding one is a module here, its name in `KINDS`, a
test and a page of the reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pectin.core.definition import Definition, Node, Places, definition_hash
from pectin.core.graph import build_graph
from pectin.core.kind import RUNS, Kind, waits
from pectin.core.policy import Judgement, Level, Policy, Ruling, judge
from pectin.core.problem import DefinitionError, Problem
from pectin.core.program import Program
from pectin.core.validate import Validation, is_warning, validate
from pectin.core.worst import Workflow, Worst, worst_case
from pectin.nodes import (
    condition,
    finalizer,
    human_approval,
    join,
    limit_exceeded,
    parallel,
    policy,
    python_fn,
    subgraph,
    tool,
    wait,
)

__all__ = ["KINDS", "LATER", "bind", "call_name", "examine", "function_name", "judge_calls", "police", "worst"]

KINDS: Sequence[Kind] = (
    python_fn,
    tool,
    condition,
    parallel,
    join,
    human_approval,
    wait,
    subgraph,
    finalizer,
    limit_exceeded,
    policy,
)
"""Every kind there is."""

LATER = (
    "model",
    "memory_retrieval",
    "agent",
    "agent_tool",
    "coordinator",
    "agent_discovery",
    "mcp_tool",
    "a2a_task",
    "eval",
)
"""Kinds that the model has and that are refused by name, because nothing runs them."""


def bind(definition: Definition, places: Places | None = None) -> Program:
    """The definition made ready to run. Raises `DefinitionError` with everything that is wrong with it."""
    validation = _validate(definition, places)
    errors = [problem for problem in validation.problems if not is_warning(problem)]
    if errors:
        raise DefinitionError(errors)
    kinds = {kind.NAME: kind for kind in KINDS}
    verdicts = judge_calls(definition)
    return Program(
        definition=definition,
        hash=definition_hash(definition),
        graph=build_graph(definition),
        nodes={node.id: node for node in definition.nodes},
        enter={node.id: kinds[node.kind].bind(node, validation.scopes[node.id]) for node in definition.nodes},
        conditions=validation.conditions,
        firing=validation.firing,
        mappings=validation.mappings,
        calls={
            node.id: tool.bind_call(node, validation.scopes[node.id])
            for node in definition.nodes
            if node.kind == tool.NAME
        },
        policed=verdicts,
        recorded=verdicts,
        gate=validation.gate,
    )


def police(program: Program, policy: Policy | None) -> Program:
    """The program where an engine's policy holds too."""
    if policy is None:
        return program
    return msgspec.structs.replace(program, policed=judge_calls(program.definition, policy))


def call_name(node: Node) -> str | None:
    """The name by which policies know what the node calls: a tool's, else its function's. None if it calls nothing."""
    tool = node.config.get("tool")
    return tool if isinstance(tool, str) else function_name(node)


def function_name(node: Node) -> str | None:
    """The registered name of the function that a worker runs for the node, None if it runs none.

    An endpoint has no function, and is called under the same name.
    """
    if node.kind == tool.NAME:
        name = node.config.get("tool")
        return tool.registered_name(name) if isinstance(name, str) else None
    name = node.config.get("function")
    return name if isinstance(name, str) else None


def worst(definition: Definition, children: Mapping[Workflow, Worst] | None = None) -> Worst:
    """The worst case that a valid definition and its limits allow; `children` are those of the workflows that it
    runs."""
    runs: set[str] = set()
    waiting: dict[str, int | None] = {}
    kinds = {kind.NAME: kind for kind in KINDS}
    for node in definition.nodes:
        kind = kinds[node.kind]
        if RUNS.issubset(kind.TRAITS):
            runs.add(node.id)
        elif waits(kind) and node.child is None and node.each is None:
            waiting[node.id] = _longest_wait_ms(node, definition)
    return worst_case(definition, runs, waiting, children or {})


def _longest_wait_ms(node: Node, definition: Definition) -> int | None:
    """How long a node waits at most, None for one without a bound."""
    default_ms = definition.timeouts.approval_timeout_ms if node.kind == human_approval.NAME else None
    found = (node.config.get(name) for name in ("duration_ms", "deadline_ms"))
    return next((length_ms for length_ms in found if isinstance(length_ms, int)), default_ms)


def examine(definition: Definition, places: Places | None = None) -> list[Problem]:
    """Everything that is wrong with a definition, and warnings (their codes begin with W), in no order."""
    return _validate(definition, places).problems


def _validate(definition: Definition, places: Places | None) -> Validation:
    return validate(definition, {kind.NAME: kind for kind in KINDS}, LATER, places or {}, _calls(definition))


def _calls(definition: Definition) -> dict[str, str]:
    """The names of what nodes call, by the node."""
    return {node.id: name for node in definition.nodes if (name := call_name(node)) is not None}


def judge_calls(definition: Definition, engine: Policy | None = None) -> dict[str, Judgement]:
    """What policies say of the nodes' calls, where they don't simply allow them."""
    policies = {node.id: node.policy for node in definition.nodes}
    verdicts = {
        node: judge(((Level.ENGINE, engine), (Level.WORKFLOW, definition.policy), (Level.NODE, policies[node])), call)
        for node, call in _calls(definition).items()
    }
    return {node: verdict for node, verdict in verdicts.items() if verdict.ruling is not Ruling.ALLOW}
