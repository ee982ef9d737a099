"""Slips in who is woken, when, and by which message."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.state import Run
from pectin.runtime.agenda import Agenda
from pectin.runtime.dispatcher import Dispatcher
from pectin.runtime.post import Post
from pectin.runtime.timers import Timers
from tests.core.bugs.plant import nothing

COMMIT: Any = import_module("pectin.runtime.commit")


def hints_ignored(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks at what others wrote."""

    async def see(self: Agenda) -> None:
        pass

    patch.setattr(Agenda, "_see", see)


def due_not_expected(patch: pytest.MonkeyPatch) -> None:
    """What waits is woken at the next look only."""
    patch.setattr(Agenda, "_expect", nothing)


def timer_behind_a_later_one(patch: pytest.MonkeyPatch) -> None:
    """A timer that is due before the one that is slept for waits for that."""
    real = Timers.set

    def set_timer(self: Timers, at: int, call: Any) -> Any:
        before, self._sleeps_until = self._sleeps_until, 0
        timer = real(self, at, call)
        self._sleeps_until = self._sleeps_until or before
        return timer

    patch.setattr(Timers, "set", set_timer)


def rung_a_minute_early(patch: pytest.MonkeyPatch) -> None:
    """Whatever is due within a minute passes when somebody looks."""
    patch.setattr(Run, "deadlines", lambda run: sorted((until - 60_000, name) for name, until in run.due.items()))


def children_not_woken(patch: pytest.MonkeyPatch) -> None:
    real = Dispatcher._pass_on
    patch.setattr(Dispatcher, "_pass_on", lambda self, commit: real(self, replace(commit, children=())))


def post_not_asked(patch: pytest.MonkeyPatch) -> None:
    """Messages wait for the next look."""
    real = Dispatcher._pass_on
    patch.setattr(Dispatcher, "_pass_on", lambda self, commit: real(self, replace(commit, sends=(), listens=())))


def cancel_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """A child doesn't hear that its parent has no use for it any more."""
    real = COMMIT.letters
    patch.setattr(
        COMMIT,
        "letters",
        lambda run, events: [letter for letter in real(run, events) if letter.payload.get("says") != "cancel"],
    )


def hold_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """A child that is held with its parent is not let go with it."""
    real = COMMIT.letters
    patch.setattr(
        COMMIT,
        "letters",
        lambda run, events: [letter for letter in real(run, events) if letter.payload.get("says") != "release"],
    )


def end_not_told(patch: pytest.MonkeyPatch) -> None:
    """A parent doesn't hear of its child's end."""
    real = COMMIT.letters
    patch.setattr(
        COMMIT,
        "letters",
        lambda run, events: [letter for letter in real(run, events) if "says" in letter.payload],
    )


def post_forgets_what_failed(patch: pytest.MonkeyPatch) -> None:
    """A message that could not be brought is not brought later."""
    real: Any = Post._bring

    async def bring(self: Post, match: Any) -> bool:
        later = await real(self, match)
        if later:
            self._store._inner._memory.inbox.messages.pop(match.id, None)  # type: ignore[attr-defined]
        return False

    patch.setattr(Post, "_bring", bring)


def stale_run_kept(patch: pytest.MonkeyPatch) -> None:
    """What another process wrote is not read."""
    patch.setattr(Dispatcher, "is_news", lambda self, execution: False)
