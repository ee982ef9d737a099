"""The world outside, as a scenario's bodies change it: what they entered, and what they did.

It outlives every crash. A harness may watch it: each change is a moment at which a process can die.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from pectin import Context

ENTERED = "entered"
DONE = "done"


class Happening(NamedTuple):
    """A body was entered, or had its effect: for which execution, activation and attempt, under which key."""

    what: str
    execution: str
    activation: str
    attempt: int
    key: str


class Ledger:
    """What happened, in order. `watch` is told before and after every line."""

    def __init__(self) -> None:
        self.lines: list[Happening] = []
        self.watch: Callable[[str], None] | None = None

    def enter(self, ctx: Context) -> int:
        """A body was entered; the how many-th time it is for its activation."""
        self._write(ENTERED, ctx)
        return self.count(ENTERED, ctx.execution_id, ctx.activation)

    def do(self, ctx: Context) -> None:
        """It had its effect on the world."""
        self._write(DONE, ctx)

    def work(self, ctx: Context) -> int:
        """All that a simple body does; the how many-th time it is."""
        entered = self.enter(ctx)
        self.do(ctx)
        return entered

    def count(self, what: str, execution: str, activation: str) -> int:
        return sum(line[:3] == (what, execution, activation) for line in self.lines)

    def has_done(self, ctx: Context) -> bool:
        """Whether this activation has had its effect, in whatever attempt: what an honest `reconcile` finds out."""
        return self.count(DONE, ctx.execution_id, ctx.activation) > 0

    def clear(self) -> None:
        self.lines.clear()

    def _write(self, what: str, ctx: Context) -> None:
        self._tell(f"before {what} {ctx.activation}")
        self.lines.append(Happening(what, ctx.execution_id, ctx.activation, ctx.attempt, ctx.key))
        self._tell(f"after {what} {ctx.activation}")

    def _tell(self, where: str) -> None:
        if self.watch is not None:
            self.watch(where)


ledger = Ledger()
"""The one that the bodies of all scenarios write to."""
