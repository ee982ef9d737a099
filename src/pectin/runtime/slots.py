"""Slots: how many attempts may still begin, and which executions wait for one.

A slot that a command freed is offered to the same execution first, because what follows can then begin in the commit
that settles what was before. Now and then it goes to one that has waited, so that none waits for ever.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice

from pectin.core.command import AnyCommand, Wake
from pectin.core.identity import ExecutionId

FAIR_EVERY = 64
"""Every so many offers, an execution that could go on leaves its slot to one that waits for one."""


class Slots:
    """The slots of one worker. `free` is below zero while more attempts run than it has slots; `waiting` are the
    executions that want one, the longest waiting first, and for others to look at only."""

    def __init__(self, count: int) -> None:
        self.free = count
        self._promised: set[ExecutionId] = set()
        self._offers = 0
        self.waiting: OrderedDict[ExecutionId, None] = OrderedDict()  # its first one is found at once

    def take(self, execution: ExecutionId, count: int) -> None:
        """Take slots for attempts of an execution that are about to begin: with that, it has what it was promised."""
        if count:
            self.free -= count
            self._promised.discard(execution)

    def release(self, count: int = 1) -> None:
        """Give slots back."""
        self.free += count

    def offer(self, execution: ExecutionId, command: AnyCommand) -> int:
        """How many attempts a command for an execution may begin. What is promised to others is not for it."""
        free = self.free - len(self._promised)
        if isinstance(command, Wake):
            return max(free + (execution in self._promised), 0)
        self._offers += 1
        if self.waiting and self._offers % FAIR_EVERY == 0:
            return 0
        return max(free, 0)

    def queue(self, execution: ExecutionId) -> None:
        """Let an execution wait for a slot, behind those that do already."""
        self.waiting[execution] = None

    def leave(self, execution: ExecutionId) -> None:
        """It wants no slot any more."""
        self.waiting.pop(execution, None)

    def promise(self) -> list[ExecutionId]:
        """The executions to be woken because a slot is free, the longest waiting first. Each has to `redeem` it."""
        free = self.free - len(self._promised)
        if free <= 0:
            return []
        chosen = list(islice(self.waiting, free))
        for execution in chosen:
            del self.waiting[execution]
        self._promised.update(chosen)
        return chosen

    def redeem(self, execution: ExecutionId) -> None:
        """One that was promised a slot has been woken, and took it or not."""
        self._promised.discard(execution)
