"""What no history may hold of calls that policies stop: no attempt without its approval, and no approval miscounted."""

from __future__ import annotations

from collections.abc import Iterator

from pectin.core.audit.books import Books, Standing
from pectin.core.event import AttemptBegun, CallApproved, CallParked, NodeFailed, NodeScheduled
from pectin.core.policy import APPROVAL_REJECTED, POLICY_BLOCKED, Ruling, lacking
from pectin.core.program import Program

Broken = Iterator[tuple[str, str]]


def check_call_begun(standing: Standing | None, event: AttemptBegun | NodeScheduled, program: Program | None) -> Broken:
    """Whether an attempt may begin: not of what is parked, nor of what its definition wants approved or blocks."""
    name = event.activation
    if isinstance(event, NodeScheduled) and event.begun_by is None:
        return
    if standing is not None and standing.parked is not None:
        yield "begun_unapproved", f"an attempt of `{name}` begins, and its call waits for an approval"
        return
    node = event.node if isinstance(event, NodeScheduled) else standing.node if standing is not None else ""
    verdict = None if program is None else program.recorded.get(node)
    if verdict is None or (verdict.ruling is Ruling.APPROVE and standing is not None and standing.is_approved):
        return
    what = "blocks" if verdict.ruling is Ruling.BLOCK else "wants an approval of"
    yield "begun_unapproved", f"an attempt of `{name}` begins, and the policy of its workflow {what} `{verdict.call}`"


def check_call(books: Books, standing: Standing, event: CallParked | CallApproved) -> Broken:
    """Whether a call may be parked, and an approval counts as it says."""
    name, parked = event.activation, standing.parked
    if isinstance(event, CallParked):
        if standing.is_running or standing.in_doubt or parked is not None:
            yield "parked_at_work", f"the call of `{name}` is parked, and nobody could begin it"
        return
    if parked is None:
        yield "approval_miscounted", f"the call of `{name}` is approved, and nobody asked for that"
        return
    asks, before, requester = parked.call.asks, standing.approved_by, books.requester
    if event.by in before:
        yield "approval_miscounted", f"{event.by} approves the call of `{name}` a second time"
    elif not any(ask.rule.lets_approve(event.by, requester) for ask in asks):
        yield "approval_miscounted", f"{event.by} approves the call of `{name}`, and may not"
    elif event.decides != (lacking(asks, (*before, event.by), requester) == 0):
        is_met = "are not met" if event.decides else "are met"
        yield "approval_miscounted", f"the approval of `{name}` by {event.by} decides otherwise: its rules {is_met}"


def check_call_failed(standing: Standing, parked: CallParked, event: NodeFailed) -> Broken:
    """Whether the waiting for an approval may end so."""
    name = event.activation
    if event.error.error_class == APPROVAL_REJECTED:
        if not event.by:
            yield "decided_by_nobody", f"the call of `{name}` is rejected, and nobody says by whom"
    elif parked.until is None:
        yield "ended_by_nothing", f"the call of `{name}` has no deadline, and nobody has decided it"
    elif event.at < parked.until:
        yield "early", f"the deadline of `{name}` passes {parked.until - event.at} ms before it is over"


def was_stopped(standing: Standing, event: NodeFailed) -> bool:
    """Whether it failed before its next attempt began, by a policy."""
    is_idle = not standing.is_running and not standing.in_doubt and not event.attempt
    return is_idle and (standing.parked is not None or event.error.error_class == POLICY_BLOCKED)
