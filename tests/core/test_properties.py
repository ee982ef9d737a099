"""The laws of the core, over random graphs and random orders of what arrives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from pectin.core import causal
from pectin.core.command import (
    Begin,
    Cancel,
    Complete,
    Decide,
    Fail,
    Hold,
    Interrupt,
    Release,
    Signal,
    Start,
    Stopped,
    Wake,
)
from pectin.core.error import ErrorData
from pectin.core.event import EVENTS, decode_events, encode_events
from pectin.core.evolve import fold
from pectin.core.state import KeyWrites, Run, decode_snapshot, encode_snapshot
from pectin.core.status import NODE_TRANSITIONS, WORKFLOW_TRANSITIONS, WorkflowStatus
from tests.core.campaign import CheckedPlay, Counts, compare_many, compare_orders, play_checked, program_of
from tests.core.feature import ALWAYS, features

EFFORT = settings().max_examples
IS_THOROUGH = EFFORT > 50
GRAPHS = 3_000 if IS_THOROUGH else 60
ORDERS = 8
ROUGH = 1_000 if IS_THOROUGH else 400
PROCESSES = 2

UNREACHED = {(WorkflowStatus.PAUSED, WorkflowStatus.CANCELLED)}
"""Every end closes first, and what closes is running."""

ANSWERS = {
    *("requester", "not_an_approver"),
    *("Done", "Already", "stale", "late", "not_held", "not_waiting", "ended", "dedup_taken"),
    *("stale_edit", "bad_edit", "other_request", "unknown_decision", "no_actor"),
}


@cache
def calm_campaign() -> Counts:
    """Every graph in every order, shared out among processes."""
    counts = Counts(Counter(), Counter())
    shares = [range(first, GRAPHS, 2 * PROCESSES) for first in range(2 * PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        for part in pool.map(compare_many, shares, [ORDERS] * len(shares)):
            counts.add(part)
    return counts


@cache
def rough_campaign() -> tuple[CheckedPlay, ...]:
    return tuple(play_checked(seed) for seed in range(ROUGH))


def test_no_outcome_depends_on_the_order() -> None:
    seen = calm_campaign().seen
    assert seen["compared"] + seen["cut short"] + seen["cut by a budget"] == GRAPHS * ORDERS
    assert seen["compared"] > GRAPHS * ORDERS * 0.6, "what is cut short shows little"


def test_the_campaign_reaches_everything() -> None:
    seen, answers = Counter(calm_campaign().seen), Counter[str]()
    for play in rough_campaign():
        seen += features(play.program.definition, play.events)
        answers += play.answers
    assert not {event.__name__ for event in EVENTS} - seen.keys()
    assert not ALWAYS - seen.keys()
    assert not ANSWERS - answers.keys()


def test_the_campaign_walks_every_row_of_both_tables() -> None:
    moves = Counter(calm_campaign().moves)
    for play in rough_campaign():
        moves += play.ledger.moves
    rows: set[object] = {(one, other) for one, moves_on in WORKFLOW_TRANSITIONS.items() for other in moves_on}
    rows |= {(one, other) for one, moves_on in NODE_TRANSITIONS.items() for other in moves_on}
    assert moves.keys() == rows - UNREACHED
    assert all(count >= 5 for count in moves.values()), moves
    ends = Counter(play.run.status for play in rough_campaign())
    assert min(ends[status] for status in WorkflowStatus if status.is_terminal) >= 3, ends


def test_what_makes_no_difference_keeps_every_law() -> None:
    for seed in range(EFFORT):
        play_checked(seed, calm=True)


def test_terminal_absorbs() -> None:
    error = ErrorData("io_error", "OSError", "no")
    for play in rough_campaign():
        status, at = play.run.status, play.now
        for name in [*play.run.stopping, "n0", "nobody"]:
            play.send(Stopped(at=at, activation=name, attempt=1))
            play.send(Complete(at=at, begin=Begin("w", 3), activation=name, attempt=1, patch={"shared": 5}))
            play.send(Fail(at=at, activation=name, attempt=1, error=error, timed_out=True))
            play.send(Decide(at=at, activation=name, decision="approved", by="reviewer"))
        play.send(Wake(at=at + 10**12, begin=Begin("w", 9)))
        play.send(Hold(at=at, by="operator"))
        play.send(Release(at=at, by="operator"))
        play.send(Signal(at=at, name="go"))
        play.send(Cancel(at=at, by="operator"))
        play.send(Interrupt(at=at, reason="crash"))
        play.send(Start(at=at, execution_id="x", input={}, state={}, definition="d"))
        assert play.run.status is status
        assert not play.run.stopping


def test_the_state_is_the_fold_of_the_history() -> None:
    for play in rough_campaign():
        assert fold(Run(), play.events) == play.run
        assert decode_events(encode_events(play.events)) == play.events
        cut = play.random.randrange(len(play.events))
        first = fold(Run(), play.events[:cut])
        assert decode_snapshot(encode_snapshot(first)) == first
        assert fold(decode_snapshot(encode_snapshot(first)), play.events[cut:]) == play.run


def test_merging_what_the_same_ones_have_seen_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    assert campaign_of_merges(monkeypatch, range(EFFORT)) > EFFORT


def campaign_of_merges(patch: pytest.MonkeyPatch, seeds: Iterable[int]) -> int:
    """Lets writes be merged whenever they can be; how often that changed something."""
    real: Any = causal._merge  # pyright: ignore[reportPrivateUsage]
    merges = 0

    def merge(run: Run, kept: KeyWrites, seen: causal.Seen) -> causal.Seen:
        nonlocal merges
        before = len(kept.writes)
        after = real(run, kept, seen)
        kept.room = 0
        merges += len(kept.writes) < before
        return after

    patch.setattr(causal, "_merge", merge)
    patch.setattr(causal, "ROOM", 0)
    for seed in seeds:
        compare_orders(seed, range(4))
        play = CheckedPlay(program_of(seed), seed, Random(seed)).play()
        assert fold(Run(), play.events) == play.run
    return merges
