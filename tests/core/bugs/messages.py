"""Slips in who takes which message, and in the ends of children."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from pectin.core.command import ChildEnded
from pectin.core.decide.turn import Turn
from pectin.core.event import MessageReceived
from pectin.core.evolve import FOLDS
from pectin.core.state import Run
from tests.core.bugs.plant import after, nothing

CLOSE: Any = import_module("pectin.core.decide.close")
ENTER: Any = import_module("pectin.core.decide.enter")
MESSAGE: Any = import_module("pectin.core.decide.message")
WAIT: Any = import_module("pectin.core.decide.wait")
ACTIVATION_FOLD: Any = import_module("pectin.core.evolve.activation")


def message_taken_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ACTIVATION_FOLD, "_take", nothing)


def newest_message_first(patch: pytest.MonkeyPatch) -> None:
    def take(turn: Turn, name: str, signal: str) -> None:
        kept = [message for message in turn.run.inbox if message.name == signal]
        if kept:
            MESSAGE._take(turn, name, kept[-1], "signal")

    patch.setattr(ENTER, "take_kept", take)


def newest_wait_first(patch: pytest.MonkeyPatch) -> None:
    real = Run.waiting
    patch.setattr(Run, "waiting", lambda run: dict(reversed(real(run).items())))


def dedup_ignored(patch: pytest.MonkeyPatch) -> None:
    after(patch, FOLDS, MessageReceived, lambda run, event: run.dedups.clear())


def child_mistaken(patch: pytest.MonkeyPatch) -> None:
    """The end of some child is taken for that of the one that is waited for."""
    real = WAIT.find_ended

    def find(turn: Turn, command: ChildEnded) -> Any:
        waiting = [a for a in turn.run.activations.values() if a.child is not None]
        return waiting[0] if waiting else real(turn, command)

    patch.setattr(WAIT, "find_ended", find)


def child_left_alone(patch: pytest.MonkeyPatch) -> None:
    real = CLOSE.NodeCancelled

    def cancelled(**fields: Any) -> Any:
        return real(**{**fields, "child": None})

    patch.setattr(CLOSE, "NodeCancelled", cancelled)
