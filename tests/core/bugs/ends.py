"""Slips in holds, ends and limits."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from pectin.core.decide.turn import Turn
from pectin.core.event import LimitReached, NodeFailed
from pectin.core.evolve import FOLDS
from pectin.core.state import Run
from tests.core.bugs.plant import after, nothing

CLOSE: Any = import_module("pectin.core.decide.close")
HOLD: Any = import_module("pectin.core.decide.hold")
WAIT: Any = import_module("pectin.core.decide.wait")


def held_and_begun(patch: pytest.MonkeyPatch) -> None:
    def take(self: Turn, node: str) -> str | None:
        if self.begin is None or self.slots <= 0:
            return None
        self.slots -= 1
        return self.begin.worker

    patch.setattr(Turn, "take_slot", take)


def held_and_followed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Turn, "may_go_on", property(lambda turn: turn.run.closing is None))


def end_leaves_a_wait(patch: pytest.MonkeyPatch) -> None:
    real = CLOSE.cancel

    def cancel(turn: Turn, name: str) -> None:
        if turn.run.activations[name].waiting is None:
            real(turn, name)

    patch.setattr(CLOSE, "cancel", cancel)


def release_forgets_a_loop(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HOLD, "turn_loop", nothing)


def release_forgets_a_map(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HOLD, "fill", nothing)


def release_forgets_a_failure(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(HOLD, "give_up", nothing)


def failure_forgotten(patch: pytest.MonkeyPatch) -> None:
    after(patch, FOLDS, NodeFailed, lambda run, event: run.unhandled.clear())


def any_finalizer_runs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CLOSE, "_runs", lambda turn, node, closing: True)


def limit_applies_again(patch: pytest.MonkeyPatch) -> None:
    real = FOLDS[LimitReached]

    def reach(run: Run, event: Any) -> None:
        wall = run.wall
        real(run, event)
        run.wall = wall

    patch.setitem(FOLDS, LimitReached, reach)


def limit_passed_while_held(patch: pytest.MonkeyPatch) -> None:
    """The end of its time doesn't release a hold."""

    def pass_time(turn: Turn, at: int) -> None:
        if turn.run.wall is not None and turn.run.wall <= at:
            WAIT.pass_wall_time(turn)

    patch.setattr(WAIT, "_pass_wall_time", pass_time)


def timers_too_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Run, "deadlines", lambda run: [(0, name) for name in run.due])
