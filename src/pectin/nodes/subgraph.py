"""`subgraph`: another workflow, as an execution of its own. The core starts the child and waits for it by its trait."""

from __future__ import annotations

from typing import Final

import msgspec

from pectin.core.action import Action, Spawn
from pectin.core.definition import Node
from pectin.core.kind import Scope, Trait, check_config, check_written, problem_of
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry
from pectin.core.schema import Object, Schema

NAME: Final = "subgraph"
TRAITS: Final = frozenset({Trait.CHILD, Trait.OUTPUT_KEY, Trait.CEILING})
ROUTES: Final = False
CHOOSES: Final = False
ACTS: Final = True
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """It has no settings of its own: the workflow and the mappings stand in the trait `child`."""


def check(node: Node, scope: Scope) -> list[Problem]:
    problems = check_config(node, Config)
    if node.child is None:
        message = f"subgraph `{node.id}` doesn't say which workflow it runs"
        problems.append(problem_of(node, message, "give it `child`: a workflow and its version", code="E041"))
    if node.output_key is not None and scope.item is None:  # an item has none, and is told so
        problems += check_written(node, node.output_key, output(node, scope), scope)
    return problems


def bind(node: Node, scope: Scope) -> Enter:
    return _enter


def output(node: Node, scope: Scope) -> Schema:
    """The child's last state: an object of any keys, since the child's workflow isn't known here."""
    return Object({}, open=True)


def _enter(entry: Entry) -> Action:
    return Spawn()
