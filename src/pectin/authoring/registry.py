"""The functions of an application, as a worker looks them up: by workflow and registered name.

Names come from data, and lead to functions that the application handed in, and to nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pectin.authoring.blueprint import Blueprint
from pectin.core.definition import Contract
from pectin.core.error import PectinError
from pectin.core.problem import DefinitionError, Problem
from pectin.ports.function import Function


class Registry:
    """The functions of several workflows and of their children; a `ports.Functions`. `endpoints` makes what calls a
    tool over HTTP, where anything is run."""

    def __init__(
        self, blueprints: Iterable[Blueprint[Any]], endpoints: Callable[[Contract], Function] | None = None
    ) -> None:
        """Raises `DefinitionError` for two workflows with one id: their functions could not be told apart."""
        self._functions: dict[tuple[str, str], Function] = {}
        self._endpoints = endpoints
        known: dict[str, Blueprint[Any]] = {}
        given = list(blueprints)
        for blueprint in (*given, *(child for parent in given for child in parent.children)):
            definition = blueprint.definition
            first = known.setdefault(definition.id, blueprint)
            if not _are_alike(first, blueprint):
                versions = f"{first.definition.version} and {definition.version}"
                message = f"two workflows are called `{definition.id}`: {versions}"
                hint = "run each in a process of its own: functions are found by the workflow's id and their name"
                raise DefinitionError([Problem("E001", "", message, hint, blueprint.places.get(("workflow",)))])
            for name, function in first.functions.items():
                self._functions[definition.id, name] = function

    def find(self, workflow_id: str, name: str) -> Function | None:
        """The function, or None if this application doesn't have it."""
        return self._functions.get((workflow_id, name))

    def endpoint(self, tool: Contract) -> Function:
        """What calls a tool that is an endpoint."""
        if self._endpoints is None:
            raise PectinError(f"nothing is called from here, so neither is `{tool.name}`")
        return self._endpoints(tool)


def _are_alike(one: Blueprint[Any], other: Blueprint[Any]) -> bool:
    """Whether they are of one workflow: a child is built anew with each workflow that runs it."""
    return one.draft is other.draft and one.program.hash == other.program.hash
