"""Who begins work on the executions of a store: an engine. Without one they are only read, and changed under the fence
that was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pectin.core.command import AnyCommand
from pectin.core.event import AnyEvent
from pectin.core.identity import ExecutionId
from pectin.core.program import Program
from pectin.ports.store import Commit
from pectin.runtime.held import Held


class Owner(Protocol):
    """Who begins work: an engine."""

    @property
    def fence(self) -> int:
        """The fence of its executions."""
        ...

    @property
    def name(self) -> str:
        """Its name as a worker."""
        ...

    def free(self, execution: ExecutionId, command: AnyCommand) -> int:
        """How many attempts this command may begin."""
        ...

    def unable(self, program: Program) -> frozenset[str]:
        """The nodes whose function it doesn't have."""
        ...

    def decided(
        self, execution: ExecutionId, held: Held, events: list[AnyEvent], commit: Commit | None
    ) -> Callable[[bool], None]:
        """Told of events as they are decided; what it returns is told whether they became durable. There is no commit
        for what is not written."""
        ...
