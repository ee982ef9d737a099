"""What is durable, as the campaign reads it: every commit's events, held against the laws as they come.

It decodes rows anew and counts with the core tests' ledger, which knows nothing of `Run`: a second opinion beside
`core.audit`.
"""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core.definition import Definition
from pectin.core.event import AnyEvent, AttemptBegun, ExecutionCreated, NodeScheduled, Parent, decode_events
from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import Commit, Row
from tests.core.ledger import Ledger


class History:
    """One execution's. `begun` says of each attempt how many outcomes its activation had when it began."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.events: list[AnyEvent] = []
        self.ledger = Ledger(definition)
        self.begun: dict[tuple[str, int], int] = {}
        self.parent: Parent | None = None

    def take(self, row: Row) -> None:
        """Its next row."""
        assert row.seq == len(self.events) + 1, f"a row at {row.seq} after {len(self.events)} events"
        events = decode_events(row.body)
        assert len(events) == row.count, f"a row of {row.count} events has {len(events)}"
        for event in events:
            self.ledger.read([event])
            self.events.append(event)
            match event:
                case ExecutionCreated():
                    self.parent = event.parent
                case NodeScheduled(begun_by=str()):
                    self.begun[event.activation, 1] = 0
                case AttemptBegun():
                    self.begun[event.activation, event.attempt] = self.ledger.outcomes[event.activation]
                case _:
                    pass

    @property
    def is_over(self) -> bool:
        return self.ledger.status.is_terminal

    @property
    def status(self) -> WorkflowStatus:
        return self.ledger.status


class Histories:
    """All executions of one world. `definitions` are by their hash."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = definitions
        self._executions: dict[ExecutionId, History] = {}

    def __getitem__(self, execution: ExecutionId | str) -> History:
        id = execution if isinstance(execution, ExecutionId) else ExecutionId.parse(execution)
        return self._executions[id]

    def items(self) -> list[tuple[ExecutionId, History]]:
        return list(self._executions.items())

    def take(self, commit: Commit) -> None:
        """A commit was applied. Raises `AssertionError` for what no history may hold."""
        if commit.start is not None:
            self._executions[commit.execution] = History(self._definitions[commit.start.definition])
        for child in commit.children:
            assert child.execution not in self._executions, f"{child.execution} is born twice"
            born = self._executions[child.execution] = History(self._definitions[child.start.definition])
            born.take(child.row)
        history = self._executions[commit.execution]
        for row in commit.rows:
            history.take(row)
