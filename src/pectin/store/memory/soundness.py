"""Whether the dictionaries agree with each other: what a database's own check is to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pectin.core.audit import Finding, found

if TYPE_CHECKING:
    from pectin.store.memory.store import Memory


def check(memory: Memory) -> Iterator[Finding]:
    """Everything that is not sound."""
    for execution, kept in memory.executions.items():
        name, next_seq = str(execution), 1
        for row in kept.rows:
            if row.seq != next_seq or row.count < 1:
                yield found("gap", name, "the rows of its history don't follow one another")
                break
            next_seq += row.count
        settles = Counter(row.settles for row in kept.rows if row.settles is not None)
        for settled in (each for each, times in settles.items() if times > 1):
            yield found("second_outcome", name, f"two rows of its history settle `{settled}`")
        if kept.summary.definition not in memory.definitions:
            yield found("definition_missing", name, "its definition is not in the store")
        if kept.summary.fence > memory.term:
            yield found("fence_ahead", name, f"it has the fence {kept.summary.fence}, which no engine has had")
    for execution in memory.inbox.open.keys() - memory.executions.keys():
        yield found("orphaned", f"a wait of {execution}", "there is a wait of an execution that is not there")


def mend(memory: Memory) -> None:
    """Close the waits of executions that are not there."""
    for execution in memory.inbox.open.keys() - memory.executions.keys():
        memory.inbox.forget(execution)
