"""The fold: both transition tables hold in it, and what it counts is what happened."""

from collections.abc import Callable

import pytest

from pectin.core.error import ErrorData
from pectin.core.event import EVENTS as KINDS
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    CancelRequested,
    ClosingBegan,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionPaused,
    ExecutionResumed,
    ExecutionStarted,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    Route,
)
from pectin.core.evolve import FOLDS, evolve, fold
from pectin.core.state import Run
from pectin.core.status import NODE_TRANSITIONS, WORKFLOW_TRANSITIONS, InvalidTransition, NodeStatus, WorkflowStatus

ERROR = ErrorData("io_error", "OSError", "no")
CREATED = ExecutionCreated(
    at=1, execution_id="e", workflow_id="w", workflow_version="1.0.0", definition="d", input={}, state={"x": 0}
)
STARTED = ExecutionStarted(at=1)
SCHEDULED = NodeScheduled(at=2, activation="a", node="a")
BEGUN = AttemptBegun(at=3, activation="a", attempt=1, by="w")
REFUSALS = (AssertionError, InvalidTransition, KeyError)


def begin(*events: AnyEvent) -> Run:
    return fold(Run(), [CREATED, STARTED, *events])


def test_every_event_has_its_fold() -> None:
    assert set(FOLDS) == set(KINDS)


# -- the table of executions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("current", WorkflowStatus)
@pytest.mark.parametrize("requested", WorkflowStatus)
def test_an_execution_makes_the_moves_of_its_table_and_no_other(
    current: WorkflowStatus, requested: WorkflowStatus
) -> None:
    match requested:
        case WorkflowStatus.RUNNING:
            events: list[AnyEvent] = [ExecutionStarted(at=2), ExecutionResumed(at=2)]
        case WorkflowStatus.PAUSED:
            events = [ExecutionPaused(at=2)]
        case _:
            events = []
    events.append(ExecutionEnded(at=2, status=requested))
    accepted: list[WorkflowStatus] = []
    for event in events:
        run = fold(Run(), [CREATED])
        run.status = current
        if current.is_terminal:
            run.completed_at = 1
        try:
            accepted.append(evolve(run, event).status)
        except REFUSALS:
            assert run.status is current
    legal = requested in WORKFLOW_TRANSITIONS[current]
    assert set(accepted) == ({requested} if legal else set())


def test_an_execution_is_created_once_and_first() -> None:
    with pytest.raises(AssertionError, match="created once"):
        begin(CREATED)


def test_nothing_but_late_results_comes_after_the_end() -> None:
    run = begin(
        SCHEDULED,
        BEGUN,
        NodeCancelled(at=4, activation="a", attempt=1),
        ExecutionEnded(at=5, status=WorkflowStatus.CANCELLED),
    )
    evolve(run, AttemptStopped(at=6, activation="a", attempt=1, late="completed"))
    assert run.stopping == {}
    with pytest.raises(AssertionError, match="after the end"):
        evolve(run, ExecutionPaused(at=7))


def test_closing_is_decided_once_and_a_cancel_beside_it_needs_it() -> None:
    closing = ClosingBegan(at=3, to=WorkflowStatus.FAILED, cause="failed", grace_until=9)
    with pytest.raises(AssertionError, match="closes once"):
        begin(closing, closing)
    with pytest.raises(AssertionError, match="while closing"):
        begin(CancelRequested(at=3))
    run = begin(closing, CancelRequested(at=3))
    assert run.closing is not None
    assert run.closing.cut


# -- the table of activations -----------------------------------------------------------------------------------

Make = Callable[[int], AnyEvent]

EVENTS: list[tuple[Make, NodeStatus, set[NodeStatus]]] = [
    (lambda n: NodeScheduled(at=5, activation="a", node="a"), NodeStatus.SCHEDULED, {NodeStatus.PENDING}),
    (lambda n: NodeWaiting(at=5, activation="a", node="a"), NodeStatus.RUNNING, {NodeStatus.PENDING}),
    (
        lambda n: NodeMapped(at=5, activation="a", node="a", item_node="i", items=[1]),
        NodeStatus.RUNNING,
        {NodeStatus.PENDING},
    ),
    (
        lambda n: AttemptBegun(at=5, activation="a", attempt=n + 1, by="w"),
        NodeStatus.RUNNING,
        {NodeStatus.SCHEDULED},
    ),
    (
        lambda n: AttemptFailed(at=5, activation="a", attempt=n, error=ERROR, not_before=5),
        NodeStatus.SCHEDULED,
        {NodeStatus.RUNNING},
    ),
    (
        lambda n: AttemptInterrupted(at=5, activation="a", attempt=n, reason="crash"),
        NodeStatus.SCHEDULED,
        {NodeStatus.RUNNING},
    ),
    (
        lambda n: NodeCompleted(at=5, activation="a", attempt=n),
        NodeStatus.COMPLETED,
        {NodeStatus.PENDING, NodeStatus.RUNNING},
    ),
    (
        lambda n: NodeFailed(at=5, activation="a", attempt=n, error=ERROR),
        NodeStatus.FAILED,
        {NodeStatus.PENDING, NodeStatus.SCHEDULED, NodeStatus.RUNNING},
    ),
    (lambda n: NodeSkipped(at=5, activation="a"), NodeStatus.SKIPPED, {NodeStatus.PENDING}),
    (
        lambda n: NodeCancelled(at=5, activation="a"),
        NodeStatus.CANCELLED,
        {NodeStatus.PENDING, NodeStatus.SCHEDULED, NodeStatus.RUNNING},
    ),
]


def in_status(status: NodeStatus) -> tuple[Run, int]:
    """A run whose activation `a` has this status, and the number of its last attempt."""
    match status:
        case NodeStatus.PENDING:
            return begin(), 0
        case NodeStatus.SCHEDULED:
            return begin(SCHEDULED), 0
        case NodeStatus.RUNNING:
            return begin(SCHEDULED, BEGUN), 1
        case NodeStatus.COMPLETED:
            return begin(SCHEDULED, BEGUN, NodeCompleted(at=4, activation="a", attempt=1)), 1
        case NodeStatus.FAILED:
            return begin(SCHEDULED, BEGUN, NodeFailed(at=4, activation="a", attempt=1, error=ERROR)), 1
        case NodeStatus.SKIPPED:
            return begin(NodeSkipped(at=4, activation="a")), 0
        case NodeStatus.CANCELLED:
            return begin(SCHEDULED, NodeCancelled(at=4, activation="a")), 0


@pytest.mark.parametrize("current", NodeStatus)
@pytest.mark.parametrize(("make", "requested", "sources"), EVENTS)
def test_an_activation_makes_the_moves_of_its_table_and_no_other(
    current: NodeStatus, make: Make, requested: NodeStatus, sources: set[NodeStatus]
) -> None:
    run, attempt = in_status(current)
    if current in sources:
        assert requested in NODE_TRANSITIONS[current]
        evolve(run, make(attempt))
        assert requested.is_settled == ("a" not in run.activations)
    else:
        with pytest.raises(REFUSALS):
            evolve(run, make(attempt))


def test_every_row_of_the_table_has_an_event() -> None:
    rows = {(current, requested) for _, requested, sources in EVENTS for current in sources}
    assert rows == {(current, requested) for current, moves in NODE_TRANSITIONS.items() for requested in moves}


@pytest.mark.parametrize(
    "event",
    [
        AttemptBegun(at=5, activation="a", attempt=3, by="w"),
        AttemptFailed(at=5, activation="a", attempt=2, error=ERROR, not_before=5),
        AttemptInterrupted(at=5, activation="a", attempt=2, reason="crash"),
        NodeCompleted(at=5, activation="a", attempt=2),
    ],
)
def test_an_attempt_that_is_not_the_current_one_is_refused(event: AnyEvent) -> None:
    run = begin(SCHEDULED) if isinstance(event, AttemptBegun) else begin(SCHEDULED, BEGUN)
    with pytest.raises(AssertionError):
        evolve(run, event)


def test_nothing_is_entered_without_an_arrival_but_the_start() -> None:
    with pytest.raises(AssertionError, match="without an arrival"):
        begin(SCHEDULED, NodeScheduled(at=4, activation="b", node="b"))


def test_a_finalizer_runs_once() -> None:
    closing = ClosingBegan(at=3, to=WorkflowStatus.COMPLETED, cause="all settled", grace_until=9)
    again = NodeScheduled(at=4, activation="f", node="f")
    with pytest.raises(AssertionError, match="runs once"):
        begin(closing, again, NodeCancelled(at=5, activation="f"), again)


# -- what is counted --------------------------------------------------------------------------------------------


def test_versions_and_times() -> None:
    run = begin(SCHEDULED, BEGUN)
    assert (run.version, run.created_at, run.started_at, run.updated_at) == (4, 1, 1, 3)


def test_outcomes_are_counted_and_interruptions_in_a_row() -> None:
    cut = AttemptInterrupted(at=4, activation="a", attempt=1, reason="crash")
    run = begin(SCHEDULED, BEGUN, cut, AttemptBegun(at=5, activation="a", attempt=2, by="w"))
    activation = run.activations["a"]
    assert (activation.outcomes, activation.interruptions, activation.begun_by) == (0, 1, "w")
    evolve(run, AttemptFailed(at=6, activation="a", attempt=2, error=ERROR, not_before=9, abandoned=True))
    assert (activation.outcomes, activation.interruptions, activation.not_before) == (1, 0, 9)
    assert (run.ready, run.backoff, run.stopping) == ({}, {"a": 9}, {"a": [2]})


def test_a_patch_sets_whole_keys_and_removes_some() -> None:
    run = begin(SCHEDULED, BEGUN, NodeCompleted(at=4, activation="a", attempt=1, patch={"y": None}, unset=("x",)))
    assert run.data == {"y": None}


def test_the_state_that_was_given_is_not_touched() -> None:
    begin(SCHEDULED, BEGUN, NodeCompleted(at=4, activation="a", attempt=1, patch={"x": 5}))
    assert CREATED.state == {"x": 0}


def test_a_route_says_what_arrives() -> None:
    route = Route(taken=("b", "c"), dead=("c",))
    run = begin(SCHEDULED, BEGUN, NodeCompleted(at=4, activation="a", attempt=1, route=route))
    assert {name: (a.resolved, a.taken) for name, a in run.arrivals.items()} == {"b": (1, 1), "c": (2, 1)}
