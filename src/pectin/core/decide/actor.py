"""Who acts on a governed execution: whoever asks says who they are, and what nobody asked for is the engine's."""

from __future__ import annotations

from pectin.core.command import Refused
from pectin.core.decide.turn import Turn
from pectin.core.state import Run
from pectin.core.status import SessionType

ENGINE = "engine"
"""The actor of what no person asked for: the end of a time or of the work, a limit, a parent's end."""


def refuse_unnamed(session_type: SessionType | None, by: str | None) -> Refused | None:
    """The refusal of a command from outside whose actor a governed execution can't name; None where all is well."""
    if session_type is not SessionType.PERSISTENT_GOVERNED:
        return None
    if by is None or not by.strip():
        return Refused("no_actor", "a governed execution takes no command of nobody: say who with `by` (`--by`)")
    if by.strip() == ENGINE:
        return Refused("no_actor", f"`{ENGINE}` is who acts when nobody asked: say who does with `by` (`--by`)")
    return None


def unnamed(turn: Turn, by: str | None, *, inherited: bool = False) -> Refused | None:
    """The refusal of a command to this execution whose actor it can't name. What is inherited its parent was asked."""
    return None if inherited else refuse_unnamed(turn.run.session_type, by)


def acting(run: Run, by: str | None) -> str | None:
    """Who an event names: whoever asked, and in a governed execution the engine where nobody did."""
    return ENGINE if by is None and run.session_type is SessionType.PERSISTENT_GOVERNED else by
