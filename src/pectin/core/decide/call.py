"""Calls that a policy stops: blocked ones fail, and one that needs an approval waits until people have given it.

What policies say of a node was judged when the program was made (`Program.policed`). An activation of such a node is
scheduled like others and begun by nobody until it was looked at here, before each of its attempts.
"""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core import causal
from pectin.core.call import arguments_of
from pectin.core.codec import digest
from pectin.core.command import Already, Answer, Decide, Done, Refused
from pectin.core.decide.map import settle_failed
from pectin.core.decide.settle import Outcome, condition_error
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json
from pectin.core.duration import format_duration
from pectin.core.error import ErrorData
from pectin.core.event import Call, CallApproved, CallParked
from pectin.core.expression import EvaluationError
from pectin.core.policy import (
    APPROVAL_REJECTED,
    Ask,
    Judgement,
    Ruling,
    beyond_approval,
    blocked,
    blocked_at_end,
    blocked_in_memory,
    lacking,
)
from pectin.core.program import NodeError
from pectin.core.state import Activation, Waiting
from pectin.core.status import SessionType


def stop_calls(turn: Turn) -> bool:
    """Park or fail what is ready and may not begin. True if something failed, from which more may follow."""
    run = turn.run
    if run.hold is not None:
        return False
    due = [name for name, until in run.backoff.items() if until <= turn.at]
    has_failed = False
    for name in [*due, *run.ready, *run.line]:
        activation = run.activations.get(name)
        if activation is None or activation.doubt is not None or activation.is_at_worker:
            continue
        verdict = turn.program.policed.get(activation.node)
        if verdict is None:
            continue
        error = _stop(turn, activation, verdict)
        if error is not None:
            settle_failed(turn, activation, error)
            has_failed = True
    return has_failed


def decide_call(turn: Turn, activation: Activation, waiting: Waiting, call: Call, command: Decide) -> Answer:
    """A person approves or rejects a call. One rejection decides; approvals are counted until all rules are met."""
    name, by, requester = activation.name, command.by.strip(), turn.run.requester
    if not any(not ask.rule.of or by in ask.rule.of for ask in call.asks):
        listed = ", ".join(dict.fromkeys(person for ask in call.asks for person in ask.rule.of))
        return Refused("not_an_approver", f"`{name}` is for {listed} to decide, and not for {by}")
    if command.decision == "rejected":
        comment = f": {command.comment}" if command.comment else ""
        error = ErrorData(APPROVAL_REJECTED, "ApprovalRejected", f"`{call.name}` was rejected by {by}{comment}")
        settle_failed(turn, activation, error, outcome=Outcome(by=by, comment=command.comment))
        return Done()
    if by in waiting.approved_by:
        return Already(f"`{name}` was approved", by)
    if not any(ask.rule.lets_approve(by, requester) for ask in call.asks):
        what = f"{by} has started the execution: somebody else has to approve `{name}`"
        return Refused("requester", what, requester)
    if not any(ask.rule.lets_approve(by, requester) for ask in still_asking(waiting, call, requester)):
        others = ", ".join(f"`{ask.rule.tool}`" for ask in still_asking(waiting, call, requester))
        return Refused("not_an_approver", f"what `{name}` still needs ({others}) is for others to approve than {by}")
    missing = lacking(call.asks, (*waiting.approved_by, by), requester)
    turn.emit(CallApproved(at=turn.at, activation=name, by=by, comment=command.comment, decides=missing == 0))
    more = "one more approval is" if missing == 1 else f"{missing} more approvals are"
    return Done(None if missing == 0 else f"{more} needed")


def still_asking(waiting: Waiting, call: Call, requester: str | None) -> list[Ask]:
    """The rules that are not met yet."""
    return [ask for ask in call.asks if ask.rule.lacks(waiting.approved_by, requester)]


def pass_deadline(turn: Turn, activation: Activation, waiting: Waiting, call: Call) -> None:
    """Nobody has approved the call in time."""
    what = f"`{call.name}` was not approved within {format_duration(turn.at - waiting.since)}"
    settle_failed(turn, activation, ErrorData("timeout", "DeadlinePassed", what))


def _stop(turn: Turn, activation: Activation, verdict: Judgement) -> ErrorData | None:
    """Park the call, unless it is the one that was approved, or say why it fails."""
    if turn.run.closing is not None:
        return blocked_at_end(verdict)
    if turn.run.session_type is SessionType.STATELESS and verdict.ruling is Ruling.APPROVE:
        return blocked_in_memory(verdict)
    if verdict.ruling is Ruling.BLOCK:
        return blocked(verdict)
    try:
        call = _call_of(turn, activation, verdict)
        shown = _digest(turn, activation, call)
        if activation.approved_call == shown:
            return None
        error = beyond_approval(verdict, turn.run.requester)
        if error is None:
            _park(turn, activation, verdict, call, shown)
        return error
    except EvaluationError as problem:
        return condition_error(str(problem))
    except NodeError as problem:
        return ErrorData(problem.error_class, "NodeError", str(problem))


def _park(turn: Turn, activation: Activation, verdict: Judgement, call: Call, shown: str) -> None:
    """Let people be asked for the call, as it would be made."""
    deadline_ms = verdict.deadline_ms or turn.program.definition.timeouts.approval_timeout_ms
    turn.emit(
        CallParked(
            at=turn.at,
            activation=activation.name,
            call=call,
            digest=shown,
            until=None if deadline_ms is None else turn.at + deadline_ms,
        )
    )


def _digest(turn: Turn, activation: Activation, call: Call) -> str:
    """What an approval is of: this call, with these arguments, of this activation and no other."""
    return digest([turn.run.execution_id, activation.name, call.name, call.arguments])


def _call_of(turn: Turn, activation: Activation, verdict: Judgement) -> Call:
    return Call(verdict.call, _arguments(turn, activation), verdict.asks)


def _arguments(turn: Turn, activation: Activation) -> Mapping[str, Json]:
    """What is called with: what the kind evaluates from what the activation sees, else that itself; for an item, the
    item. It is the same before every attempt. Raises `EvaluationError` or `NodeError`."""
    run = turn.run
    arguments = arguments_of(turn.program, run, activation)
    if arguments is not None:
        return arguments
    if activation.map is None or activation.item is None:
        return dict(causal.view(run, activation.seen))
    mapping = run.activations[activation.map].mapping
    assert mapping is not None, "only a map has items"
    return {"item": mapping.items[activation.item]}
