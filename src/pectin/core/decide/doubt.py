"""Doubt: an attempt of a `once` node was begun and has no outcome. It is never simply tried again.

Its own late result settles it; else the node's `reconcile` is asked, and if that doesn't know, a person.
"""

from __future__ import annotations

from typing import cast

from pectin.core.activation import parse_activation
from pectin.core.budget import Amount
from pectin.core.call import keep
from pectin.core.command import Already, Answer, Done, Reconciled, Refused, Resolve
from pectin.core.decide.budget import give_back, settle_unknown
from pectin.core.decide.close import refuse_ended
from pectin.core.decide.map import settle_completed
from pectin.core.decide.patch import misfits_of_patch
from pectin.core.decide.settle import Outcome
from pectin.core.decide.turn import Turn
from pectin.core.definition import Effect, Json
from pectin.core.event import DoubtLeft, DoubtRaised, DoubtResolved, ReconcileInterrupted
from pectin.core.expression import EvaluationError
from pectin.core.fit import misfits
from pectin.core.program import ToolCall
from pectin.core.state import Activation


def is_once(turn: Turn, activation: Activation) -> bool:
    """Whether its body may be entered only once."""
    return turn.program.nodes[activation.node].effect is Effect.ONCE


def raise_doubt(
    turn: Turn, activation: Activation, reason: str, *, abandoned: bool = False, spent: Amount | None = None
) -> None:
    """State that nobody knows whether the attempt has happened, nor what more it has spent."""
    turn.emit(
        DoubtRaised(
            at=turn.at,
            activation=activation.name,
            attempt=activation.attempt,
            reason=reason,
            asks=turn.program.nodes[activation.node].reconcile is not None,
            abandoned=abandoned,
        )
    )
    settle_unknown(turn, activation.name, spent)


def interrupt_reconcile(turn: Turn, activation: Activation, reason: str) -> None:
    """The asking was cut off: ask again, but not for ever."""
    turn.emit(ReconcileInterrupted(at=turn.at, activation=activation.name, reason=reason))
    doubt = activation.doubt
    if doubt is not None and doubt.interruptions >= turn.limits.interruptions_max:
        turn.emit(DoubtLeft(at=turn.at, activation=activation.name))


def decide_reconciled(turn: Turn, command: Reconciled) -> Answer:
    """What the node's `reconcile` says."""
    name = command.activation
    activation = turn.run.activations.get(name)
    doubt = activation.doubt if activation is not None else None
    if activation is None or doubt is None or doubt.begun_by is None or doubt.attempt != command.attempt:
        return Refused("stale", f"nobody asks about attempt {command.attempt} of `{name}`")
    if command.happened is None:
        turn.emit(DoubtLeft(at=turn.at, activation=name, error=command.error))
        return Done()
    if not command.happened:
        give_back(turn, activation)
    turn.emit(DoubtResolved(at=turn.at, activation=name, happened=command.happened))
    if command.happened:
        outcome = Outcome(command.patch, command.unset, command.output, command.attempt)
        settle_completed(turn, activation, outcome)
    return Done()


def decide_resolve(turn: Turn, command: Resolve) -> Answer:
    """A person says whether it happened, and with which result."""
    if not command.by.strip():
        return Refused("no_actor", "somebody has to say it: say who with `by`")
    activation = _find(turn, command.activation)
    if isinstance(activation, Refused):
        return activation
    if isinstance(activation, str):
        return _again(turn, command, activation)
    if (command.attempt or _first_in_doubt(turn, activation)) != activation.attempt:
        return _of_another_attempt(turn, command, activation)
    outcome = _result_of(turn, activation, command) if command.happened else None
    if isinstance(outcome, Refused):
        return outcome
    if outcome is None:
        give_back(turn, activation)
    turn.emit(
        DoubtResolved(
            at=turn.at,
            activation=activation.name,
            happened=command.happened,
            by=command.by,
            comment=command.comment,
        )
    )
    if outcome is not None:
        settle_completed(turn, activation, outcome)
    return Done()


def _find(turn: Turn, name: str | None) -> Activation | str | Refused:
    """The activation in doubt that is meant, or the name of one that was resolved before."""
    run = turn.run
    in_doubt = {other: a for other, a in run.activations.items() if a.doubt is not None}
    if name is not None:
        in_doubt = {other: a for other, a in in_doubt.items() if name in (other, a.node)}
    if len(in_doubt) > 1:
        listed = ", ".join(f"`{other}`" for other in sorted(in_doubt))
        return Refused("ambiguous", f"several are in doubt: {listed}; say which")
    if in_doubt:
        return next(iter(in_doubt.values()))
    before = [other for other in run.resolved if name is None or name in (other, parse_activation(other).node)]
    if before:
        return before[-1]
    if run.closing is not None:
        return refuse_ended(run.closing)
    if name is None:
        return Refused("not_in_doubt", "nothing of this execution is in doubt")
    if name in turn.program.nodes or name in run.activations:
        return Refused("not_in_doubt", f"`{name}` is not in doubt")
    return Refused("unknown_node", f"there is no node `{name}`")


def _first_in_doubt(turn: Turn, activation: Activation) -> int | None:
    """The attempt that is meant where none is named: this one, unless somebody has resolved an earlier one."""
    return None if activation.name in turn.run.resolved else activation.attempt


def _of_another_attempt(turn: Turn, command: Resolve, activation: Activation) -> Answer:
    """A command repeated, or sent in the dark: there is another attempt in doubt by now."""
    name, now = activation.name, f"attempt {activation.attempt} is in doubt now"
    if name not in turn.run.resolved:
        return Refused("stale", f"attempt {command.attempt} of `{name}` is not in doubt; {now}")
    answer = _again(turn, command, name)
    if isinstance(answer, Already):
        return Already(f"{answer.what}; {now}, and has to be named", answer.by)
    return Refused("resolved", f"{answer.reason}; {now}, and has to be named", answer.winner)


def _again(turn: Turn, command: Resolve, name: str) -> Already | Refused:
    earlier = turn.run.resolved[name]
    said = "it happened" if earlier.decision == "happened" else "it did not happen"
    if (earlier.decision == "happened") == command.happened:
        return Already(f"of `{name}` it was said that {said}", earlier.by)
    return Refused("resolved", f"of `{name}`, {earlier.by} said before that {said}", earlier.by)


def _result_of(turn: Turn, activation: Activation, command: Resolve) -> Outcome | Refused:
    """The result that a person gives, if it can be one."""
    node = turn.program.nodes[activation.node]
    if (call := turn.program.calls.get(node.id)) is not None:
        return _result_of_call(turn, activation, call, command.result)
    if activation.map is not None:
        return Outcome(output=command.result, attempt=activation.attempt)
    given: Json = {} if command.result is None else command.result
    if node.output_key is not None:
        given = {node.output_key: command.result}
    if not isinstance(given, dict):
        return Refused("bad_result", "the result is an object: the keys of the state that it set")
    patch = cast("dict[str, Json]", given)
    wrong = misfits_of_patch(turn, patch)
    if wrong:
        return Refused("bad_result", f"the result of `{activation.name}` can't be used: {'; '.join(wrong)}")
    return Outcome(patch=patch, attempt=activation.attempt)


def _result_of_call(turn: Turn, activation: Activation, call: ToolCall, given: Json) -> Outcome | Refused:
    """What a person says that the tool gave, as if it had."""
    node = turn.program.nodes[activation.node]
    wrong = misfits(call.tool.output, given)
    try:
        patch, output = keep(call, node, given, is_item=activation.map is not None) if not wrong else ({}, None)
    except EvaluationError as problem:
        return Refused("bad_result", f"the result of `{activation.name}` can't be used: {problem}")
    if wrong := wrong or misfits_of_patch(turn, patch):
        told = f"the result of `{activation.name}` can't be used: {'; '.join(wrong)}"
        return Refused("bad_result", f"{told}; it is what `{call.tool.name}` gave")
    return Outcome(patch=patch, output=output, attempt=activation.attempt)
