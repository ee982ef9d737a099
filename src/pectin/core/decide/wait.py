"""What ends a wait: a person's decision, a child's end, or the clock."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core import causal
from pectin.core.action import TIMEOUT
from pectin.core.activation import parse_activation
from pectin.core.codec import digest
from pectin.core.command import Already, Answer, ChildEnded, Decide, Done, Refused, Wake
from pectin.core.decide.actor import acting
from pectin.core.decide.budget import settle_said
from pectin.core.decide.call import decide_call, pass_deadline
from pectin.core.decide.child import find_ended, outcome_of
from pectin.core.decide.close import refuse_ended
from pectin.core.decide.enter import advance
from pectin.core.decide.limit import WALL_TIME, pass_wall_time
from pectin.core.decide.map import settle_completed, settle_failed
from pectin.core.decide.patch import misfits_of_patch
from pectin.core.decide.settle import Outcome, complete, condition_error, fail, give_up
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json
from pectin.core.duration import format_duration
from pectin.core.error import ErrorData
from pectin.core.event import HoldReleased
from pectin.core.expression import EvaluationError
from pectin.core.identity import show_id
from pectin.core.reduce import NoDifference, difference
from pectin.core.state import Activation, Decided, Run, Waiting


def decide_decision(turn: Turn, command: Decide) -> Answer:
    """A person decides an approval. The first decision is the one."""
    if not command.by.strip():
        return Refused("no_actor", "a decision needs somebody who takes it: say who with `by`")
    name = _find(turn, command.activation)
    if isinstance(name, Refused):
        return name if name.code == "unknown_node" else _or_ended(turn.run, name)
    earlier = turn.run.decided.get(name)
    if earlier is not None:
        return _again(turn, command, name, earlier)
    activation = turn.run.activations.get(name)
    waiting = activation.waiting if activation is not None else None
    if waiting is None or not waiting.decisions:
        return _or_ended(turn.run, Refused("not_waiting", f"`{name}` does not wait for a decision"))
    refused = _check(command, name, waiting)
    if refused is not None:
        return refused
    assert activation is not None, "somebody waits"
    patch = _edit(turn, activation, waiting, command.edits) if command.edits else {}
    if isinstance(patch, Refused):
        return patch
    if waiting.call is not None:
        return decide_call(turn, activation, waiting, waiting.call, command)
    output = {"decision": command.decision, "by": command.by, "comment": command.comment}
    complete(turn, name, Outcome(patch=patch, output=output, by=command.by, comment=command.comment))
    return Done()


def _again(turn: Turn, command: Decide, name: str, earlier: Decided) -> Answer:
    """The same decision is nothing to do, unless it is to change what the first one didn't. What was said of a key with
    a reducer is no longer known."""
    reducers = turn.program.definition.reducers
    given = {key: digest(value) for key, value in command.edits.items() if key not in reducers}
    other = [key for key, value in given.items() if earlier.edits.get(key) != value]
    if earlier.decision == command.decision and not other:
        return Already(f"`{name}` was {_in_words(earlier.decision)}", earlier.by)
    who = f" by {earlier.by}" if earlier.by else ""
    without = f", without this change of `{other[0]}`" if earlier.decision == command.decision else ""
    return Refused("decided", f"`{name}` was {_in_words(earlier.decision)}{who} before{without}", earlier.by)


def _edit(turn: Turn, activation: Activation, waiting: Waiting, edits: Mapping[str, Json]) -> dict[str, Json] | Refused:
    """What a decision changes of the state, in the terms of a patch. A bad or stale edit leaves the approval open."""
    name, reducers = activation.name, turn.program.definition.reducers
    unknown = [key for key in edits if key not in waiting.editable]
    if unknown:
        listed = ", ".join(f"`{key}`" for key in waiting.editable) or "nothing"
        return Refused("bad_edit", f"`{unknown[0]}` can't be changed with `{name}`; what can be is {listed}")
    try:
        patch = {
            key: difference(reducers[key], waiting.editable[key], value) if key in reducers else value
            for key, value in edits.items()
        }
    except NoDifference as problem:
        return Refused("bad_edit", f"the change can't be made: {problem}")
    wrong = misfits_of_patch(turn, patch)
    if wrong:
        return Refused("bad_edit", f"the change can't be made: {'; '.join(wrong)}")
    reduced = {key: reducers[key] for key in patch if key in reducers}
    rival = causal.find_conflict(turn.run, activation.seen, patch, (), reduced)
    if rival is not None:
        key, other = rival
        return Refused("stale_edit", f"`{other}` has set `{key}` to something else meanwhile; leave it as it is", other)
    return patch


def decide_child_ended(turn: Turn, command: ChildEnded) -> Answer:
    """A child has ended: its activation completes with what the mappings take of its state, or fails."""
    activation = find_ended(turn, command)
    if isinstance(activation, Refused):
        return activation
    settle_said(turn, activation, command.spent)
    try:
        outcome = outcome_of(turn, activation, command)
    except EvaluationError as problem:
        outcome = condition_error(str(problem))
    if isinstance(outcome, Outcome) and (wrong := misfits_of_patch(turn, outcome.patch)):
        what = f"the result of {show_id(command.child)} can't be used: {'; '.join(wrong)}"
        outcome = ErrorData("bad_result", "BadResult", what)
    if isinstance(outcome, Outcome):
        settle_completed(turn, activation, outcome)
    else:
        settle_failed(turn, activation, outcome, output=command.state)
    return Done()


def _in_words(decision: str) -> str:
    return decision if decision in ("approved", "rejected") else f"decided `{decision}`"


def _or_ended(run: Run, refused: Refused) -> Refused:
    """The refusal, or that the end of the execution came first."""
    return refused if run.closing is None else refuse_ended(run.closing)


def _find(turn: Turn, name: str | None) -> str | Refused:
    """The activation that is meant: a whole name, a node that waits (or was decided) once, or the only one open, or
    the last that was decided."""
    run = turn.run
    if name is not None and (name in run.activations or name in run.decided):
        return name
    waiting, decided = list(run.approvals()), list(run.decided)
    if name is not None:
        waiting = [other for other in waiting if parse_activation(other).node == name]
        decided = [other for other in decided if parse_activation(other).node == name]
    if len(waiting) > 1:
        names = ", ".join(f"`{other}`" for other in sorted(waiting))
        return Refused("ambiguous", f"several wait for a decision: {names}; say which")
    if waiting or decided:
        return waiting[0] if waiting else decided[-1]
    if name is None:
        return Refused("not_waiting", "nothing waits for a decision")
    if name in turn.program.nodes:
        return Refused("not_waiting", f"`{name}` does not wait for a decision")
    return Refused("unknown_node", f"there is no node `{name}`")


def _check(command: Decide, name: str, waiting: Waiting) -> Refused | None:
    choices = [decision for decision in waiting.decisions if decision != TIMEOUT]
    if command.decision not in choices:
        listed = ", ".join(f"`{choice}`" for choice in choices)
        return Refused("unknown_decision", f"`{name}` has no decision `{command.decision}`; it has {listed}")
    if command.digest is not None and command.digest != waiting.digest:
        return Refused("other_request", f"`{name}` asks something else than what was shown; look again")
    return None


def decide_wake(turn: Turn, command: Wake) -> Answer:
    """The clock says `at`: what is due by then passes, in due order."""
    run = turn.run
    for until, name in run.deadlines():
        if until > command.at or run.closing is not None:
            break
        _pass_wall_time(turn, until)
        if name in run.activations:
            _pass(turn, name)
            advance(turn)
    _pass_wall_time(turn, command.at)
    return Done()


def _pass_wall_time(turn: Turn, at: int) -> None:
    """If the execution's time is used up before `at`, or then, that comes first.

    It releases a hold, so a failure that was recorded meanwhile comes before it.
    """
    run = turn.run
    if run.wall is None or run.wall > at:
        return
    if run.hold is not None:
        turn.emit(HoldReleased(at=turn.at, by=acting(run, None), cause=WALL_TIME))
        give_up(turn)
    if run.closing is None:
        pass_wall_time(turn)
        advance(turn)


def _pass(turn: Turn, name: str) -> None:
    """The time of a wait is up."""
    activation = turn.run.activations[name]
    waiting = activation.waiting
    assert waiting is not None, "only waits are due"
    if waiting.call is not None:
        pass_deadline(turn, activation, waiting, waiting.call)
    elif waiting.decisions:
        by = acting(turn.run, None)
        complete(turn, name, Outcome(output={"decision": TIMEOUT, "by": by, "comment": None}, by=by))
    elif waiting.fails_late:
        message = f"`{name}` has waited for {format_duration(turn.at - waiting.since)}"
        fail(turn, name, ErrorData("timeout", "DeadlinePassed", message))
    elif waiting.signal is None and waiting.event is None:
        complete(turn, name, Outcome(output=None))
    else:
        key = turn.program.nodes[activation.node].output_key
        patch: dict[str, Json] = {} if key is None else {key: None}
        complete(turn, name, Outcome(patch=patch, output={"came": "timer", "payload": None}))
