"""Messages: signals, kept until a wait takes them, and external events, which the store has matched with a wait."""

from __future__ import annotations

from pectin.core.codec import digest
from pectin.core.command import Already, Answer, Deliver, Done, Refused, Signal
from pectin.core.decide.close import refuse_ended
from pectin.core.decide.patch import misfits_of_patch
from pectin.core.decide.settle import Outcome, complete, fail
from pectin.core.decide.turn import Turn
from pectin.core.error import ErrorData
from pectin.core.event import MessageReceived
from pectin.core.state import Message


def decide_signal(turn: Turn, command: Signal) -> Answer:
    """A signal goes to the wait that is open for it the longest, or is kept for one to come."""
    run = turn.run
    known = run.dedups.get(command.dedup) if command.dedup is not None else None
    if known is not None:
        if known == digest([command.name, command.payload]):
            return Already(f"the signal `{command.name}` was received under this key")
        return Refused("dedup_taken", f"another signal was received under the key `{command.dedup}`")
    if run.closing is not None:
        return refuse_ended(run.closing)
    limit = turn.limits.inbox_messages_max
    if len(run.inbox) >= limit or len(run.dedups) >= limit:
        return Refused("inbox_full", f"{limit} signals wait to be taken, or are known by their keys; no more are kept")
    waits = [name for name, waiting in run.waiting().items() if waiting.signal == command.name]
    turn.emit(
        MessageReceived(at=turn.at, name=command.name, payload=command.payload, dedup=command.dedup, by=command.by)
    )
    if waits:
        _take(turn, waits[0], run.inbox[-1], "signal")
    return Done()


def decide_deliver(turn: Turn, command: Deliver) -> Answer:
    """An external event for the wait that the store has found for it."""
    run = turn.run
    activation = run.activations.get(command.activation)
    waiting = activation.waiting if activation is not None else None
    if waiting is None or (waiting.event, waiting.correlation) != (command.name, command.correlation):
        return Refused("not_waiting", f"`{command.activation}` does not wait for this event")
    turn.emit(MessageReceived(at=turn.at, name=command.name, payload=command.payload, correlation=command.correlation))
    _take(turn, command.activation, run.inbox[-1], "event")
    return Done()


def take_kept(turn: Turn, name: str, signal: str) -> None:
    """Let a wait that has just begun take the oldest signal that is kept for it, if there is one."""
    kept = next((m for m in turn.run.inbox if m.name == signal and m.correlation is None), None)
    if kept is not None:
        _take(turn, name, kept, "signal")


def _take(turn: Turn, name: str, message: Message, came: str) -> None:
    node = turn.program.nodes[turn.run.activations[name].node]
    output = {"came": came, "payload": message.payload}
    key = node.output_key
    patch = {} if key is None else {key: message.payload}
    wrong = misfits_of_patch(turn, patch)
    if wrong:
        what = f"the {came} `{message.name}` can't be kept as `{key}`: {'; '.join(wrong)}"
        error = ErrorData("bad_result", "BadMessage", what)
        fail(turn, name, error, output=output, outcome=Outcome(message=message.seq))
        return
    complete(turn, name, Outcome(patch=patch, output=output, message=message.seq))
