"""The fold of doubt: whether an attempt of a `once` node has happened, who is asked, and what they say.

While its `reconcile` is to answer, an activation in doubt is a worker's affair; after that it waits for a person.
"""

from __future__ import annotations

from pectin.core.event import DoubtLeft, DoubtRaised, DoubtResolved, ReconcileBegun, ReconcileInterrupted
from pectin.core.evolve.activation import expect_stop, unready
from pectin.core.evolve.attempt import reschedule
from pectin.core.state import Decided, Doubt, Run
from pectin.core.status import NodeStatus


def raise_doubt(run: Run, event: DoubtRaised) -> None:
    activation = run.activations[event.activation]
    assert activation.status is NodeStatus.RUNNING, "only a running attempt is in doubt"
    assert activation.doubt is None, "an attempt is in doubt once"
    assert activation.attempt == event.attempt, "only the current attempt is in doubt"
    activation.begun_by = None
    activation.doubt = Doubt(event.attempt, event.at, event.reason, event.asks)
    if event.asks:
        run.ready[event.activation] = None
    else:
        run.busy -= 1
        run.waits += 1
    if event.abandoned:
        expect_stop(run, event.activation, event.attempt)


def begin(run: Run, event: ReconcileBegun) -> None:
    _asked(run, event.activation).begun_by = event.by
    unready(run, event.activation)


def interrupt(run: Run, event: ReconcileInterrupted) -> None:
    doubt = _asked(run, event.activation)
    doubt.begun_by = None
    doubt.interruptions += 1
    run.ready[event.activation] = None


def leave(run: Run, event: DoubtLeft) -> None:
    doubt = _asked(run, event.activation)
    doubt.asks = False
    doubt.begun_by = None
    doubt.error = event.error
    unready(run, event.activation)
    run.busy -= 1
    run.waits += 1


def resolve(run: Run, event: DoubtResolved) -> None:
    activation = run.activations[event.activation]
    assert activation.doubt is not None, "only a doubt is resolved"
    unready(run, event.activation)
    if event.by is not None:
        run.resolved[event.activation] = Decided("happened" if event.happened else "did_not", event.by)
    if not event.happened:
        reschedule(run, activation, event.at)


def _asked(run: Run, name: str) -> Doubt:
    doubt = run.activations[name].doubt
    assert doubt is not None, "only what is in doubt is asked about"
    assert doubt.asks, "after that it is a person's affair"
    return doubt
