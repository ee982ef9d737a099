"""Where nothing goes wrong, nothing is late: whoever looks around now and then would only hide a lost wake-up."""

from __future__ import annotations

from pectin.core.event import (
    AttemptBegun,
    AttemptFailed,
    ClosingBegan,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionStarted,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeWaiting,
)
from tests.simulation.histories import Histories, History

PROMPT_MS = 5_000
"""Some commits take that long, and nobody's rounds come so often."""


def check_prompt(histories: Histories) -> None:
    """Hold the times of all histories against one another."""
    for execution, history in histories.items():
        _check_waits(history)
        _check_birth(history)
        if history.parent is not None:
            _check_letters(history, histories[history.parent.execution], execution.to_json())


def _check_waits(history: History) -> None:
    """Timers and backoffs."""
    until: dict[str, int] = {}
    for event in history.events:
        match event:
            case NodeWaiting(until=int(at)):
                until[event.activation] = at
            case AttemptFailed():
                until[event.activation] = event.not_before
            case AttemptBegun() | NodeCompleted() | NodeFailed():
                _expect(event.at, until.pop(event.activation, event.at), f"{event.activation} goes on")
            case _:
                pass


def _check_birth(history: History) -> None:
    created, started = history.events[:2]
    assert isinstance(created, ExecutionCreated), "the first of all events"
    assert isinstance(started, ExecutionStarted), "then it starts"
    _expect(started.at, created.at, "a child begins")


def _check_letters(child: History, parent: History, name: str) -> None:
    """What a child and its parent tell each other."""
    assert child.parent is not None, "it is a child"
    ended = next(event.at for event in child.events if isinstance(event, ExecutionEnded))
    closing = next(event.at for event in child.events if isinstance(event, ClosingBegan))
    for event in parent.events:
        match event:
            case NodeCancelled() if event.child == name:
                _expect(closing, event.at, "a child hears that it is cancelled")
            case NodeCompleted() | NodeFailed() if event.activation == child.parent.activation:
                _expect(event.at, ended, f"{event.activation} hears that its child has ended")
            case _:
                pass


def _expect(at: int, due: int, what: str) -> None:
    assert at - due <= PROMPT_MS, f"{what} {(at - due) / 1_000:.0f} s late"
