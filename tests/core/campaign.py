"""Plays random definitions in many orders, and holds every one of them against the laws.

Two sorts of plays: in the calm ones nothing happens that makes an outcome depend on time, so that orders can be
compared; the rough ones have everything, and are checked after every command.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from random import Random
from typing import Any, NamedTuple

from pectin.core import causal
from pectin.core.activation import parse_activation
from pectin.core.budget import LIMITS
from pectin.core.command import (
    AnyCommand,
    ChildEnded,
    Complete,
    Decide,
    Deliver,
    Done,
    Fail,
    Reconciled,
    Signal,
    Start,
    Stopped,
)
from pectin.core.decide import Decision, decide
from pectin.core.definition import OnFailure, Trigger
from pectin.core.event import AnyEvent, AttemptBegun, AttemptStopped, LoopRepeated, NodeScheduled, ReconcileBegun
from pectin.core.evolve import fold
from pectin.core.policy import Policy
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.core.work import is_at_work, letters, next_wake, split_events
from tests.core.chance import random_definition
from tests.core.draw import plain
from tests.core.feature import features
from tests.core.ledger import Ledger
from tests.core.play import Play
from tests.core.policing import check_calls, policed
from tests.core.purse import add, of

REPEATABLE = Complete | Fail | Stopped | Decide | Deliver | ChildEnded | Reconciled | Start


@cache
def policed_of(seed: int, calm: bool) -> tuple[Program, Policy | None]:
    return policed(random_definition(seed, calm), seed, calm)


def program_of(seed: int, calm: bool = True) -> Program:
    return policed_of(seed, calm)[0]


# -- calm plays: no outcome depends on the order ----------------------------------------------------------------


class Counts(NamedTuple):
    """What plays came through: the rows of both tables that they walked, and everything else in words."""

    moves: Counter[Any]
    seen: Counter[str]

    def add(self, other: Counts) -> None:
        self.moves.update(other.moves)
        self.seen.update(other.seen)


def compare_many(seeds: Iterable[int], orders: int) -> Counts:
    """What one process has to do."""
    counts = Counts(Counter(), Counter())
    for seed in seeds:
        counts.add(compare_orders(seed, range(orders)))
    return counts


def compare_orders(seed: int, orders: Iterable[int]) -> Counts:
    """Play a graph in several orders."""
    counts = Counts(Counter(), Counter())
    program = program_of(seed)
    first: tuple[Any, ...] | None = None
    for order in orders:
        play = Play(program, seed, Random(order)).play()
        ledger = check_history(play)
        check_calls(program.definition, policed_of(seed, calm=True)[1], play.events)
        if reached_budget(play):  # which attempts that leaves out does depend on it
            counts.seen["cut by a budget"] += 1
            continue
        found = outcome(play, ledger)
        if first is None:
            first = found
            counts.seen.update(features(program.definition, play.events))
        assert found == first, f"graph {seed} depends on the order: {order}"
        counts.moves.update(ledger.moves)
        counts.seen["compared" if len(found) > 1 else "cut short"] += 1
    return counts


def reached_budget(play: Play) -> bool:
    closing, limit = play.run.closing, play.run.limit
    causes = (None if closing is None else closing.cause, None if limit is None else limit.error_class)
    return any(cause in LIMITS for cause in causes)


def outcome(play: Play, ledger: Ledger) -> tuple[Any, ...]:
    """What must not depend on the order. A failed map cancels its other items as it finds them."""
    closing, on_failure = play.run.closing, play.program.definition.on_failure
    assert closing is not None, "it has ended"
    waited = closing.cause == "failed" and on_failure is OnFailure.WAIT
    if play.run.limit is not None or not (waited or closing.cause == "all settled"):
        return (None,)
    settled = {name: status for name, status in ledger.settled().items() if "#" not in name}
    unhandled = {name: error.error_class for name, error in play.run.unhandled.items()}
    return (play.run.status, settled, unhandled, plain(play.run.data))


def check_history(play: Play) -> Ledger:
    """What a whole history must keep to, whatever the order."""
    ledger = Ledger(play.program.definition).read(play.events)
    assert max(ledger.entered.values()) == 1
    assert ledger.sight.state == play.run.data
    check_iterations(play)
    return ledger


def check_iterations(play: Play) -> None:
    definition = play.program.definition
    allowed = (definition.limits.max_iterations if definition.limits is not None else None) or 10_000
    for event in play.events:
        if isinstance(event, LoopRepeated):
            header = parse_activation(event.loop).node
            repeats = [e for e in definition.edges if e.trigger is Trigger.REPEAT and e.target == header]
            limits = [e.max_iterations for e in repeats if e.max_iterations is not None]
            assert event.iteration <= min(limits, default=allowed), f"{event.loop} goes round once too often"


# -- rough plays: checked after every command -------------------------------------------------------------------


class CheckedPlay(Play):
    """Holds the run against the ledger after every command, and sends every command twice."""

    __slots__ = ("ledger",)

    ledger: Ledger

    def send(self, command: AnyCommand) -> Decision:
        if not self.sent:
            self.ledger = Ledger(self.program.definition)
        was_over = self.run.status.is_terminal
        decision = super().send(command)
        self.ledger.read(decision.events)
        if was_over:
            assert all(isinstance(event, AttemptStopped) for event in decision.events), "terminal absorbs"
        check_counts(self.run, self.ledger, self.now)
        check_views(self.run, self.ledger)
        if isinstance(decision.answer, Done):
            check_first_in_line(self.run, self.ledger, command, decision.events)
        check_children(self.run, self.ledger, decision.events)
        check_feeders(self.program, self.run)
        assert self.ledger.has_a_future() != self.run.status.is_terminal, "nobody is stranded"
        check_rows(decision.events)
        self.check_repetition(command)
        self.check_repetition(self.random.choice(self.sent))
        return decision

    def check_repetition(self, command: AnyCommand) -> None:
        """What says of which attempt, child or message it is can't be said twice."""
        if isinstance(command, REPEATABLE) or (isinstance(command, Signal) and command.dedup is not None):
            assert decide(self.program, self.run, command).events == [], f"{command} was repeated"


def check_counts(run: Run, ledger: Ledger, now: int) -> None:
    assert run.activations.keys() == ledger.unsettled()
    assert {name: a.status for name, a in run.activations.items()} == {n: ledger.nodes[n] for n in run.activations}
    assert (run.status, run.busy, run.waits) == (ledger.status, ledger.busy(), ledger.waits())
    assert run.ready.keys() == ledger.ready()
    assert run.backoff == ledger.backoff
    check_purse(run, ledger)
    assert run.quarantined.keys() == ledger.quarantined
    assert {name: doubt for name, a in run.activations.items() if (doubt := a.doubt)}.keys() == ledger.doubts.keys()
    assert run.children == ledger.children
    assert {(name, n) for name, attempts in run.stopping.items() for n in attempts} == ledger.stopping
    assert (run.fired, run.arrivals.keys()) == (ledger.sight.fired, ledger.sight.arriving.keys())
    if run.closing is None:
        assert (run.status is WorkflowStatus.PAUSED) == ledger.is_paused()
    assert list(run.unhandled) == ledger.unhandled
    assert [message.seq for message in run.inbox] == list(ledger.inbox)
    assert run.data == ledger.sight.state
    for name, activation in run.activations.items():
        assert activation.outcomes == ledger.outcomes[name], "an interruption uses up nothing"
        assert ledger.interruptions[name] < 3 or name in run.quarantined, f"{name} is dangerous"
    assert (run.wall, next_wake(run)) == (ledger.wall, ledger.next_wake())
    for at in (now, now + 60_000):
        assert is_at_work(run, at) == ledger.is_at_work(at)


def check_purse(run: Run, ledger: Ledger) -> None:
    purse = ledger.purse
    assert list(run.line) == purse.line
    assert (of(run.spent), of(run.reserve)) == (purse.spent, add(*purse.reserved.values()))
    assert {name: of(amount) for name, amount in run.reserved.items()} == purse.reserved
    purse.check_rest(ledger.running, ledger.children, run.hold is None and run.closing is None)


def check_first_in_line(run: Run, ledger: Ledger, command: AnyCommand, events: list[AnyEvent]) -> None:
    """Whoever is first and fits begins, a child at once and others as soon as a worker has a slot."""
    if run.hold is not None or run.closing is not None or not ledger.purse.can_begin():
        return
    begun = sum(isinstance(event, AttemptBegun | ReconcileBegun) for event in events)
    begun += sum(isinstance(event, NodeScheduled) and event.begun_by is not None for event in events)
    name = ledger.purse.line[0]
    assert name not in ledger.wishes, f"{name} waits for nothing"
    assert command.begin is None or begun >= command.begin.slots, f"{name} is left in line"


def check_views(run: Run, ledger: Ledger) -> None:
    if run.closing is None:
        for name, activation in run.activations.items():
            assert causal.view(run, activation.seen) == ledger.sight.view(name), f"{name} sees something else"


def check_children(run: Run, ledger: Ledger, events: list[AnyEvent]) -> None:
    """A child hears of its cancelling in the commit that decides it."""
    told = {letter.correlation for letter in letters(run, events) if letter.payload["says"] == "cancel"}
    assert told <= ledger.cancelled_children
    assert not told & set(run.children.values())


def check_feeders(program: Program, run: Run) -> None:
    """Nothing goes on that leads nowhere but to a join that has fired."""
    for name in run.activations if run.fired else ():
        target = parse_activation(name)
        joins = program.graph.feeds.get(target.node, ())
        fired = [join for join in joins if program.graph.joined(join, target.iterations) in run.fired]
        assert not fired, f"{name} goes on for {fired}"


def check_rows(events: list[AnyEvent]) -> None:
    batches = split_events(5, events)
    assert [event for batch in batches for event in batch.events] == events
    assert [batch.seq for batch in batches] == [
        5 + sum(len(b.events) for b in batches[:i]) for i in range(len(batches))
    ]
    settled = [batch.settles for batch in batches]
    assert all(settled[:-1]), "a row more than outcomes need"


def play_checked(seed: int, calm: bool = False) -> CheckedPlay:
    """With cancels, crashes, time-outs and deadlines, checked after every command."""
    play = CheckedPlay(program_of(seed, calm), seed, Random(seed), calm=calm)
    play.play()
    assert fold(Run(), play.events) == play.run, "state is the fold of the history"
    check_iterations(play)
    check_calls(play.program.definition, policed_of(seed, calm)[1], play.events)
    return play
