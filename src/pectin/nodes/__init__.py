"""The node kinds, one module each, and `bind`, which puts them behind the core's protocols.

A kind is pure: on entry it answers with one of the four actions. Adding one is a module here, its name in `KINDS`, a
test and a page of the reference.
"""

from __future__ import annotations

from collections.abc import Sequence

from pectin.core.definition import Definition, Node, Places, definition_hash
from pectin.core.graph import build_graph
from pectin.core.kind import Kind
from pectin.core.problem import DefinitionError, Problem
from pectin.core.program import Program
from pectin.core.validate import Validation, is_warning, validate
from pectin.nodes import (
    condition,
    finalizer,
    human_approval,
    join,
    limit_exceeded,
    parallel,
    python_fn,
    subgraph,
    wait,
)

__all__ = ["KINDS", "LATER", "bind", "examine", "function_name"]

KINDS: Sequence[Kind] = (
    python_fn,
    condition,
    parallel,
    join,
    human_approval,
    wait,
    subgraph,
    finalizer,
    limit_exceeded,
)
"""Every kind there is."""

LATER = (
    "tool",
    "model",
    "memory_retrieval",
    "policy",
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
    return Program(
        definition=definition,
        hash=definition_hash(definition),
        graph=build_graph(definition),
        nodes={node.id: node for node in definition.nodes},
        enter={node.id: kinds[node.kind].bind(node, validation.scopes[node.id]) for node in definition.nodes},
        conditions=validation.conditions,
        firing=validation.firing,
        mappings=validation.mappings,
    )


def function_name(node: Node) -> str | None:
    """The registered name of the function that a worker runs for the node, None if it runs none."""
    name = node.config.get("function")
    return name if isinstance(name, str) else None


def examine(definition: Definition, places: Places | None = None) -> list[Problem]:
    """Everything that is wrong with a definition, and warnings (their codes begin with W), in no order."""
    return _validate(definition, places).problems


def _validate(definition: Definition, places: Places | None) -> Validation:
    return validate(definition, {kind.NAME: kind for kind in KINDS}, LATER, places or {})
