"""One thing that happened, or is going on, as a line that people read, and lines in columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from pectin.cli.paper import Paper, columns_of, pad
from pectin.cli.words import one_line
from pectin.core.duration import format_duration
from pectin.core.error import ErrorData
from pectin.core.event import ExecutionHeld
from pectin.core.program import Program
from pectin.core.state import Hold
from pectin.core.status import WorkflowStatus

OK, FAIL, WAIT, AGAIN, NOTHING, REST, DOUBT = "✓", "✗", "●", "↻", "–", "⏸", "?"
"""Done, failed, at work or waiting for a person, once more, not done, at rest until something comes, in doubt."""

MARKS = {
    WorkflowStatus.PENDING: WAIT,
    WorkflowStatus.RUNNING: WAIT,
    WorkflowStatus.PAUSED: REST,
    WorkflowStatus.COMPLETED: OK,
    WorkflowStatus.FAILED: FAIL,
    WorkflowStatus.CANCELLED: NOTHING,
    WorkflowStatus.LIMIT_EXCEEDED: FAIL,
}
"""How an execution stands, in one sign."""

_TOOK, _NOTE, _NAME_MAX = 8, 51, 30


class Line(NamedTuple):
    """One thing that happened. Lines of one `group` in a row are told as one, with their number for `{items}`."""

    seq: int
    mark: str
    activation: str
    took_ms: int | None
    text: str
    group: str | None = None


class Columns:
    """Lines of a story in columns, as `run` shows them. A longer name widens its column, to a limit."""

    def __init__(self, paper: Paper, program: Program) -> None:
        items = program.definition.item_nodes()
        self._paper = paper
        self._name = min(max((len(name) for name in program.nodes if name not in items), default=0), _NAME_MAX) + 3

    def write(self, lines: Sequence[Line], note: str = "") -> list[str]:
        """The lines, and behind each the note if there is one, in a column of its own."""
        names = [self._paper.fit(line.activation, _NAME_MAX) for line in lines]
        self._name = max(self._name, *(columns_of(name) + 3 for name in names), 0)
        bodies = [self._write(name, line) for name, line in zip(names, lines, strict=True)]
        if not note or not bodies:
            return bodies
        room = self._paper.columns - len(note) - 2
        bodies = [self._paper.fit(body, room) for body in bodies]
        width = min(max(_NOTE - 2, *map(columns_of, bodies)), room)
        return [f"{pad(body, width)}  {note}" for body in bodies]

    def _write(self, name: str, line: Line) -> str:
        head = f"  {self._paper.mark(line.mark)} {pad(name, self._name)}{pad(took(line), _TOOK)}"
        return f"{head}{'' if head.endswith(' ') else '  '}{line.text}"


def gather(lines: Sequence[Line]) -> list[Line]:
    """The lines, those of one group in a row as one."""
    gathered: list[Line] = []
    for group, members in groupby(lines, key=lambda line: line.group):
        if group is None:
            gathered += members
            continue
        *_, last = same = list(members)
        items = "1 item" if len(same) == 1 else f"{len(same)} items"
        gathered.append(last._replace(text=last.text.replace("{items}", items)))
    return gathered


def took(line: Line) -> str:
    """How long it took, as it is shown."""
    return "" if line.took_ms is None else format_duration(line.took_ms, measured=True)


def tell_error(error: ErrorData) -> str:
    """A failure in a few words: its class, and its message unless the class says it all."""
    if error.error_class == "timeout" or not error.message:
        return error.error_class
    return f"{error.error_class}: {one_line(error.message)}"


def tell_by(by: str | None) -> str:
    """` by ops`, or nothing."""
    return f" by {one_line(by)}" if by else ""


def tell_hold(hold: Hold | ExecutionHeld) -> str:
    """Whose hold it is, and why."""
    reason = f": {one_line(hold.reason)}" if hold.reason else ""
    return f"{'paused with its parent' if hold.inherited else 'paused'}{tell_by(hold.by)}{reason}"


def short_id(execution: str) -> str:
    """The end of an id, as it is shown beside other things: `…3f7c41`."""
    return f"…{execution.replace('-', '')[-6:]}"
