"""What must hold after a torture, read from the store and from the ledger. Each function gives its complaints.

Some of it holds at every moment, so it is looked for in what the dead have left too, before anybody recovers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from pectin import WorkflowStatus
from pectin.core.event import (
    ChildSpawned,
    ClosingBegan,
    DoubtResolved,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionHeld,
    HoldReleased,
    MessageReceived,
    NodeCompleted,
    QuarantineReleased,
)
from pectin.core.identity import ExecutionId, idempotency_key
from tests.torture.deal import deal
from tests.torture.people import CANCELLER
from tests.torture.reading import Book, Told
from tests.torture.workload import decision_of, number_of, order

ONCE = ("charge", "ship")


def judge_what_was_left(book: Book) -> list[str]:
    """What holds at every moment: nothing acknowledged is lost, every history is whole, nobody is stranded by the
    store's word, and no effect is beyond its promise."""
    complaints = [f"the file: {line}" for line in book.damage] + book.gaps
    for told in book.told.values():
        complaints += [
            f"{told.name}: {finding.code} at {finding.where}: {finding.message}" for finding in told.findings
        ]
    complaints += _acks(book)
    complaints += _excess(book)
    complaints += _rows(book)
    return complaints


def judge_the_end(book: Book, calm: Book) -> list[str]:
    """What holds once all have ended, besides: they ended as in a calm run, with the effects that they should have."""
    complaints = judge_what_was_left(book)
    for told in book.told.values():
        complaints += _end(told)
    complaints += _as_calm(book, calm)
    complaints += _effects(book)
    complaints += _messages(book)
    complaints += _children(book)
    return complaints


# -- what was acknowledged -----------------------------------------------------------------------------------


def _acks(book: Book) -> Iterator[str]:
    for ack in book.acks:
        key, did = ack["key"], ack["did"]
        told = book.told.get(key) or (book.told.get(ack["execution"]) if did == "start" else None)
        if did == "release" and not key:
            continue
        if told is None:
            yield f"{key}: `{did}` was acknowledged, and the execution is lost"
        elif not _is_there(ack, told, book):
            yield f"{key}: `{did}` was acknowledged, and is lost: {ack}"


def _is_there(ack: dict[str, Any], told: Told, book: Book) -> bool:
    run = told.run
    number = number_of(ack["key"])
    match ack["did"]:
        case "start":
            return told.row.execution == ExecutionId.parse(ack["execution"])
        case "decide":
            decided = run.decided.get("review")
            return decided is not None and decided.decision == ack["decision"]
        case "send":
            return ("parcel", f"parcel {number}") in book.received
        case "signal":
            return any(isinstance(event, MessageReceived) and event.dedup == f"go {number}" for event in told.events)
        case "resolve":
            return any(
                isinstance(event, DoubtResolved)
                and (event.activation, event.happened) == (ack["activation"], ack["happened"])
                for event in told.events
            )
        case "cancel":
            if run.closing is not None:
                return run.closing.to is WorkflowStatus.CANCELLED
            return run.status is WorkflowStatus.CANCELLED
        case "hold":
            return any(isinstance(event, ExecutionHeld) for event in told.events)
        case "release":
            return any(isinstance(event, HoldReleased | QuarantineReleased) for event in told.events)
        case other:
            raise AssertionError(f"nobody acknowledges `{other}`")


# -- effects against their promises --------------------------------------------------------------------------


def _counts(book: Book, effect: str) -> Counter[str]:
    """How often each key had this effect, repeats that the ledger knew left out."""
    return Counter(line["key"] for line in book.effects if line["effect"] == effect and not line["is_repeat"])


def _excess(book: Book) -> Iterator[str]:
    """No effect beyond its promise, at any moment."""
    for effect, what in (("keyed", "paid"), ("once", "entered")):
        for key, count in _counts(book, effect).items():
            if count > 1:
                yield f"{effect} {key} was {what} {count} times"
    keys = {(line["number"], line["key"]) for line in book.effects if line["effect"] == "keyed"}
    for number, count in Counter(number for number, _ in keys).items():
        if count > 1:
            yield f"order {number} was paid under {count} keys"


def _rows(book: Book) -> Iterator[str]:
    """The rows of transactional nodes are there exactly as often as their completions, at any moment."""
    booked = Counter(book.booked)
    should = Counter(idempotency_key(told.row.execution, "book") for told in _of(book, deal.id) if _has(told, "book"))
    for key in booked.keys() | should.keys():
        if booked[key] != should[key]:
            yield f"transactional {key}: {booked[key]} rows for {should[key]} completions"


def _effects(book: Book) -> Iterator[str]:
    """What ended has had its effects, and what didn't want any had none."""
    keyed, once, idempotent = (_counts(book, effect) for effect in ("keyed", "once", "idempotent"))
    for told in _of(book, order.id):
        key = idempotency_key(told.row.execution, "pay")
        paid = keyed.pop(key, 0)
        if _has(told, "pay") and paid == 0:
            yield f"{told.name}: it is said to be paid, and the ledger knows nothing of it"
        if paid and decision_of(number_of(told.name)) == "rejected":
            yield f"{told.name}: it was paid although it was rejected"
    for told in _of(book, deal.id):
        for node in ONCE:
            if once.pop(idempotency_key(told.row.execution, node), 0) == 0 and _has(told, node):
                yield f"{told.name}: `{node}` is said to have happened, and the ledger knows nothing of it"
        if idempotent.pop(idempotency_key(told.row.execution, "count"), 0) == 0 and _has(told, "count"):
            yield f"{told.name}: `count` is said to have happened, and the ledger knows nothing of it"
    for effect, left in (("keyed", keyed), ("once", once), ("idempotent", idempotent)):
        yield from (f"{effect} {key} is of no execution" for key in left)


def _of(book: Book, workflow: str) -> list[Told]:
    return [told for told in book.told.values() if told.row.workflow_id == workflow]


def _has(told: Told, activation: str) -> bool:
    return any(isinstance(event, NodeCompleted) and event.activation == activation for event in told.events)


# -- ends ----------------------------------------------------------------------------------------------------


def _end(told: Told) -> Iterator[str]:
    if not told.row.status.is_terminal:
        yield f"{told.name} has not ended but is {told.row.status}"
    elif told.row.due is not None or told.run.activations or told.run.stopping:
        yield f"{told.name} has ended, and something of it goes on"
    ends = sum(isinstance(event, ExecutionEnded) for event in told.events)
    if ends > 1:
        yield f"{told.name} has ended {ends} times"


def _as_calm(book: Book, calm: Book) -> Iterator[str]:
    """Each ended as in a calm run, but for those that were cancelled, which a calm run doesn't do."""
    for name, expected in calm.told.items():
        if expected.row.key is None:
            continue
        told = book.told.get(name)
        if told is None:
            yield f"{name} is not there"
        elif told.row.status is WorkflowStatus.CANCELLED:
            if not any(isinstance(event, ClosingBegan) and event.by == CANCELLER for event in told.events):
                yield f"{name} is cancelled, and nobody asked for that"
        elif told.row.status is not expected.row.status:
            yield f"{name} is {told.row.status}, and in a calm run {expected.row.status}"
        elif _plain(told.run.data) != _plain(expected.run.data):
            yield f"{name} ended with {told.run.data}, and in a calm run with {expected.run.data}"


def _plain(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the order in which branches appended."""
    return {**state, "notes": sorted(state["notes"])} if "notes" in state else state


def _messages(book: Book) -> Iterator[str]:
    """What was sent once or often has come once."""
    for told in book.told.values():
        received = Counter(event.name for event in told.events if isinstance(event, MessageReceived))
        for name, count in received.items():
            if count > 1:
                yield f"{told.name} has received `{name}` {count} times"
    for ack in book.acks:
        told = book.told.get(ack["key"])
        if ack["did"] != "send" or told is None or told.row.status is WorkflowStatus.CANCELLED:
            continue
        if not any(isinstance(event, MessageReceived) and event.name == "parcel" for event in told.events):
            yield f"{told.name}: its parcel was acknowledged, and never came"


def _children(book: Book) -> Iterator[str]:
    """Each child that was spawned is there and has ended before its parent, and there is no other."""
    spawned = {
        str(ExecutionId.parse(event.child)): told
        for told in book.told.values()
        for event in told.events
        if isinstance(event, ChildSpawned)
    }
    children = {told.name: told for told in book.told.values() if _is_child(told.events)}
    for name in spawned.keys() ^ children.keys():
        yield f"{name} was spawned, and is not there" if name in spawned else f"{name} is a child of nobody"
    for name, child in children.items():
        parent = spawned.get(name)
        if parent is not None and not child.row.status.is_terminal and parent.row.status.is_terminal:
            yield f"{name} goes on although its parent {parent.name} has ended"


def _is_child(events: Iterable[Any]) -> bool:
    return any(isinstance(event, ExecutionCreated) and event.parent is not None for event in events)
