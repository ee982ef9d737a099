"""What ends a wait: a person's decision, or the clock."""

from __future__ import annotations

from pectin.core.activation import parse_activation
from pectin.core.command import Already, Answer, Decide, Done, Refused, Wake
from pectin.core.decide.enter import advance
from pectin.core.decide.settle import Outcome, complete
from pectin.core.decide.turn import Turn
from pectin.core.state import Run, Waiting

TIMEOUT = "timeout"
"""The decision of an approval that nobody decided in time."""


def decide_decision(turn: Turn, command: Decide) -> Answer:
    """A person decides an approval. The first decision is the one."""
    if not command.by.strip():
        return Refused("no_actor", "a decision needs somebody who takes it: say who with `by`")
    name = _find(turn, command.activation)
    if isinstance(name, Refused):
        return name if name.code == "unknown_node" else _or_ended(turn.run, name)
    earlier = turn.run.decided.get(name)
    if earlier is not None:
        if earlier.decision == command.decision:
            return Already(f"`{name}` was {earlier.decision}", earlier.by)
        who = f" by {earlier.by}" if earlier.by else ""
        return Refused("decided", f"`{name}` was {earlier.decision}{who} before", earlier.by)
    activation = turn.run.activations.get(name)
    waiting = activation.waiting if activation is not None else None
    if waiting is None or not waiting.decisions:
        return _or_ended(turn.run, Refused("not_waiting", f"`{name}` does not wait for a decision"))
    refused = _check(command, name, waiting)
    if refused is not None:
        return refused
    output = {"decision": command.decision, "by": command.by, "comment": command.comment}
    complete(turn, name, Outcome(output=output, by=command.by, comment=command.comment))
    return Done()


def _or_ended(run: Run, refused: Refused) -> Refused:
    """The refusal, or that the end of the execution came first."""
    if run.closing is None:
        return refused
    who = f" by {run.closing.by}" if run.closing.by else ""
    return Refused("ended", f"the execution ended as {run.closing.to}{who}: {run.closing.cause}", run.closing.by)


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
    for until, name in turn.run.deadlines():
        if until > command.at or turn.run.closing is not None:
            break
        activation = turn.run.activations.get(name)
        if activation is None or activation.waiting is None:
            continue
        if activation.waiting.decisions:
            complete(turn, name, Outcome(output={"decision": TIMEOUT, "by": None, "comment": None}))
        else:
            complete(turn, name, Outcome(output=None))
        advance(turn)
    return Done()
