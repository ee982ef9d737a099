"""What an `approval_gated` execution may do: a node that acts is entered only if a person has approved it, on every way
that was taken to it, since the last one that acted.

Validation has shown that no way leads past an approval. Here it is held against what happens, and the history says so.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, cast

from pectin.core.action import APPROVED
from pectin.core.decide.close import close
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json
from pectin.core.error import ErrorData
from pectin.core.status import WorkflowStatus

NOT_APPROVED: Final = "not_approved"


def approved_edges(turn: Turn, name: str, output: Json = None) -> Collection[int]:
    """The edges of a settling activation, by their index, that lead with an approval: its own, if a person has approved
    in it, or the one that it was entered with, unless it acts."""
    gate = turn.program.gate
    if gate is None:
        return ()
    node = turn.node(name).id
    if node not in gate.acts and _is_approved(turn, name):
        return [index for index, _ in turn.program.graph.out[node]]
    shown = cast("dict[str, Json]", output) if isinstance(output, dict) else {}
    return gate.approved if shown.get("decision") == APPROVED else ()


def refuse_unapproved(turn: Turn, name: str) -> bool:
    """End the execution rather than enter a node that acts and that nobody has approved. False if it may be entered."""
    gate = turn.program.gate
    if gate is None or turn.node(name).id not in gate.acts or _is_approved(turn, name):
        return False
    message = f"`{name}` acts, and nobody has approved it since the start, or since what acted last"
    error = ErrorData(NOT_APPROVED, "NotApproved", message)
    close(turn, WorkflowStatus.FAILED, NOT_APPROVED, error=error, activation=name)
    return True


def _is_approved(turn: Turn, name: str) -> bool:
    run = turn.run
    standing = run.activations.get(name) or run.arrivals.get(name)
    return standing is not None and standing.approved
