"""An operator's hold: what happens is recorded, and nothing follows from it until the hold is released."""

from __future__ import annotations

from pectin.core.command import Already, Answer, Done, Hold, Refused, Release
from pectin.core.decide.actor import acting
from pectin.core.decide.close import refuse_ended
from pectin.core.decide.map import fill
from pectin.core.decide.route import turn_loop
from pectin.core.decide.settle import give_up
from pectin.core.decide.turn import Turn
from pectin.core.event import ExecutionHeld, HoldReleased, QuarantineReleased


def decide_hold(turn: Turn, command: Hold) -> Answer:
    """Hold it."""
    run = turn.run
    if run.closing is not None:
        return refuse_ended(run.closing)
    if run.hold is not None:
        return Already("the execution was paused", run.hold.by)
    by = acting(run, command.by)
    turn.emit(ExecutionHeld(at=turn.at, by=by, reason=command.reason, inherited=command.inherited))
    return Done()


def decide_release(turn: Turn, command: Release) -> Answer:
    """Let it go on: look at everything that was recorded meanwhile, and let out what is in quarantine.

    A child that an operator holds for itself does not go on with its parent.
    """
    run = turn.run
    if run.status.is_terminal:
        return Refused("ended", f"the execution has ended: {run.status}")
    hold = run.hold
    held = hold is not None and (hold.inherited or not command.inherited)
    if not held and (not run.quarantined or command.inherited):
        return Refused("not_held", "nobody holds the execution, and nothing of it is in quarantine")
    by = acting(run, command.by)
    for name in list(run.quarantined):
        turn.emit(QuarantineReleased(at=turn.at, activation=name, by=by))
    if held:
        turn.emit(HoldReleased(at=turn.at, by=by))
        _look_again(turn)
    return Done()


def _look_again(turn: Turn) -> None:
    """Draw the consequences of all that was recorded while it was held.

    Loops first: one that is to go round is a branch, and what a map writes beside it must not be seen there.
    """
    run = turn.run
    give_up(turn)
    for name in list(run.loops):
        if turn.may_go_on and name in run.loops:
            turn_loop(turn, name)
    for name in [name for name, activation in run.activations.items() if activation.mapping is not None]:
        if name in run.activations:
            fill(turn, name)
    if turn.may_go_on:
        turn.frontier.extend(run.arrivals)
