"""The laws of the core, over random graphs and random orders of what arrives; and proof that the laws can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from pectin.core import causal, edge, evolve
from pectin.core.activation import parse_activation
from pectin.core.codec import canonical
from pectin.core.command import AnyCommand, Begin, Cancel, Complete, Decide, Fail, Interrupt, Start, Stopped, Wake
from pectin.core.decide import Decision, decide
from pectin.core.decide.route import follow, loop_of
from pectin.core.decide.turn import Turn
from pectin.core.definition import Trigger
from pectin.core.error import ErrorData, PectinError
from pectin.core.event import (
    AnyEvent,
    AttemptInterrupted,
    AttemptStopped,
    ClosingBegan,
    LoopRepeated,
    NodeSkipped,
    Route,
    decode_events,
    encode_events,
)
from pectin.core.evolve import fold
from pectin.core.graph import Loop
from pectin.core.program import Program
from pectin.core.state import KeyWrites, LoopState, Run, decode_snapshot, encode_snapshot
from pectin.core.status import NODE_TRANSITIONS, WORKFLOW_TRANSITIONS, NodeStatus, WorkflowStatus
from pectin.core.work import is_at_work, next_wake, split_events
from pectin.nodes import bind
from tests.core.ledger import Ledger
from tests.core.play import Play
from tests.core.world import random_definition

EFFORT = settings().max_examples
GRAPHS = 6 * EFFORT
ORDERS = 6
ROUGH = 3 * EFFORT

UNREACHED = {
    (WorkflowStatus.PAUSED, WorkflowStatus.CANCELLED),  # every end closes first, and what closes is running
    (NodeStatus.PENDING, NodeStatus.CANCELLED),  # an activation is not entered before it is ready
}


class CheckedPlay(Play):
    """Holds the run against the ledger after every command, and sends every command twice."""

    __slots__ = ("ledger",)

    def send(self, command: AnyCommand) -> Decision:
        if not self.sent:
            self.ledger = Ledger()
        was_over = self.run.status.is_terminal
        decision = super().send(command)
        self.ledger.read(decision.events)
        if was_over:
            assert all(isinstance(event, AttemptStopped) for event in decision.events), "terminal absorbs"
        check_counts(self.run, self.ledger, self.now)
        check_views(self.run, self.ledger)
        check_somebody_is_at_it(self.run)
        check_rows(decision.events)
        self.check_repetition(command)
        self.check_repetition(self.random.choice(self.sent))
        return decision

    def check_repetition(self, command: AnyCommand) -> None:
        if not isinstance(command, Wake | Interrupt):
            assert decide(self.program, self.run, command).events == [], f"{command} was repeated"


def check_counts(run: Run, ledger: Ledger, now: int) -> None:
    assert run.activations.keys() == ledger.unsettled()
    assert {name: a.status for name, a in run.activations.items()} == {n: ledger.nodes[n] for n in run.activations}
    assert (run.status, run.busy, run.waits) == (ledger.status, ledger.busy(), len(ledger.waiting))
    assert run.ready.keys() == ledger.ready()
    assert run.backoff == ledger.backoff
    assert {(name, n) for name, attempts in run.stopping.items() for n in attempts} == ledger.stopping
    assert next_wake(run) == ledger.next_wake()
    for at in (now, now + 60_000):
        assert is_at_work(run, at) == ledger.is_at_work(at)


def check_views(run: Run, ledger: Ledger) -> None:
    if run.closing is None:
        for name, activation in run.activations.items():
            assert causal.view(run, activation.seen) == ledger.view(name), f"{name} sees something else"


def check_somebody_is_at_it(run: Run) -> None:
    """Nobody is stranded."""
    running = any(activation.begun_by is not None for activation in run.activations.values())
    has_future = running or run.ready or run.backoff or run.waits or run.in_grace
    assert bool(has_future) != run.status.is_terminal


def check_rows(events: list[AnyEvent]) -> None:
    batches = split_events(5, events)
    assert [event for batch in batches for event in batch.events] == events
    assert [batch.seq for batch in batches] == [
        5 + sum(len(b.events) for b in batches[:i]) for i in range(len(batches))
    ]
    settled = [batch.settles for batch in batches]
    assert all(settled[:-1]), "a row more than outcomes need"


def check_history(play: Play) -> Ledger:
    """What a whole history must keep to, whatever the order."""
    ledger = Ledger().read(play.events)
    assert max(ledger.entered.values()) == 1
    edges = play.program.definition.edges
    for event in play.events:
        if isinstance(event, LoopRepeated):
            header = parse_activation(event.loop).node
            limits = [e.max_iterations or 0 for e in edges if e.trigger is Trigger.REPEAT and e.target == header]
            assert event.iteration <= min(limits), f"{event.loop} goes round once too often"
    return ledger


@cache
def program_of(seed: int) -> Program:
    return bind(random_definition(seed))


def outcome(play: Play, ledger: Ledger) -> tuple[Any, ...]:
    """What must not depend on the order. A failed map cancels its other items as it finds them."""
    if play.run.status is not WorkflowStatus.COMPLETED:
        return (None,)
    settled = {name: status for name, status in ledger.settled().items() if "#" not in name}
    return (settled, play.run.data)


def compare_orders(seed: int, orders: Iterable[int], program: Program | None = None) -> Counter[object]:
    """Plays a graph in several orders; the moves that were made."""
    moves: Counter[object] = Counter()
    first: tuple[Any, ...] | None = None
    for order in orders:
        play = Play(program or program_of(seed), seed, Random(order)).play()
        ledger = check_history(play)
        moves += ledger.moves
        first = first or outcome(play, ledger)
        assert outcome(play, ledger) == first, f"graph {seed} depends on the order: {order}"
    return moves


def play_roughly(seed: int) -> CheckedPlay:
    """With cancels, crashes, time-outs and deadlines, checked after every command."""
    play = CheckedPlay(program_of(seed), seed, Random(seed), calm=False)
    play.play()
    return play


@cache
def campaign() -> tuple[Counter[object], tuple[CheckedPlay, ...]]:
    moves: Counter[object] = Counter()
    for seed in range(GRAPHS):
        moves += compare_orders(seed, range(ORDERS))
    rough = tuple(play_roughly(seed) for seed in range(ROUGH))
    for play in rough:
        moves += check_history(play).moves
    return moves, rough


# -- the laws ---------------------------------------------------------------------------------------------------


def test_no_outcome_depends_on_the_order() -> None:
    campaign()


def test_the_campaign_walks_every_row_of_both_tables() -> None:
    moves, rough = campaign()
    rows: set[object] = {(one, other) for one, moves_on in WORKFLOW_TRANSITIONS.items() for other in moves_on}
    rows |= {(one, other) for one, moves_on in NODE_TRANSITIONS.items() for other in moves_on}
    assert moves.keys() == rows - UNREACHED
    assert all(count >= 5 for count in moves.values()), moves
    ends = Counter(play.run.status for play in rough)
    assert min(ends[status] for status in WorkflowStatus if status.is_terminal) >= 3, ends


def test_terminal_absorbs() -> None:
    error = ErrorData("io_error", "OSError", "no")
    for play in campaign()[1]:
        status, at = play.run.status, play.now
        for name in [*play.run.stopping, "n0", "nobody"]:
            play.send(Stopped(at=at, activation=name, attempt=1))
            play.send(Complete(at=at, begin=Begin("w", 3), activation=name, attempt=1, patch={"shared": 5}))
            play.send(Fail(at=at, activation=name, attempt=1, error=error, timed_out=True))
            play.send(Decide(at=at, activation=name, decision="approved", by="reviewer"))
        play.send(Wake(at=at + 10**12, begin=Begin("w", 9)))
        play.send(Cancel(at=at, by="operator"))
        play.send(Interrupt(at=at, reason="crash"))
        play.send(Start(at=at, execution_id="x", input={}, state={}, definition="d"))
        assert play.run.status is status
        assert not play.run.stopping


def test_the_state_is_the_fold_of_the_history() -> None:
    for play in campaign()[1]:
        assert fold(Run(), play.events) == play.run
        assert decode_events(encode_events(play.events)) == play.events
        cut = play.random.randrange(len(play.events))
        first = fold(Run(), play.events[:cut])
        assert decode_snapshot(encode_snapshot(first)) == first
        assert fold(decode_snapshot(encode_snapshot(first)), play.events[cut:]) == play.run


def test_an_end_is_decided_once() -> None:
    for play in campaign()[1]:
        assert sum(isinstance(event, ClosingBegan) for event in play.events) == 1


def test_merging_what_the_same_ones_have_seen_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    merged = campaign_of_merges(monkeypatch, range(EFFORT))
    assert merged > EFFORT


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
        compare_orders(seed, range(ORDERS))
        play = CheckedPlay(program_of(seed), seed, Random(seed)).play()
        assert fold(Run(), play.events) == play.run
    return merges


# -- the laws can fail ------------------------------------------------------------------------------------------

ENTER: Any = import_module("pectin.core.decide.enter")
ATTEMPT: Any = import_module("pectin.core.decide.attempt")
Plant = Callable[[pytest.MonkeyPatch], object]


def _live_views(patch: pytest.MonkeyPatch) -> None:
    def view(run: Run, seen: causal.Seen) -> Any:
        return run.data

    patch.setattr(causal, "view", view)


def _last_writer_only(patch: pytest.MonkeyPatch) -> None:
    def find(run: Run, seen: causal.Seen, changes: dict[str, Any], unset: tuple[str, ...] = ()) -> Any:
        for key, value in changes.items():
            last = run.writes[key].writes[-1] if key in run.writes else None
            if last is not None and last.id not in seen and canonical(last.value) != canonical(value):
                return key, last.activation
        return None

    patch.setattr(causal, "find_conflict", find)


def _first_arrival_enters(patch: pytest.MonkeyPatch) -> None:
    def look_at(current: Turn, name: str) -> None:
        if current.run.arrivals[name].taken:
            ENTER.enter(current, name)

    patch.setattr(ENTER, "_look_at", look_at)


def _entered_again(patch: pytest.MonkeyPatch) -> None:
    real: Any = ENTER._look_at

    def look_at(current: Turn, name: str) -> None:
        if name in current.run.arrivals:
            real(current, name)
        else:
            ENTER.enter(current, name)

    patch.setattr(ENTER, "_look_at", look_at)


def _exits_remembered(patch: pytest.MonkeyPatch) -> None:
    real = edge.repeat

    def repeat(run: Run, event: LoopRepeated) -> None:
        before: LoopState = run.loops[event.loop]
        real(run, event)
        run.loops[event.loop].exits.extend(before.exits)

    patch.setattr(edge, "repeat", repeat)


def _interruption_resets(patch: pytest.MonkeyPatch) -> None:
    real: Any = evolve._interrupt  # pyright: ignore[reportPrivateUsage]

    def interrupt(run: Run, event: AttemptInterrupted) -> None:
        real(run, event)
        run.activations[event.activation].outcomes = 0

    patch.setattr(evolve, "_interrupt", interrupt)


def _late_result_applied(patch: pytest.MonkeyPatch) -> None:
    def running(current: Turn, name: str, attempt: int) -> Any:
        return current.run.activations.get(name)

    patch.setattr(ATTEMPT, "_running", running)


def _one_iteration_more(patch: pytest.MonkeyPatch) -> None:
    real = Loop.__init__

    def init(self: Loop, header: str, body: frozenset[str], members: int, max_iterations: int | None) -> None:
        real(self, header, body, members, max_iterations and max_iterations + 1)

    patch.setattr(Loop, "__init__", init)


def _dead_end(patch: pytest.MonkeyPatch) -> None:
    def skip(current: Turn, name: str) -> None:
        loop = loop_of(current, name)
        current.emit(NodeSkipped(at=current.at, activation=name, loop=loop, route=Route()))
        follow(current, Route(), loop)

    patch.setattr(ENTER, "skip", skip)


def _merged_blindly(patch: pytest.MonkeyPatch) -> None:
    def merge(run: Run, kept: KeyWrites, seen: causal.Seen) -> causal.Seen:
        kept.writes = kept.writes[-1:]
        return seen

    patch.setattr(causal, "_merge", merge)
    patch.setattr(causal, "ROOM", 0)


def _header_unannounced(patch: pytest.MonkeyPatch) -> None:
    """Forgets that a branch is alive whose next activation is not entered yet."""
    real: Any = causal.write

    def write(run: Run, *rest: Any) -> Any:
        arrivals, run.arrivals = run.arrivals, {}
        try:
            return real(run, *rest)
        finally:
            run.arrivals = arrivals

    patch.setattr(causal, "write", write)


@pytest.mark.parametrize(
    "plant",
    [
        _live_views,
        _last_writer_only,
        _first_arrival_enters,
        _entered_again,
        _exits_remembered,
        _interruption_resets,
        _late_result_applied,
        _one_iteration_more,
        _dead_end,
        _header_unannounced,
        _merged_blindly,
    ],
    ids=lambda plant: plant.__name__.removeprefix("_"),
)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    def play() -> None:
        for seed in range(GRAPHS):
            compare_orders(seed, range(ORDERS), bind(random_definition(seed)))

    with pytest.raises((AssertionError, PectinError, KeyError)):
        play()
