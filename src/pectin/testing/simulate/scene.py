"""What those who live in a simulated world see of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Definition
from pectin.core.identity import ExecutionId
from pectin.core.limits import Limits
from pectin.core.state import Run
from pectin.ports.store import Commit
from pectin.testing.script import Look, Reply
from pectin.testing.simulate.fault import Dice
from pectin.testing.simulate.ledger import Ledger
from pectin.testing.simulate.loop import Process, SeededLoop
from pectin.testing.simulate.store import SimulatedStore
from pectin.testing.simulate.watch import Watch


class Voice(Protocol):
    """What people and other systems say."""

    def reply(self, run: Run, at: int, look: Look | None = None) -> Sequence[Reply]:
        """All that there is to say to an execution that waits."""
        ...

    def foretell(self, run: Run, definition: Definition, at: int) -> Sequence[Reply]:
        """What could be said to it before anybody asks."""
        ...


class Built(Workflow[Any]):
    """A workflow that is built once for all engines and all worlds: nobody adds to it meanwhile."""

    def __init__(self, workflow: Workflow[Any]) -> None:
        self._blueprint = workflow.build()
        self._draft = self._blueprint.draft

    def build(self) -> Blueprint[Any]:
        return self._blueprint


@dataclass(frozen=True)
class Beginning:
    """An execution that a client begins, under its key, and again until it is told that it has begun."""

    workflow: Workflow[Any]
    input: Any
    key: str


class Scene(Protocol):
    """The world, to engines, people and havoc in it."""

    loop: SeededLoop
    random: Random
    dice: Dice
    watch: Watch
    ledger: Ledger
    limits: Limits
    voice: Voice
    look: Look | None
    slots: int
    beginnings: Sequence[Beginning]
    acked: dict[str, ExecutionId]
    reached: Counter[str]
    is_calm: bool
    """Whether nothing goes wrong any more."""

    def applied(self, commit: Commit) -> None:
        """A commit was applied."""
        ...

    def wrote(self, store: SimulatedStore) -> None:
        """A store has written something, and the others may be told."""
        ...

    def kill(self, process: Process) -> None:
        """Crash a process."""
        ...

    def open(self, process: Process) -> SimulatedStore:
        """The process's store."""
        ...

    def is_deposed(self, process: Process) -> bool:
        """Whether another engine has taken over from this process's."""
        ...

    def key_of(self, execution: str, activation: str) -> str:
        """The key that a function is given: what it makes of it may be compared with other worlds."""
        ...

    def note(self) -> None:
        """Something has happened that may be the end."""
        ...

    async def news(self, seconds: float) -> None:
        """Return when something has happened, or after so long."""
        ...

    def a_while(self, least: float, most: float) -> float:
        """Seconds, short ones as often as long ones."""
        ...
