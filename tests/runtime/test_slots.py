"""Who gets a slot: what follows goes first, and nobody waits for ever."""

from __future__ import annotations

from pectin.core.command import Complete, Wake
from pectin.core.identity import ExecutionId
from pectin.runtime.slots import FAIR_EVERY, Slots

ONE, OTHER = ExecutionId.new(), ExecutionId.new()
DONE = Complete(at=0, activation="add", attempt=1)
WAKE = Wake(at=0)


def test_a_command_is_offered_what_is_free() -> None:
    slots = Slots(2)
    assert slots.offer(OTHER, DONE) == 2
    slots.take(ONE, 3)
    assert slots.offer(OTHER, DONE) == slots.offer(ONE, WAKE) == 0
    slots.release(2)
    assert slots.offer(OTHER, DONE) == slots.offer(ONE, WAKE) == 1


def test_the_longest_waiting_is_promised_a_slot_and_nobody_takes_it_away() -> None:
    slots = Slots(1)
    slots.queue(ONE)
    slots.queue(OTHER)
    slots.queue(ONE)  # it keeps its place
    assert slots.promise() == [ONE]
    assert slots.promise() == []
    assert slots.offer(OTHER, DONE) == slots.offer(OTHER, WAKE) == 0
    assert slots.offer(ONE, WAKE) == 1
    slots.redeem(ONE)
    assert slots.promise() == [OTHER]
    assert not slots.waiting


def test_who_takes_the_slot_that_was_promised_is_not_counted_twice() -> None:
    slots = Slots(2)
    slots.queue(ONE)
    assert slots.promise() == [ONE]
    assert slots.offer(OTHER, DONE) == 1
    slots.take(ONE, 1)
    assert slots.offer(OTHER, DONE) == 1
    slots.redeem(ONE)
    assert slots.offer(OTHER, DONE) == 1


def test_who_wants_none_any_more_is_promised_none() -> None:
    slots = Slots(1)
    slots.queue(ONE)
    slots.leave(ONE)
    slots.leave(OTHER)
    assert slots.promise() == []


def test_now_and_then_a_command_leaves_its_slot_to_one_that_waits() -> None:
    slots = Slots(1)
    assert {slots.offer(OTHER, DONE) for _ in range(2 * FAIR_EVERY)} == {1}
    slots.queue(ONE)
    assert [slots.offer(OTHER, DONE) for _ in range(2 * FAIR_EVERY)].count(0) == 2
