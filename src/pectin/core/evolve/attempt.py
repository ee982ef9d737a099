"""The fold of attempts: scheduled, begun, failed, cut off, and put in quarantine."""

from __future__ import annotations

from pectin.core.event import (
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    NodeQuarantined,
    NodeScheduled,
    QuarantineReleased,
)
from pectin.core.evolve.activation import enter, expect_stop, line_of, shift, unready
from pectin.core.state import Activation, Run
from pectin.core.status import NodeStatus


def schedule(run: Run, event: NodeScheduled) -> None:
    activation = enter(run, event.activation, event.node, event.loop, event.at, map_name=event.map, item=event.item)
    activation.timeout_ms = event.timeout_ms
    activation.retry = event.retry
    run.busy += 1
    shift(activation, NodeStatus.SCHEDULED)
    if event.begun_by is None:
        activation.ceiling = event.ceiling
        (run.ready if event.ceiling is None else run.line)[event.activation] = None  # as `line_of`, where it is hot
    else:
        shift(activation, NodeStatus.RUNNING)
        activation.attempt = 1
        activation.begun_by = event.begun_by
    if run.closing is None:
        run.scheduled = True
    else:
        assert event.node not in run.closing.finalized, "a finalizer runs once"
        run.closing.finalized.append(event.node)


def begin(run: Run, event: AttemptBegun) -> None:
    activation = run.activations[event.activation]
    shift(activation, NodeStatus.RUNNING)
    assert event.attempt == activation.attempt + 1, "attempts are numbered through"
    activation.attempt = event.attempt
    activation.begun_by = event.by
    activation.since = event.at
    activation.not_before = None
    unready(run, event.activation)


def fail(run: Run, event: AttemptFailed) -> None:
    activation = _ending(run, event.activation, event.attempt)
    activation.outcomes += 1
    activation.interruptions = 0
    activation.error = event.error
    reschedule(run, activation, event.at)
    if event.not_before > event.at:
        activation.not_before = event.not_before
        del line_of(run, activation)[event.activation]
        run.backoff[event.activation] = event.not_before
    if event.abandoned:
        expect_stop(run, event.activation, event.attempt)


def interrupt(run: Run, event: AttemptInterrupted) -> None:
    activation = _ending(run, event.activation, event.attempt)
    activation.interruptions += 1
    reschedule(run, activation, event.at)


def reschedule(run: Run, activation: Activation, at: int) -> None:
    """Back to scheduled, ready to be begun again. A doubt is over with that, and nobody is asked any more."""
    if activation.doubt is not None:
        unready(run, activation.name)
        if not activation.doubt.asks:
            run.waits -= 1
            run.busy += 1
        activation.doubt = None
    shift(activation, NodeStatus.SCHEDULED)
    activation.begun_by = None
    activation.since = at
    line_of(run, activation)[activation.name] = None


def stop(run: Run, event: AttemptStopped) -> None:
    attempts = run.stopping[event.activation]
    attempts.remove(event.attempt)
    if not attempts:
        del run.stopping[event.activation]


def quarantine(run: Run, event: NodeQuarantined) -> None:
    line = line_of(run, run.activations[event.activation])
    assert event.activation in line, "only what could be begun is put in quarantine"
    del line[event.activation]
    run.quarantined[event.activation] = event.at


def release(run: Run, event: QuarantineReleased) -> None:
    del run.quarantined[event.activation]
    activation = run.activations[event.activation]
    activation.interruptions = 0
    line_of(run, activation)[event.activation] = None


def _ending(run: Run, name: str, attempt: int) -> Activation:
    activation = run.activations[name]
    assert activation.status is NodeStatus.RUNNING, "only a running attempt ends"
    assert activation.attempt == attempt, "only the current attempt ends"
    return activation
