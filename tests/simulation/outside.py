"""The world outside: what bodies did, by their idempotency keys, kept by nobody of the engine.

An effect can be asked for afterwards, and then the answer holds: what has not happened by then is refused for ever, as
a callee does that knows cancelled keys. So a `reconcile` that asks here tells the truth.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from pectin.core.definition import Effect
from pectin.ports.context import Context
from pectin.ports.function import Result

Attempt = tuple[str, int]
"""An idempotency key, and the number of the attempt."""


class Done(NamedTuple):
    """An effect that happened."""

    attempt: int
    result: Result


class Place(NamedTuple):
    """Whose key it is."""

    execution: str
    activation: str
    effect: Effect


class Outside:
    """`entered` counts how often each attempt's body was entered, `returned` are the results of those that ended, and
    `done` what happened, by key."""

    def __init__(self) -> None:
        self.entered: Counter[Attempt] = Counter()
        self.returned: dict[Attempt, Result] = {}
        self.done: defaultdict[str, list[Done]] = defaultdict(list)
        self.places: dict[str, Place] = {}
        self.complaints: list[str] = []
        self._given: dict[str, bytes] = {}
        self._refused: set[Attempt] = set()

    def enter(self, context: Context, effect: Effect, given: bytes) -> None:
        """A body is entered, with this that it sees."""
        place = Place(context.execution_id, context.activation, effect)
        if self.places.setdefault(context.key, place) != place:
            self.complaints.append(f"{place} has the key of {self.places[context.key]}")
        self.entered[context.key, context.attempt] += 1
        if self.entered[context.key, context.attempt] > 1:
            self.complaints.append(f"attempt {context.attempt} of {context.activation} is entered twice")
        if self._given.setdefault(context.key, given) != given:
            self.complaints.append(f"attempt {context.attempt} of {context.activation} sees something else")

    def do(self, context: Context, result: Result) -> bool:
        """Let the effect of an attempt happen, unless somebody was told that it never will."""
        if (context.key, context.attempt) in self._refused:
            return False
        self.done[context.key].append(Done(context.attempt, result))
        return True

    def leave(self, context: Context, result: Result) -> Result:
        """A body returns."""
        self.returned[context.key, context.attempt] = result
        return result

    def ask(self, key: str, attempt: int) -> Result | None:
        """What came of an attempt's effect; None if it has not happened, and never will from now on."""
        for done in self.done[key]:
            if done.attempt == attempt:
                return done.result
        self._refused.add((key, attempt))
        return None
