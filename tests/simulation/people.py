"""People and other systems around a drawn workflow: what they say is drawn from what they are asked, not from when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from msgspec import UNSET

from pectin.core.action import TIMEOUT
from pectin.core.causal import find_conflict
from pectin.core.command import Decide, Release, Resolve, Signal
from pectin.core.definition import Definition
from pectin.core.identity import ExecutionId, idempotency_key
from pectin.core.state import Activation, Doubt, Run, Waiting
from pectin.testing.script import Look, Reply, Send
from tests.core.policing import PEOPLE
from tests.simulation.drawing import Drawing
from tests.simulation.outside import Outside

BY = "reviewer"
HOUR_MS = 3_600_000


class People:
    """They answer whatever is asked, and of doubts they tell the truth, because they look before.

    `sent` are the dedup keys of the events that they send, by name and correlation.
    """

    def __init__(self, drawings: Mapping[str, Drawing], outside: Outside) -> None:
        self._drawings = drawings
        self._outside = outside
        self.sent: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    def reply(self, run: Run, at: int, look: Look | None = None) -> list[Reply]:
        said = (self._say(run, name, activation, at) for name, activation in run.activations.items())
        return [reply for reply in said if reply is not None]

    def foretell(self, run: Run, definition: Definition, at: int) -> list[Reply]:
        """A signal that somebody may wait for some day, or never."""
        return [
            Signal(
                at=at, name=name, payload=self._drawings[run.workflow_id].payload(name), dedup=f"early {name}", by=BY
            )
            for name in self._drawings[run.workflow_id].signals
        ]

    def _say(self, run: Run, name: str, activation: Activation, at: int) -> Reply | None:
        if name in run.quarantined:
            return Release(at=at, by=BY)
        if activation.doubt is not None:
            return self._settle(run, name, activation.doubt, at) if not activation.doubt.asks else None
        if activation.waiting is not None:
            return self._end_wait(run, activation, activation.waiting, at)
        return None

    def _end_wait(self, run: Run, activation: Activation, waiting: Waiting, at: int) -> Reply | None:
        drawing, name = self._drawings[run.workflow_id], activation.name
        if waiting.decisions:
            decision = drawing.decision(name, [each for each in waiting.decisions if each != TIMEOUT])
            edits = drawing.edits(name, waiting.editable)
            is_changed = run.data.get("shared") != waiting.editable.get("shared")
            if is_changed or find_conflict(run, activation.seen, edits):
                edits.pop("shared", None)  # somebody has set it meanwhile, and would be overwritten
            by = _approver(run, waiting)
            return Decide(at=at, activation=name, decision=decision, by=by, digest=waiting.digest, edits=edits)
        # Somebody who has waited longer may take it, so it is said again in an hour.
        dedup = f"{run.execution_id}:{name}:{at // HOUR_MS}"
        both = waiting.signal is not None and waiting.event is not None
        if waiting.signal is not None and not (both and drawing.number(f"which ends {name}") % 2):
            payload = drawing.payload(waiting.signal)
            return Signal(at=at, name=waiting.signal, payload=payload, dedup=dedup, by=BY)
        if waiting.event is not None:
            self.sent[waiting.event, waiting.correlation].add(dedup)
            return Send(waiting.event, waiting.correlation, drawing.payload(waiting.correlation), dedup)
        return None

    def _settle(self, run: Run, name: str, doubt: Doubt, at: int) -> Reply:
        result = self._outside.ask(idempotency_key(ExecutionId.parse(run.execution_id), name), doubt.attempt)
        if result is None:
            return Resolve(at=at, activation=name, happened=False, by=BY, attempt=doubt.attempt)
        given = result.patch if result.output is UNSET else result.output
        return Resolve(at=at, activation=name, happened=True, by=BY, result=given, attempt=doubt.attempt)


def _approver(run: Run, waiting: Waiting) -> str:
    """Somebody whose word on a call counts, and who has not said it yet."""
    for ask in () if waiting.call is None else waiting.call.asks:
        if ask.rule.lacks(waiting.approved_by, run.requester):
            may = (by for by in PEOPLE if ask.rule.lets_approve(by, run.requester) and by not in waiting.approved_by)
            return next(may, BY)
    return BY
