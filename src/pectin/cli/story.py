"""A history as people read it: one line for each thing that happened, and one for each that is going on.

It is made from events and their fold. `run` shows it as it grows, `show` all of it with what each step changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from pectin.cli.paper import Paper, columns_of, pad
from pectin.cli.words import local_time, one_line, show_patch, show_value
from pectin.core.activation import parse_activation
from pectin.core.definition import Effect, Json
from pectin.core.duration import format_duration
from pectin.core.error import ErrorData
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    ClosingBegan,
    ExecutionEnded,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeSkipped,
)
from pectin.core.evolve import evolve
from pectin.core.program import Program
from pectin.core.state import Activation, Run
from pectin.core.status import NodeStatus, WorkflowStatus
from pectin.core.why import status_words

OK, FAIL, WAIT, AGAIN, NOTHING = "✓", "✗", "●", "↻", "–"
_TOOK, _NOTE, _NAME_MAX = 8, 51, 30

MARKS = {
    WorkflowStatus.PENDING: WAIT,
    WorkflowStatus.RUNNING: WAIT,
    WorkflowStatus.PAUSED: "⏸",
    WorkflowStatus.COMPLETED: OK,
    WorkflowStatus.FAILED: FAIL,
    WorkflowStatus.CANCELLED: NOTHING,
    WorkflowStatus.LIMIT_EXCEEDED: FAIL,
}
"""How an execution stands, in one sign."""


class Line(NamedTuple):
    """One thing that happened. Lines of one `group` in a row are told as one, with their number for `{items}`."""

    seq: int
    mark: str
    activation: str
    took_ms: int | None
    text: str
    group: str | None = None


class Story:
    """Tells events in their order. `marks` is what became of each node so far."""

    def __init__(self, program: Program, *, changes: bool = False) -> None:
        self.run = Run()
        self.marks: dict[str, str] = {}
        self._program = program
        self._changes = changes
        self._cut_off: dict[str, int] = {}

    def tell(self, events: Iterable[tuple[int, AnyEvent]]) -> list[Line]:
        """The lines of the next events."""
        lines: list[Line] = []
        for seq, event in events:
            line = self._tell(seq, event)
            evolve(self.run, event)
            if line is not None:
                lines.append(line)
        return _gather(lines)

    def now(self, at: int, *, served: bool = True) -> list[Line]:
        """What is going on at the time `at`: waits, attempts and maps. Nothing runs unless an engine serves it."""
        activations = self.run.activations.values()
        return [line for activation in activations if (line := self._now(activation, at, served)) is not None]

    def waits(self, at: int) -> list[Line]:
        """What waits for a person or for time."""
        waiting = [self.run.activations[name] for name in self.run.waiting()]
        return [line for activation in waiting if (line := self._now(activation, at)) is not None]

    # -- events -----------------------------------------------------------------------------------------------

    def _tell(self, seq: int, event: AnyEvent) -> Line | None:
        match event:
            case NodeCompleted():
                return self._completed(seq, event)
            case NodeFailed():
                self._mark(event.activation, FAIL)
                return self._line(seq, FAIL, event.activation, event.at, self._failure(event))
            case AttemptFailed():
                after = format_duration(max(event.not_before - event.at, 0))
                text = f"{tell_error(event.error)}, retried after {after}{self._of(event.activation)}"
                return self._line(seq, FAIL, event.activation, event.at, text)
            case AttemptInterrupted():
                return self._interrupted(seq, event)
            case AttemptBegun():
                return self._begun(seq, event)
            case NodeSkipped():
                self._mark(event.activation, NOTHING)
                return Line(seq, NOTHING, event.activation, None, "skipped") if self._changes else None
            case NodeCancelled():
                self._mark(event.activation, NOTHING)
                return self._of_item(event.activation, Line(seq, NOTHING, event.activation, None, "cancelled"))
            case ClosingBegan(to=WorkflowStatus.CANCELLED):
                by = f" by {one_line(event.by)}" if event.by else ""
                cause = "" if event.cause == "cancelled" else f": {one_line(event.cause)}"
                return Line(seq, NOTHING, "", None, f"cancelled{by}{cause}")
            case AttemptStopped(late=str()):
                text = f"attempt {event.attempt} {event.late} late; its result was not applied"
                return Line(seq, NOTHING, event.activation, None, text)
            case ExecutionEnded() if self._changes:
                return Line(seq, MARKS[event.status], "finished", None, status_words(event.status))
            case _:
                return None

    def _completed(self, seq: int, event: NodeCompleted) -> Line | None:
        activation = self.run.activations.get(event.activation)
        if activation is not None and activation.map is not None:
            return None
        self._mark(event.activation, OK)
        return self._line(seq, OK, event.activation, event.at, self._result(event, activation))

    def _result(self, event: NodeCompleted, activation: Activation | None) -> str:
        if activation is not None and activation.waiting is not None:
            if not activation.waiting.decisions:
                return "its time has come"
            output: Json = event.output
            decision = str(output["decision"])
            by = f" by {one_line(event.by)}" if event.by else ": nobody decided in time"
            return f"{decision}{by}{': ' + one_line(event.comment) if event.comment else ''}"
        text = show_patch(event.patch, event.unset, self.run.data if self._changes else None)
        if not text and activation is not None and activation.mapping is not None:
            text = show_value(event.output)
        if not text and activation is None and event.route.taken:
            text = f"→ {', '.join(event.route.taken)}"
        if activation is not None and activation.attempt > 1:
            same = ", same key" if self._is_keyed(activation.node) else ""
            text += f"{' ' if text else ''}(attempt {activation.attempt}{same})"
        return text

    def _failure(self, event: NodeFailed) -> str:
        caught = f"; goes on at {', '.join(event.route.taken)}" if event.route.taken else ""
        return f"{tell_error(event.error)}{self._of(event.activation)}{caught}"

    def _interrupted(self, seq: int, event: AttemptInterrupted) -> Line | None:
        self._cut_off[event.activation] = event.attempt
        activation = self.run.activations[event.activation]
        if not self._changes:
            return None
        effect = self._program.nodes[activation.node].effect
        line = Line(seq, AGAIN, event.activation, None, f"cut off (attempt {event.attempt}, {effect})")
        return self._of_item(event.activation, line, "{items} cut off")

    def _begun(self, seq: int, event: AttemptBegun) -> Line | None:
        cut_off = self._cut_off.pop(event.activation, None)
        if cut_off is None or self._changes:
            return None
        node = self.run.activations[event.activation].node
        same = ", same key" if self._is_keyed(node) else ""
        text = f"attempt {event.attempt}: attempt {cut_off} was cut off{same}"
        line = Line(seq, AGAIN, event.activation, None, text)
        return self._of_item(event.activation, line, "{items} cut off, run again" + same)

    def _of_item(self, name: str, line: Line, text: str = "{items} cancelled") -> Line:
        """An item's line stands for all items of its map to which the same happens."""
        activation = self.run.activations.get(name)
        if activation is None or activation.map is None:
            return line
        return Line(line.seq, line.mark, activation.map, None, text, f"{activation.map} {text}")

    def _line(self, seq: int, mark: str, name: str, at: int, text: str) -> Line:
        activation = self.run.activations.get(name)
        return Line(seq, mark, name, None if activation is None else max(at - activation.since, 0), text)

    def _of(self, name: str) -> str:
        """Which attempt of how many, if there may be several."""
        activation = self.run.activations.get(name)
        if activation is None or activation.retry is None or activation.retry.max_attempts < 2:
            return ""
        return f" (attempt {activation.outcomes + 1} of {activation.retry.max_attempts})"

    def _is_keyed(self, node: str) -> bool:
        return self._program.nodes[node].effect is Effect.KEYED

    def _mark(self, name: str, mark: str) -> None:
        self.marks[parse_activation(name).node] = mark

    # -- what is going on -------------------------------------------------------------------------------------

    def _now(self, activation: Activation, at: int, served: bool = True) -> Line | None:
        name, wait, mapping = activation.name, activation.waiting, activation.mapping
        if wait is not None:
            until = "" if wait.until is None else f" until {local_time(wait.until, at)}"
            left = "" if wait.until is None else f" ({format_duration(max(wait.until - wait.since, 0))})"
            return Line(
                0, WAIT, name, None, f"waits {'for a person' if wait.decisions else 'for its time'}{until}{left}"
            )
        if mapping is not None:
            text = f"{len(mapping.outputs)} of {len(mapping.items)}"
            return Line(0, WAIT, name, max(at - activation.since, 0), text)
        if activation.map is not None:
            return None
        if activation.status is NodeStatus.RUNNING:
            attempt = f", attempt {activation.attempt}" if activation.attempt > 1 else ""
            if not served:
                return Line(0, AGAIN, name, None, f"nothing runs it now{attempt}")
            return Line(0, WAIT, name, max(at - activation.since, 0), f"runs{attempt}")
        if activation.not_before is not None and activation.not_before > at:
            return Line(0, AGAIN, name, None, f"again in {format_duration(activation.not_before - at)}")
        return Line(0, WAIT, name, None, "ready") if activation.status is NodeStatus.SCHEDULED else None


class Columns:
    """Lines of a story in columns, as `run` shows them. A longer name widens its column, to a limit."""

    def __init__(self, paper: Paper, program: Program) -> None:
        items = {node.each.node for node in program.definition.nodes if node.each is not None}
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


def took(line: Line) -> str:
    """How long it took, as it is shown."""
    return "" if line.took_ms is None else format_duration(line.took_ms, measured=True)


def tell_error(error: ErrorData) -> str:
    """A failure in a few words: its class, and its message unless the class says it all."""
    if error.error_class == "timeout" or not error.message:
        return error.error_class
    return f"{error.error_class}: {one_line(error.message)}"


def _gather(lines: Sequence[Line]) -> list[Line]:
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
