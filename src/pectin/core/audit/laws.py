"""What no history may hold, one event at a time: each is held against the books before it is written into them.

A law yields a code and what is wrong. What can be read off the events alone is judged without the definition; with it,
finalizers and `once` nodes are known from the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from pectin.core.action import TIMEOUT
from pectin.core.audit.books import Books, Entering, Settled, Standing
from pectin.core.audit.calls import check_call, check_call_begun, check_call_failed, was_stopped
from pectin.core.definition import Effect, Node, RunOn
from pectin.core.event import (
    AnyEvent,
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    AttemptStopped,
    BudgetAwaited,
    BudgetReserved,
    BudgetReturned,
    BudgetSettled,
    CallApproved,
    CallParked,
    CancelRequested,
    ChildScheduled,
    ChildSpawned,
    ClosingBegan,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    ExecutionEnded,
    ExecutionHeld,
    ExecutionPaused,
    HoldReleased,
    LimitReached,
    LoopEnded,
    LoopRepeated,
    MessageReceived,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeQuarantined,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    QuarantineReleased,
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.program import Program
from pectin.core.status import WorkflowStatus

Broken = Iterator[tuple[str, str]]
"""The laws that an event breaks: code, and what is wrong."""

GOING_ON = (
    AttemptBegun,
    AttemptFailed,
    AttemptInterrupted,
    NodeQuarantined,
    QuarantineReleased,
    DoubtRaised,
    ReconcileBegun,
    ReconcileInterrupted,
    DoubtLeft,
    DoubtResolved,
    CallParked,
    CallApproved,
    BudgetReserved,
    BudgetSettled,
    BudgetReturned,
    BudgetAwaited,
)
"""What happens to an activation between its entry and its end."""


ACTED = (ExecutionHeld, HoldReleased, QuarantineReleased, MessageReceived, ClosingBegan, CancelRequested)
"""What somebody does who is named in a governed execution: a person, or the engine."""


def check(books: Books, event: AnyEvent, program: Program | None) -> Broken:
    """The laws that this event breaks."""
    if books.has_ended:
        if isinstance(event, ExecutionEnded):
            yield "another_end", "the execution ends a second time"
        elif not isinstance(event, AttemptStopped):
            yield "after_end", "the execution has ended before this"
        return
    if books.approvals is not None:
        standing = books.standing.get(getattr(event, "activation", ""))
        yield from books.approvals.check(event, standing.waiting if standing is not None else None, program)
    yield from books.purse.check(event)
    if books.is_governed and isinstance(event, ACTED) and not event.by:
        yield "acted_by_nobody", "the execution is governed, and nobody says who did this"
    match event:
        case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
            yield from _check_settled(books, event)
        case ChildSpawned() if event.activation in books.standing and books.standing[event.activation].wants_child:
            yield from _check_start(books, None, program, f"the child of `{event.activation}` begins")
        case NodeScheduled() | NodeWaiting() | NodeMapped() | ChildScheduled() | ChildSpawned():
            yield from _check_entered(books, event, program)
        case LoopRepeated() | LoopEnded():
            yield from _check_start(books, None, program, f"the loop `{event.loop}` goes on")
        case MessageReceived():
            if event.dedup is not None and event.dedup in books.dedups:
                yield "received_twice", f"`{event.name}` came under the dedup key `{event.dedup}` before"
        case LimitReached():
            if books.is_held:
                yield "limited_while_held", "a limit is passed, and the execution is held"
        case ClosingBegan():
            yield from _check_closing(books, event)
        case ExecutionEnded():
            yield from _check_end(books, event)
        case ExecutionPaused():
            yield from _check_pause(books)
        case _:
            if isinstance(event, GOING_ON):
                yield from _check_going_on(books, event, program)


# -- the execution as a whole -----------------------------------------------------------------------------------


def _check_closing(books: Books, event: ClosingBegan) -> Broken:
    if books.closing is not None:
        yield "second_closing", f"its end is decided a second time, as {event.to}; it was to be {books.closing.to}"
    elif event.to is WorkflowStatus.COMPLETED:
        if books.standing:
            yield "closed_too_soon", f"it completes, and {_names(books.standing)} has not settled"
        if books.unhandled:
            yield "failure_forgotten", f"it completes, and nobody has handled that {_names(books.unhandled)} failed"


def _check_end(books: Books, event: ExecutionEnded) -> Broken:
    if books.end is None:
        yield "another_end", f"it ends as {event.status}, and no end was decided"
    elif event.status is not books.end:
        yield "another_end", f"it ends as {event.status}, and was to end as {books.end}"
    if books.standing:
        yield "unsettled_at_end", f"it ends, and {_names(books.standing)} has not settled"


def _check_pause(books: Books) -> Broken:
    standing = books.standing.values()
    all_wait = any(one.waits for one in standing) and not any(one.is_busy or one.child for one in standing)
    if not books.is_held and not all_wait:
        yield "paused_at_work", "it pauses, and nobody holds it, and not all of it waits"


def _check_start(books: Books, node: str | None, program: Program | None, what: str) -> Broken:
    """Whether something may start now."""
    if books.is_held:
        yield "started_while_held", f"{what}, and the execution is held"
    if books.closing is None:
        return
    run_on = _node(program, node).run_on if program is not None and node in program.nodes else None
    if node is None or (program is not None and run_on is None):
        yield "started_after_closing", f"{what}, and the end was decided before: {books.closing.to}"
    elif program is not None and run_on is not RunOn.ALWAYS and _is_cancelled(books, books.closing):
        yield "started_after_closing", f"{what}, and after a cancel only finalizers on `always` run"


def _is_cancelled(books: Books, closing: ClosingBegan) -> bool:
    return books.is_cut or closing.to is WorkflowStatus.CANCELLED


# -- how an activation begins and ends --------------------------------------------------------------------------


def _check_entered(books: Books, event: Entering, program: Program | None) -> Broken:
    name = event.activation
    if name in books.standing or name in books.settled:
        yield "entered_twice", f"`{name}` was entered before"
    is_finalizer = isinstance(event, NodeScheduled) and event.loop is None and event.map is None
    yield from _check_start(books, event.node if is_finalizer else None, program, f"`{name}` is entered")
    if isinstance(event, NodeScheduled):
        yield from check_call_begun(None, event, program)
    if (
        program is not None
        and isinstance(event, NodeScheduled | ChildScheduled | ChildSpawned)
        and event.map in books.standing
    ):
        yield from _check_room(books.standing[event.map], name, program)


def _check_room(mapping: Standing, name: str, program: Program) -> Broken:
    each = _node(program, mapping.node).each if mapping.node in program.nodes else None
    if each is not None and each.max_concurrency is not None and mapping.items >= each.max_concurrency:
        yield "crowded", f"`{name}` is entered, and {mapping.items} of {each.max_concurrency} items have not settled"


def _check_settled(books: Books, event: Settled) -> Broken:
    name = event.activation
    standing = books.standing.get(name)
    if name in books.settled:
        yield "second_outcome", f"`{name}` has its outcome already"
    elif standing is None:
        yield from _check_start(books, None, None, f"`{name}` settles on entry")
    elif isinstance(event, NodeCancelled):
        yield from _check_cancelled(standing, event)
    elif isinstance(event, NodeCompleted | NodeFailed):
        if standing.waiting is not None:
            yield from _check_wait_over(books, name, standing.waiting, event)
        if isinstance(event, NodeFailed) and was_stopped(standing, event):
            if standing.parked is not None:
                yield from check_call_failed(standing, standing.parked, event)
        elif standing.attempt and not _is_attempt(standing, event.attempt):
            yield "outcome_of_none", f"attempt {event.attempt} of `{name}` has an outcome, and is not running"
        elif not standing.attempt and event.attempt:
            yield "outcome_of_none", f"attempt {event.attempt} of `{name}` has an outcome, and was never begun"


def _check_cancelled(standing: Standing, event: NodeCancelled) -> Broken:
    name = event.activation
    if event.child != standing.child:
        yield "child_left_alone", f"`{name}` is cancelled, and its child is {standing.child}, not {event.child}"
    if event.in_doubt != standing.in_doubt:
        is_so = "is in doubt" if standing.in_doubt else "is not in doubt"
        yield "doubt_forgotten", f"`{name}` is cancelled and {is_so}, and the event says otherwise"
    running = standing.attempt if standing.is_running else 0
    if event.attempt != running:
        yield "stop_forgotten", f"`{name}` is cancelled, its attempt {running} runs, and {event.attempt} is to stop"


# -- attempts ---------------------------------------------------------------------------------------------------


def _check_going_on(books: Books, event: AnyEvent, program: Program | None) -> Broken:
    name: str = getattr(event, "activation", "")
    standing = books.standing.get(name)
    if standing is None:
        yield "not_open", f"`{name}` was not entered, or has settled"
        return
    match event:
        case AttemptBegun():
            node = standing.node if standing.is_late else None
            yield from _check_start(books, node, program, f"attempt {event.attempt} of `{name}` begins")
            yield from _check_begun(standing, event, program)
            yield from check_call_begun(standing, event, program)
        case ReconcileBegun():
            node = standing.node if standing.is_late else None
            yield from _check_start(books, node, program, f"somebody asks about `{name}`")
        case AttemptFailed():
            yield from _check_attempt(standing, name, event.attempt, "has failed")
            yield from _check_retry(standing, event)
        case AttemptInterrupted():
            yield from _check_attempt(standing, name, event.attempt, "was cut off")
        case DoubtRaised():
            yield from _check_attempt(standing, name, event.attempt, "is in doubt")
        case CallParked() | CallApproved():
            yield from check_call(books, standing, event)
        case _:
            pass


def _check_begun(standing: Standing, event: AttemptBegun, program: Program | None) -> Broken:
    name, attempt = event.activation, event.attempt
    if attempt != standing.attempt + 1:
        yield "misnumbered", f"attempt {attempt} of `{name}` begins after attempt {standing.attempt}"
    if standing.is_running:
        yield "begun_while_running", f"attempt {attempt} of `{name}` begins, and {standing.attempt} has not ended"
    elif standing.in_doubt or (standing.may_have_happened and _is_once(standing, program)):
        yield (
            "once_again",
            f"attempt {attempt} of `{name}` begins, and nobody knows whether {standing.attempt} happened",
        )
    if event.at < standing.not_before:
        early = standing.not_before - event.at
        yield "begun_early", f"attempt {attempt} of `{name}` begins {early} ms before its backoff is over"
    if standing.in_quarantine:
        yield "begun_in_quarantine", f"attempt {attempt} of `{name}` begins, and it is in quarantine"


def _check_attempt(standing: Standing, name: str, attempt: int, what: str) -> Broken:
    if not _is_attempt(standing, attempt):
        yield "outcome_of_none", f"attempt {attempt} of `{name}` {what}, and is not running"


def _check_retry(standing: Standing, event: AttemptFailed) -> Broken:
    name, retry = event.activation, standing.retry
    outcomes_max = 1 if retry is None else retry.max_attempts
    if standing.outcomes + 1 >= outcomes_max:
        yield (
            "tried_too_often",
            f"`{name}` is to be tried again after {standing.outcomes + 1} of {outcomes_max} attempts",
        )
    elif retry is not None and not retry.allows(event.error.error_class):
        yield "tried_unasked", f"`{name}` is to be tried again after {event.error.error_class}"


def _is_attempt(standing: Standing, attempt: int) -> bool:
    """Whether this attempt can have an outcome now."""
    return standing.attempt == attempt and (standing.is_running or standing.in_doubt)


def _is_once(standing: Standing, program: Program | None) -> bool:
    """Whether its body may be entered once. Without the definition that is known only of what was in doubt."""
    if program is None or standing.node not in program.nodes:
        return standing.is_once
    return _node(program, standing.node).effect is Effect.ONCE


def _node(program: Program, node: str | None) -> Node:
    return program.nodes[node or ""]


# -- waits, decisions and messages ------------------------------------------------------------------------------


def _check_wait_over(books: Books, name: str, waiting: NodeWaiting, event: NodeCompleted | NodeFailed) -> Broken:
    if event.message is not None:
        yield from _check_message(books, name, waiting, event.message)
    elif waiting.decisions:
        yield from _check_decision(name, waiting, event)
    elif waiting.until is None:
        yield "ended_by_nothing", f"`{name}` has waited for something else, and no message came"
    elif event.at < waiting.until:
        yield "early", f"the time of `{name}` is up {waiting.until - event.at} ms before it is"


def _check_decision(name: str, waiting: NodeWaiting, event: NodeCompleted | NodeFailed) -> Broken:
    shown = cast(object, event.output)
    output = cast("dict[str, object]", shown) if isinstance(shown, dict) else {}
    decision, by = output.get("decision"), output.get("by")
    is_over = waiting.until is not None and event.at >= waiting.until
    if decision == TIMEOUT or (decision is None and isinstance(event, NodeFailed)):
        if waiting.until is None:
            yield "ended_by_nothing", f"`{name}` has no deadline, and nobody has decided it"
        elif not is_over:
            yield "early", f"the deadline of `{name}` passes {waiting.until - event.at} ms before it is over"
    elif decision not in waiting.decisions:
        yield "not_offered", f"`{name}` is decided as {decision!r}; asked were {', '.join(waiting.decisions)}"
    elif not by:
        yield "decided_by_nobody", f"`{name}` is decided as {decision!r}, and nobody says by whom"


def _check_message(books: Books, name: str, waiting: NodeWaiting, seq: int) -> Broken:
    message = books.inbox.get(seq)
    if message is None:
        if seq in books.taken:
            yield "taken_twice", f"`{name}` takes the message of event {seq}, which was taken before"
        else:
            yield "never_received", f"`{name}` takes a message, and event {seq} brought none that could be taken"
        return
    if message.correlation is not None:
        if (waiting.event, waiting.correlation) != (message.name, message.correlation):
            yield "misdirected", f"`{name}` takes the event `{message.name}`, which is for another wait"
        return
    if waiting.signal != message.name:
        yield "misdirected", f"`{name}` takes the signal `{message.name}`, which is for another wait"
        return
    older = next(s for s, m in books.inbox.items() if m.correlation is None and m.name == message.name)
    first = next(n for n, s in books.standing.items() if s.waiting is not None and s.waiting.signal == message.name)
    if older != seq:
        yield "out_of_turn", f"`{name}` takes the signal of event {seq} before that of event {older}"
    elif first != name:
        yield "out_of_turn", f"`{name}` takes the signal `{message.name}` before `{first}`, which waits longer"


def _names(names: dict[str, Standing] | set[str]) -> str:
    listed = [f"`{name}`" for name in (names if isinstance(names, dict) else sorted(names))]
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more
