"""In doubt, whoever speaks first is heard, and everybody else is told who did: in every order, also across a crash.

What has to come of an order is worked out here a second time, from the words of the model alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations

import pytest

from pectin import WorkflowStatus
from pectin.core.command import Already, Resolve
from pectin.core.decide import attempt, doubt
from pectin.core.decide.turn import Turn
from pectin.core.event import (
    AttemptInterrupted,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    NodeCompleted,
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.limits import LIMITS
from pectin.core.state import Activation
from pectin.testing.simulate.clock import START
from tests.crash.dispute import Dispute, Fact, Late, Verdict, facts, told

PEOPLE = ("ann says yes", "bob says no", "cat cancels")
ALL = (*PEOPLE, "reconcile answers", "its result comes")
VERDICTS: tuple[Verdict, ...] = ("happened", "did not", "unknown", "raises")
LATE: tuple[Late, ...] = ("completed", "failed")


@dataclass
class Law:
    """What the model says of an order: the facts of the history, what each is told, and the state.

    While it is in doubt, the attempt's own late result settles it, else its `reconcile` while that is asked, else a
    person; a cancel ends it all. Whatever comes after that changes nothing. `slowly`: the attempt that follows a "no"
    ends when it is told to, not at once.
    """

    verdict: Verdict
    late: Late
    n: int = 0
    in_doubt: bool = True
    asks: bool = True
    runs: bool = True
    resolved: tuple[str, bool] | None = None
    is_cancelled: bool = False
    again: bool = False
    slowly: bool = False
    facts: list[Fact] = field(default_factory=list[Fact])
    answers: dict[str, tuple[str, str | None]] = field(default_factory=dict[str, tuple[str, str | None]])

    def hear(self, order: Sequence[str]) -> Law:
        for deed in order:
            match deed:
                case "reconcile answers":
                    self._answer()
                case "its result comes":
                    self._come()
                case "cat cancels":
                    self.answers[deed] = self._cancel()
                case "crash":
                    self._crash()
                case "the next one ends":
                    self._end_again()
                case _:
                    who, _, what = deed.split()
                    self.answers[deed] = self._resolve(who, what == "yes")
        return self

    def _resolve(self, who: str, happened: bool) -> tuple[str, str | None]:
        if self.in_doubt:
            self._end_doubt(who, happened, {"ann": 5, "amy": 6}.get(who, 0))
            self.resolved = (who, happened)
            return ("done", None)
        if self.resolved is not None:
            return ("already" if self.resolved[1] == happened else "resolved", self.resolved[0])
        return ("ended", "cat") if self.is_cancelled else ("not_in_doubt", None)

    def _end_doubt(self, who: str | None, happened: bool, n: int) -> None:
        self.in_doubt = self.asks = False
        self.facts.append(("resolved", happened, who))
        if happened:
            self.n = n
            self.facts.append(("completed", 1, n))
        else:
            self.again = True
            if not self.slowly:
                self._end_again()

    def _end_again(self) -> None:
        """The next attempt completes."""
        if self.again:
            self.again, self.n = False, 2
            self.facts.append(("completed", 2, 2))

    def _answer(self) -> None:
        if not self.asks:
            return
        if self.verdict in ("happened", "did not"):
            self._end_doubt(None, self.verdict == "happened", 9)
        else:
            self.asks = False
            self.facts.append(("left", None if self.verdict == "unknown" else "io_error"))

    def _come(self) -> None:
        if not self.runs:
            return
        self.runs = False
        self.facts.append(("late", 1, self.late))
        if self.in_doubt:
            self.in_doubt = self.asks = False
            self.n = 7 if self.late == "completed" else 0
            self.facts.append(("completed", 1, 7) if self.late == "completed" else ("failed", 1, "io_error"))

    def _cancel(self) -> tuple[str, str | None]:
        self.is_cancelled = True
        self.facts.append(("closing", "cat"))
        if self.in_doubt or self.again:
            self.facts.append(("cancelled", self.in_doubt))
            self.in_doubt = self.asks = self.again = False
        return ("done", None)

    def _crash(self) -> None:
        self.runs = False
        if self.asks:
            self.facts.append(("asking cut off",))


Told = tuple[list[Fact], dict[str, tuple[str, str | None]], int, WorkflowStatus]


def what_came(dispute: Dispute) -> Told:
    answers = {deed: told(answer) for deed, answer in dispute.answers.items()}
    return facts(dispute.events), answers, dispute.run.data["n"], dispute.run.status


def what_must_come(law: Law) -> Told:
    status = WorkflowStatus.CANCELLED if law.is_cancelled else WorkflowStatus.PAUSED
    return law.facts, law.answers, law.n, status


def assert_in_every_order(deeds: Sequence[str], verdict: Verdict, late: Late = "completed") -> None:
    for order in permutations(deeds):
        came = what_came(Dispute(verdict, late).settle(order))
        assert came == what_must_come(Law(verdict, late).hear(order)), order


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("verdict", VERDICTS)
def test_whoever_is_first_is_heard(verdict: Verdict, late: Late) -> None:
    assert_in_every_order(ALL, verdict, late)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_crash_among_them_loses_nobody_s_word(verdict: Verdict) -> None:
    assert_in_every_order((*PEOPLE, "reconcile answers", "crash"), verdict)
    assert_in_every_order(("bob says no", "its result comes", "reconcile answers", "crash"), verdict)


def test_two_who_say_the_same_have_said_it_once() -> None:
    assert_in_every_order(("ann says yes", "amy says yes", "its result comes", "cat cancels"), "unknown")


RACES = [
    ("ann says yes", "bob says no"),
    ("ann says yes", "reconcile answers"),
    ("bob says no", "reconcile answers"),
    ("ann says yes", "cat cancels"),
    ("bob says no", "its result comes"),
    ("reconcile answers", "its result comes", "cat cancels"),
    ALL,
]
SEEDS = 12


@pytest.mark.parametrize("verdict", ["happened", "did not"])
@pytest.mark.parametrize("deeds", RACES, ids=", ".join)
def test_all_at_once_is_one_after_another_in_some_order(deeds: Sequence[str], verdict: Verdict) -> None:
    orders = permutations((*deeds, "the next one ends"))
    lawful = [_but_for_late(what_must_come(Law(verdict, "completed", slowly=True).hear(order))) for order in orders]
    winners: list[Told] = []
    for seed in range(SEEDS):
        came = _but_for_late(what_came(Dispute(verdict, seed=seed).race(deeds)))
        assert came in lawful
        winners.append(came)
    assert any(came != winners[0] for came in winners), "the race has always the same winner"


def _but_for_late(came: Told) -> Told:
    """What came, without what came late of an attempt: that may come while others are at work."""
    return [fact for fact in came[0] if fact[0] != "late"], *came[1:]


# -- a reconcile that crashes, and one that hangs ------------------------------------------------------------------


def kinds(dispute: Dispute) -> list[str]:
    doubtful = (DoubtRaised, ReconcileBegun, ReconcileInterrupted, DoubtLeft, DoubtResolved, NodeCompleted)
    return [type(event).__name__ for event in dispute.events if isinstance(event, doubtful)]


def test_a_reconcile_that_crashes_is_asked_again() -> None:
    dispute = Dispute("happened", kills=2).settle(["open again", "open again", "reconcile answers"])
    asked = ["ReconcileBegun", "ReconcileInterrupted"]
    assert kinds(dispute) == ["DoubtRaised", *asked, *asked, "ReconcileBegun", "DoubtResolved", "NodeCompleted"]
    assert facts(dispute.events)[-2:] == [("resolved", True, None), ("completed", 1, 9)]


def test_a_reconcile_that_crashes_each_time_is_not_asked_for_ever() -> None:
    dispute = Dispute("happened", kills=99).settle(["open again"] * 3)
    asked = ["ReconcileBegun", "ReconcileInterrupted"]
    assert kinds(dispute) == ["DoubtRaised", *asked * LIMITS.interruptions_max, "DoubtLeft"]
    assert list(dispute.run.doubts()) == ["charge"]
    resolved = Dispute("happened", kills=99).settle([*["open again"] * 3, "ann says yes", "bob says no"])
    assert facts(resolved.events)[-2:] == [("resolved", True, "ann"), ("completed", 1, 5)]


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_reconcile_that_hangs_is_given_up_at_its_time_however_often_it_is_cut_off(cut: int) -> None:
    dispute = Dispute("happened").settle([*["crash"] * cut, "time passes", "bob says no"])
    left = [("asking cut off",)] * cut + [("left", "timeout")]
    assert facts(dispute.events) == [*left, ("resolved", False, "bob"), ("completed", 2, 2)]


def test_a_reconcile_that_lies_is_believed_and_named() -> None:
    """It says that nothing happened; the attempt's own result comes too late to save it, and is kept."""
    dispute = Dispute("did not").settle(["reconcile answers", "its result comes", "ann says yes"])
    assert facts(dispute.events) == [("resolved", False, None), ("completed", 2, 2), ("late", 1, "completed")]
    assert told(dispute.answers["ann says yes"]) == ("not_in_doubt", None)


def test_who_what_and_when_stand_in_the_history() -> None:
    dispute = Dispute("unknown").settle(["reconcile answers", "ann says yes", "bob says no", "cat cancels"])
    resolved = next(event for event in dispute.events if isinstance(event, DoubtResolved))
    raised = next(event for event in dispute.events if isinstance(event, DoubtRaised))
    assert (resolved.by, resolved.happened, resolved.comment) == ("ann", True, "seen on the statement")
    assert (raised.attempt, raised.reason, raised.abandoned) == (1, "its time was up", True)
    assert START + 31_000 <= raised.at < resolved.at < START + 33_000
    assert told(dispute.answers["bob says no"]) == ("resolved", "ann")


# -- bugs that have to be found ------------------------------------------------------------------------------------


def _forget(*_: object) -> None:
    """Write nothing down."""


def _ask_nobody(turn: Turn, activation: Activation, reason: str) -> None:
    turn.emit(DoubtLeft(at=turn.at, activation=activation.name))


def _agree(turn: Turn, command: Resolve, name: str) -> Already:
    return Already("it was said", command.by)


def _begin_again(turn: Turn, activation: Activation, reason: str, **_: object) -> None:
    turn.emit(AttemptInterrupted(at=turn.at, activation=activation.name, attempt=activation.attempt, reason=reason))


BUGS: list[tuple[object, str, object]] = [
    (attempt, "_note_late", _forget),
    (attempt, "interrupt_reconcile", _ask_nobody),
    (attempt, "raise_doubt", _begin_again),
    (doubt, "_again", _agree),
]
"""Where, what, and what stands there instead."""


@pytest.mark.parametrize(("module", "name", "bug"), BUGS)
def test_a_planted_bug_is_found(monkeypatch: pytest.MonkeyPatch, module: object, name: str, bug: object) -> None:
    monkeypatch.setattr(module, name, bug)
    with pytest.raises(AssertionError):  # noqa: PT012 # each bug shows in one of them
        assert_in_every_order(("ann says yes", "bob says no", "its result comes"), "happened")
        assert_in_every_order(("ann says yes", "reconcile answers", "crash"), "happened")
