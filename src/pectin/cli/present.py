"""What is going on in an execution now, a line for each activation that isn't settled."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.cli.line import AGAIN, DOUBT, REST, WAIT, Line, short_id, tell_hold
from pectin.cli.words import local_time, show_message
from pectin.core.duration import format_duration
from pectin.core.event import Call
from pectin.core.line import waits_for_budget
from pectin.core.need import missing_approvals
from pectin.core.state import Activation, Doubt, Run, Waiting
from pectin.core.status import NodeStatus


def present(run: Run, at: int, *, served: bool = True) -> list[Line]:
    """What is going on at the time `at`. Nothing runs unless an engine serves the store."""
    lines = [line for activation in run.activations.values() if (line := _tell(run, activation, at, served))]
    if run.hold is not None and not run.status.is_terminal:
        lines.insert(0, Line(0, REST, "", None, tell_hold(run.hold)))
    return lines


def waits(run: Run, at: int) -> list[Line]:
    """What waits for a person, a message or a time. That is no event, so the story doesn't tell it."""
    waiting = [activation for activation in run.activations.values() if activation.waiting is not None]
    return [line for activation in waiting if (line := _tell(run, activation, at, served=True)) is not None]


def standing(run: Run, marks: Mapping[str, str]) -> dict[str, str]:
    """What became of each node so far, or is going on with it."""
    present = {activation.node: _mark(run, activation) for activation in run.activations.values()}
    return {**marks, **present}


def _mark(run: Run, activation: Activation) -> str:
    waiting = activation.waiting
    if activation.name in run.quarantined or (waiting is not None and not waiting.decisions):
        return REST
    if activation.doubt is not None:
        return DOUBT
    return AGAIN if activation.name in run.backoff else WAIT


def _tell(run: Run, activation: Activation, at: int, served: bool) -> Line | None:
    name, mapping, doubt = activation.name, activation.mapping, activation.doubt
    if activation.waiting is not None:
        mark = WAIT if activation.waiting.decisions else REST
        return Line(0, mark, name, None, _tell_wait(run, activation.waiting, at))
    if name in run.quarantined:
        return Line(0, REST, name, None, "in quarantine, until somebody lets it out")
    if doubt is not None:
        return Line(0, DOUBT, name, None, _tell_doubt(doubt))
    if mapping is not None:
        failed = f", {len(mapping.errors)} failed" if mapping.errors else ""
        return Line(0, WAIT, name, max(at - activation.since, 0), f"{mapping.settled} of {len(mapping.items)}{failed}")
    if activation.map is not None:
        return None
    if activation.child is not None:
        return Line(0, WAIT, name, max(at - activation.since, 0), f"waits for its child {short_id(activation.child)}")
    if name in run.line and waits_for_budget(run):
        return Line(0, REST, name, None, "waits for the budget")
    return _tell_attempt(activation, at, served)


def _tell_attempt(activation: Activation, at: int, served: bool) -> Line | None:
    name = activation.name
    if activation.status is NodeStatus.RUNNING:
        attempt = f", attempt {activation.attempt}" if activation.attempt > 1 else ""
        if not served:
            return Line(0, AGAIN, name, None, f"nothing runs it now{attempt}")
        return Line(0, WAIT, name, max(at - activation.since, 0), f"runs{attempt}")
    if activation.not_before is not None and activation.not_before > at:
        return Line(0, AGAIN, name, None, f"again in {format_duration(activation.not_before - at)}")
    return Line(0, WAIT, name, None, "ready") if activation.status is NodeStatus.SCHEDULED else None


def _tell_wait(run: Run, wait: Waiting, at: int) -> str:
    what = _tell_call(run, wait.call, wait) if wait.call is not None else None
    what = what or ("a person" if wait.decisions else show_message(wait) or "its time")
    if wait.until is None:
        return f"waits for {what}"
    left = format_duration(max(wait.until - wait.since, 0))
    return f"waits for {what} until {local_time(wait.until, at)} ({left})"


def _tell_call(run: Run, call: Call, wait: Waiting) -> str:
    missing = missing_approvals(run, wait)
    return f"{'an approval' if missing == 1 else f'{missing} approvals'} to call {call.name}"


def _tell_doubt(doubt: Doubt) -> str:
    if not doubt.asks:
        return "in doubt: nobody knows whether it happened"
    return (
        "in doubt: its reconcile is asked" if doubt.begun_by is not None else "in doubt: its reconcile is to be asked"
    )
