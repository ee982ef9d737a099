"""What can't be reached from simulated time."""

from __future__ import annotations

from collections.abc import Iterable

from pectin.core.definition import Definition
from pectin.core.error import BadValue


def refuse_endpoints(definitions: Iterable[Definition]) -> None:
    """Raise `BadValue` for workflows that call tools over HTTP: no network answers there."""
    for definition in definitions:
        for tool in definition.tools:
            if tool.endpoint is not None:
                what = f"`{definition.id}` calls `{tool.name}` over HTTP, and nothing real answers in simulated time"
                raise BadValue("workflow", what, "hand the node a function as its tool there")
