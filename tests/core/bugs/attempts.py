"""Slips in what becomes of attempts, doubts and items."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import msgspec
import pytest

from pectin.core.decide.turn import Turn
from pectin.core.event import AttemptFailed, AttemptInterrupted, NodeQuarantined
from pectin.core.evolve import FOLDS
from pectin.core.state import Run
from tests.core.bugs.plant import after, before

ATTEMPT: Any = import_module("pectin.core.decide.attempt")
MAP: Any = import_module("pectin.core.decide.map")
PLAY: Any = import_module("tests.core.play")


def interruption_resets(patch: pytest.MonkeyPatch) -> None:
    def reset(run: Run, event: Any) -> None:
        run.activations[event.activation].outcomes = 0

    after(patch, FOLDS, AttemptInterrupted, reset)


def late_result_applied(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ATTEMPT, "_without_outcome", lambda turn, name, attempt: turn.run.activations.get(name))


def backoff_ignored(patch: pytest.MonkeyPatch) -> None:
    def hurry(run: Run, event: Any) -> None:
        if run.backoff.pop(event.activation, None) is not None:
            run.ready[event.activation] = None

    after(patch, FOLDS, AttemptFailed, hurry)


def once_tried_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ATTEMPT, "is_once", lambda turn, activation: False)


def doubt_lost_at_a_snapshot(patch: pytest.MonkeyPatch) -> None:
    real = PLAY.decode_snapshot

    def decode(body: bytes) -> Run:
        run: Run = real(body)
        for activation in run.activations.values():
            activation.doubt = None
        return run

    patch.setattr(PLAY, "decode_snapshot", decode)


def never_in_quarantine(patch: pytest.MonkeyPatch) -> None:
    real = ATTEMPT._interrupt

    def interrupt(turn: Turn, activation: Any, reason: str) -> None:
        limits, turn.limits = turn.limits, msgspec.structs.replace(turn.limits, interruptions_max=99)
        real(turn, activation, reason)
        turn.limits = limits

    patch.setattr(ATTEMPT, "_interrupt", interrupt)


def begun_in_quarantine(patch: pytest.MonkeyPatch) -> None:
    def ready(run: Run, event: Any) -> None:
        run.ready[event.activation] = None

    after(patch, FOLDS, NodeQuarantined, ready)


def items_in_order_of_arrival(patch: pytest.MonkeyPatch) -> None:
    def shuffle(turn: Turn, activation: Any, mapping: Any) -> None:
        mapping.outputs = dict(zip(sorted(mapping.outputs), mapping.outputs.values(), strict=True))

    before(patch, MAP, "_finish", shuffle)


def first_failed_item_counts(patch: pytest.MonkeyPatch) -> None:
    def shuffle(turn: Turn, activation: Any, mapping: Any) -> None:
        mapping.errors = dict(zip(sorted(mapping.errors), mapping.errors.values(), strict=True))

    before(patch, MAP, "_finish", shuffle)


def other_items_cancelled(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MAP, "_on_item_failure", lambda turn, name: MAP.OnItemFailure.FAIL)


def items_all_at_once(patch: pytest.MonkeyPatch) -> None:
    real = MAP._enter_item

    def enter(turn: Turn, activation: Any, mapping: Any, index: int) -> bool:
        entered: bool = real(turn, activation, mapping, index)
        if entered and mapping.scheduled < len(mapping.items):
            return real(turn, activation, mapping, mapping.scheduled)
        return entered

    patch.setattr(MAP, "_enter_item", enter)
