"""The books know of a history what its fold knows, by simpler means."""

from __future__ import annotations

from random import Random

from hypothesis import settings

from pectin.core.audit.books import Books
from pectin.core.command import AnyCommand
from pectin.core.decide import Decision
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.nodes import bind
from tests.core.audit.histories import BEGIN, CANCELLED, COMPLETED, closing, failed, scheduled
from tests.core.chance import random_definition
from tests.core.play import Play
from tests.core.spenders import random_spenders

PLAYS = settings().max_examples


class BookedPlay(Play):
    """After every command both accounts agree."""

    def send(self, command: AnyCommand) -> Decision:
        if not self.sent:
            self.books, self.seq = Books(), 0
        decision = super().send(command)
        for event in decision.events:
            self.seq += 1
            self.books.note(self.seq, event)
        check_books(self.books, self.run)
        return decision


def check_books(books: Books, run: Run) -> None:
    assert list(books.standing) == list(run.activations)
    assert set(books.unhandled) == run.unhandled.keys()
    assert list(books.inbox) == [message.seq for message in run.inbox]
    assert books.dedups == run.dedups.keys()
    assert (books.is_held, books.has_ended) == (run.hold is not None, run.status.is_terminal)
    assert books.end == (run.closing.to if run.closing is not None else None)
    assert sum(one.is_busy for one in books.standing.values()) == run.busy
    assert sum(one.waits for one in books.standing.values()) == run.waits
    assert (books.purse.spent, books.purse.reserved) == (run.spent, run.reserved)
    assert (books.purse.part, books.purse.budget) == (run.part, run.budget)
    for name, standing in books.standing.items():
        activation = run.activations[name]
        assert (standing.node, standing.attempt) == (activation.node, activation.attempt)
        assert (standing.child, standing.retry) == (activation.child, activation.retry)
        assert standing.outcomes == activation.outcomes
        assert standing.in_doubt == (activation.doubt is not None)
        assert standing.is_running == (activation.begun_by is not None)
        assert standing.in_quarantine == (name in run.quarantined)


def test_both_accounts_of_random_plays_agree() -> None:
    for seed in range(PLAYS):
        calm = seed % 2 == 0
        BookedPlay(bind(random_definition(seed, calm)), seed, Random(seed), calm).play()
        BookedPlay(bind(random_spenders(seed)), seed, Random(seed), calm).play()


def test_a_finalizer_that_fails_makes_a_success_a_failure() -> None:
    for decided, end in ((COMPLETED, WorkflowStatus.FAILED), (CANCELLED, CANCELLED)):
        books = Books()
        for seq, event in enumerate([*BEGIN, closing(decided), scheduled("f"), failed("f")], 1):
            books.note(seq, event)
        assert books.end is end
