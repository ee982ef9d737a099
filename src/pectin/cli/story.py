"""A history as people read it: one line for each thing that happened.

It is made from events and their fold. `run` shows it as it grows, `show` all of it with what each step changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from pectin.cli.line import (
    AGAIN,
    DOUBT,
    FAIL,
    MARKS,
    NOTHING,
    OK,
    REST,
    WAIT,
    Line,
    gather,
    short_id,
    tell_by,
    tell_error,
    tell_hold,
)
from pectin.cli.words import one_line, show_arguments, show_patch, show_value
from pectin.core.activation import parse_activation
from pectin.core.definition import Effect, Json, OnFailure
from pectin.core.duration import format_duration
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    CallApproved,
    CallParked,
    CancelRequested,
    ChildSpawned,
    ClosingBegan,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    ExecutionEnded,
    ExecutionHeld,
    HoldReleased,
    LimitReached,
    LoopEnded,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeQuarantined,
    NodeSkipped,
    QuarantineReleased,
    ReconcileInterrupted,
)
from pectin.core.evolve import evolve
from pectin.core.program import Program
from pectin.core.state import Activation, Run, Waiting
from pectin.core.status import WorkflowStatus
from pectin.core.why import status_words


class Story:
    """Tells events in their order. `marks` is what became of each node so far, `times` how often it was entered and
    settled, `children` the executions that it began, by activation."""

    def __init__(self, program: Program, *, changes: bool = False) -> None:
        self.run = Run()
        self.marks: dict[str, str] = {}
        self.times: dict[str, int] = {}
        self.children: dict[str, ChildSpawned] = {}
        self.program = program
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
        return gather(lines)

    # -- nodes ------------------------------------------------------------------------------------------------

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
                return self._cancelled(seq, event)
            case AttemptStopped(late=str()):
                text = f"attempt {event.attempt} {event.late} late; its result was not applied"
                return Line(seq, NOTHING, event.activation, None, text)
            case ChildSpawned():
                self.children[event.activation] = event
                child = f"{event.workflow_id} {event.workflow_version} {short_id(event.child)}"
                line = Line(seq, WAIT, event.activation, None, f"began its child {child}")
                return self._of_item(event.activation, line, "{items} began", event.map)
            case LoopEnded(by_limit=True):
                return self._used_up(seq, event)
            case CallParked() if self._changes:
                text = f"asked: may {event.call.name} be called, with {show_arguments(event.call.arguments)}"
                return self._of_item(
                    event.activation, Line(seq, WAIT, event.activation, None, text), "{items} asked for"
                )
            case CallApproved():
                return self._approved(seq, event)
            case _:
                return self._tell_trouble(seq, event) or self._tell_whole(seq, event)

    def _tell_trouble(self, seq: int, event: AnyEvent) -> Line | None:
        """Doubt and quarantine."""
        match event:
            case NodeQuarantined():
                times = f"{event.interruptions} time{'' if event.interruptions == 1 else 's'}"
                return Line(seq, REST, event.activation, None, f"in quarantine: cut off {times} in a row")
            case QuarantineReleased():
                return Line(seq, AGAIN, event.activation, None, f"let out of quarantine{tell_by(event.by)}")
            case DoubtRaised():
                asks = "; its reconcile is asked" if event.asks else ""
                text = f"in doubt (attempt {event.attempt}): {one_line(event.reason)}{asks}"
                return Line(seq, DOUBT, event.activation, None, text)
            case ReconcileInterrupted() if self._changes:
                return Line(seq, DOUBT, event.activation, None, "still in doubt: asking its reconcile was cut off")
            case DoubtLeft():
                failed = "" if event.error is None else f", which failed ({tell_error(event.error)})"
                text = f"still in doubt after its reconcile{failed}"
                return Line(seq, DOUBT, event.activation, None, text)
            case DoubtResolved():
                who = "its reconcile" if event.by is None else one_line(event.by)
                text = f"it happened, says {who}" if event.happened else f"it did not happen, says {who}; runs again"
                return Line(seq, DOUBT if event.happened else AGAIN, event.activation, None, text)
            case _:
                return None

    # -- the execution as a whole -----------------------------------------------------------------------------

    def _tell_whole(self, seq: int, event: AnyEvent) -> Line | None:
        match event:
            case ClosingBegan(to=WorkflowStatus.CANCELLED):
                cause = "" if event.cause == "cancelled" else f": {one_line(event.cause)}"
                return Line(seq, NOTHING, "", None, f"cancelled{tell_by(event.by)}{cause}")
            case CancelRequested():
                reason = f": {one_line(event.reason)}" if event.reason else ""
                return Line(seq, NOTHING, "", None, f"cancelled{tell_by(event.by)} while it was ending{reason}")
            case ExecutionHeld():
                return Line(seq, REST, "", None, tell_hold(event))
            case HoldReleased():
                cause = f" ({one_line(event.cause)})" if event.cause else ""
                return Line(seq, AGAIN, "", None, f"goes on{', resumed' if event.by else ''}{tell_by(event.by)}{cause}")
            case LimitReached():
                return Line(seq, FAIL, "", None, f"{tell_error(event.error)}; goes on at {event.node}")
            case MessageReceived(correlation=None) if not self._is_awaited(event.name):
                payload = "" if event.payload is None else f": {show_value(event.payload)}"
                text = f"signal {event.name} came{tell_by(event.by)}{payload}; it is kept"
                return Line(seq, REST, "", None, text)
            case ExecutionEnded() if self._changes:
                return Line(seq, MARKS[event.status], "finished", None, status_words(event.status))
            case _:
                return None

    def _is_awaited(self, signal: str) -> bool:
        return any(waiting.signal == signal for waiting in self.run.waiting().values())

    # -- what became of a node --------------------------------------------------------------------------------

    def _completed(self, seq: int, event: NodeCompleted) -> Line | None:
        activation = self.run.activations.get(event.activation)
        if activation is not None and activation.map is not None:
            return None
        self._mark(event.activation, OK)
        return self._line(seq, OK, event.activation, event.at, self._result(event, activation))

    def _result(self, event: NodeCompleted, activation: Activation | None) -> str:
        text = show_patch(event.patch, event.unset, self.run.data if self._changes else None)
        if activation is not None and activation.waiting is not None:
            return self._tell_end(activation.waiting, event, text)
        if not text and activation is not None and activation.mapping is not None:
            text = show_value(event.output)
        if not text and activation is None and event.route.taken:
            text = f"→ {', '.join(event.route.taken)}"
        if activation is not None and activation.attempt > 1:
            same = ", same key" if self._is_keyed(activation.node) else ""
            text += f"{' ' if text else ''}(attempt {activation.attempt}{same})"
        return text

    def _tell_end(self, waiting: Waiting, event: NodeCompleted, patch: str) -> str:
        """How a wait ended: by a decision, a message, or its time. `patch` is what that changed, in words."""
        output: Json = event.output or {}
        if waiting.decisions:
            by = tell_by(event.by) or ": nobody decided in time"
            comment = f": {one_line(event.comment)}" if event.comment else ""
            return f"{output['decision']}{by}{comment}{f'; {patch}' if patch else ''}"
        came, payload = output.get("came", "timer"), output.get("payload")
        if came == "timer":
            return "its time has come"
        brought = patch or ("" if payload is None else show_value(payload))
        name = waiting.signal if came == "signal" else waiting.event
        sender = next((message.by for message in self.run.inbox if message.seq == event.message), None)
        return f"{came} {name} came{tell_by(sender)}{f': {brought}' if brought else ''}"

    def _failure(self, event: NodeFailed) -> str:
        text = f"{tell_error(event.error)}{self._of(event.activation)}"
        if event.route.taken:
            return f"{text}; goes on at {', '.join(event.route.taken)}"
        waits = event.unhandled and self.program.definition.on_failure is OnFailure.WAIT
        return f"{text}; what doesn't need it goes on" if waits else text

    def _cancelled(self, seq: int, event: NodeCancelled) -> Line:
        if event.in_doubt:
            return Line(seq, DOUBT, event.activation, None, "cancelled, and nobody knows whether it happened")
        child = f", and its child {short_id(event.child)}" if event.child is not None else ""
        return self._of_item(event.activation, Line(seq, NOTHING, event.activation, None, f"cancelled{child}"))

    def _used_up(self, seq: int, event: LoopEnded) -> Line:
        ways = [parse_activation(name).node for name in (*event.route.taken, *event.route.exits)]
        goes_on = f"; goes on at {', '.join(ways)}" if ways else ""
        return Line(seq, FAIL, event.loop, None, f"its iterations are used up{goes_on}")

    def _approved(self, seq: int, event: CallApproved) -> Line:
        comment = f": {one_line(event.comment)}" if event.comment else ""
        more = "" if event.decides else "; it needs more"
        text = f"approved{tell_by(event.by)}{comment}{more}"
        return self._line(seq, OK if event.decides else WAIT, event.activation, event.at, text)

    def _interrupted(self, seq: int, event: AttemptInterrupted) -> Line | None:
        self._cut_off[event.activation] = event.attempt
        activation = self.run.activations[event.activation]
        if not self._changes:
            return None
        effect = self.program.nodes[activation.node].effect
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

    def _of_item(self, name: str, line: Line, text: str = "{items} cancelled", map_name: str | None = None) -> Line:
        """An item's line stands for all items of its map to which the same happens."""
        activation = self.run.activations.get(name)
        around = map_name if activation is None else activation.map
        if around is None:
            return line
        return Line(line.seq, line.mark, around, None, text, f"{around} {text}")

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
        return self.program.nodes[node].effect is Effect.KEYED

    def _mark(self, name: str, mark: str) -> None:
        node = parse_activation(name).node
        self.marks[node] = mark
        if mark != NOTHING:
            self.times[node] = self.times.get(node, 0) + 1
