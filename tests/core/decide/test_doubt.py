"""A `once` node's attempt without an outcome is in doubt, and never simply tried again."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.command import Already, Done, Interrupt, Reconciled, Refused, Resolve
from pectin.core.definition import Effect, Node
from pectin.core.event import AttemptStopped, DoubtRaised, NodeCancelled, NodeCompleted
from pectin.core.retry import RetryPolicy
from pectin.core.work import is_at_work
from tests.core.case import Case
from tests.core.world import each, step


def once(name: str = "pay", *, asks: bool = False, **traits: Any) -> Node:
    return step(name, effect=Effect.ONCE, reconcile=f"{name}.reconcile" if asks else None, **traits)


def doubtful(*, asks: bool = False, **traits: Any) -> Case:
    case = Case("pay -> b", "pay -> c on_error", nodes=[once(asks=asks, **traits)])
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    return case


def resolve(
    case: Case,
    happened: bool,
    result: object = None,
    by: str = "finance",
    name: str | None = None,
    attempt: int | None = None,
) -> list[str]:
    return case.send(
        Resolve(
            at=case.tick(),
            begin=case.offer,
            activation=name,
            happened=happened,
            by=by,
            result=result,
            attempt=attempt,
        )
    )


def reconciled(case: Case, happened: bool | None, **fields: Any) -> list[str]:
    fields.setdefault("attempt", 1)
    return case.send(Reconciled(at=case.tick(), begin=case.offer, activation="pay", happened=happened, **fields))


def test_an_interrupted_once_attempt_waits_for_a_person() -> None:
    case = doubtful()
    assert case.last(DoubtRaised).reason == "crash"
    assert case.status == "paused"
    assert list(case.run.doubts()) == ["pay"]
    assert not is_at_work(case.run, case.now)


def test_it_happened() -> None:
    case = doubtful()
    assert resolve(case, True, {"x": 5}) == ["happened pay", "completed pay", "begun b", "skipped c"]
    assert case.run.data["x"] == 5
    assert case.last(NodeCompleted).attempt == 1
    assert resolve(case, True, {"x": 5}) == []
    assert case.answer == Already("of `pay` it was said that it happened", "finance")
    resolve(case, False)
    assert isinstance(case.answer, Refused)


def test_it_did_not_and_is_tried_again() -> None:
    case = doubtful()
    assert resolve(case, False) == ["did not pay", "begun pay"]
    assert case.run.activations["pay"].attempt == 2
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert list(case.run.doubts()) == ["pay"]


def test_a_time_out_is_no_outcome() -> None:
    case = Case("pay -> b", nodes=[once(retry=RetryPolicy(max_attempts=3, retryable_on=("timeout",)))])
    assert case.fail("pay", "timeout", timed_out=True, abandoned=True) == ["in doubt pay"]
    assert case.run.stopping == {"pay": [1]}


def test_its_own_time_out_is_an_outcome() -> None:
    case = Case("pay -> b", nodes=[once(retry=RetryPolicy(max_attempts=2, retryable_on=("timeout",)))])
    assert case.fail("pay", "timeout") == []
    assert case.run.activations["pay"].outcomes == 1


def test_only_named_classes_are_retried() -> None:
    case = Case("pay -> b", nodes=[once(retry=RetryPolicy(max_attempts=2, retryable_on=("io_error",)))])
    assert case.fail("pay", "other")[0] == "failed pay"


def test_a_late_result_resolves_the_doubt() -> None:
    case = Case("pay -> b", nodes=[once()])
    case.fail("pay", "timeout", timed_out=True, abandoned=True)
    assert case.done("pay", attempt=1, x=3) == ["completed pay", "begun b"]
    assert case.last(AttemptStopped).late == "completed"
    assert (case.run.stopping, case.run.waits, case.run.data["x"]) == ({}, 0, 3)


def test_a_late_failure_is_an_outcome_too() -> None:
    case = Case("pay -> b", "pay -> c on_error", nodes=[once()])
    case.fail("pay", "timeout", timed_out=True, abandoned=True)
    assert case.fail("pay", attempt=1)[0] == "failed pay"
    assert case.run.waits == 0


def test_a_late_result_after_somebody_said_that_it_did_not_happen_is_refused() -> None:
    case = Case("pay -> b", nodes=[once()])
    case.fail("pay", "timeout", timed_out=True, abandoned=True)
    resolve(case, False)
    assert case.done("pay", attempt=1, x=3) == []
    assert case.last(AttemptStopped).late == "completed"
    assert case.run.data["x"] == 0


def test_a_repeated_word_speaks_of_no_other_attempt() -> None:
    case = doubtful()
    resolve(case, False)
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    for happened in (False, True):
        assert resolve(case, happened) == []
        assert isinstance(case.answer, Refused if happened else Already)
    assert resolve(case, False, attempt=1) == []
    assert resolve(case, False, attempt=2) == ["did not pay", "begun pay"]


def test_an_attempt_that_is_not_in_doubt_is_refused() -> None:
    case = doubtful()
    assert resolve(case, False, attempt=2) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.reason == "attempt 2 of `pay` is not in doubt; attempt 1 is in doubt now"


# -- reconcile --------------------------------------------------------------------------------------------------


def test_reconcile_is_asked_first() -> None:
    case = doubtful(asks=True)
    assert case.events[-1].by == "w"  # type: ignore[union-attr]
    assert case.status == "running"
    assert is_at_work(case.run, case.now)
    assert case.run.doubts() == {}


@pytest.mark.parametrize(
    ("happened", "follows"),
    [
        (True, ["happened pay", "completed pay", "begun b", "skipped c"]),
        (False, ["did not pay", "begun pay"]),
        (None, ["nobody knows pay"]),
    ],
)
def test_what_reconcile_says(happened: bool | None, follows: list[str]) -> None:
    case = doubtful(asks=True)
    assert reconciled(case, happened) == follows
    assert reconciled(case, happened) == []
    assert isinstance(case.answer, Refused)
    assert (case.status == "paused") == (happened is None)


def test_asking_that_is_cut_off_is_done_again_but_not_for_ever() -> None:
    case = doubtful(asks=True)
    for _ in range(2):
        assert case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash")) == ["asked about pay"]
    assert case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash")) == ["nobody knows pay"]
    assert list(case.run.doubts()) == ["pay"]


def test_a_person_may_say_it_before_reconcile_does() -> None:
    case = doubtful(asks=True)
    assert resolve(case, True)[:2] == ["happened pay", "completed pay"]
    assert reconciled(case, False) == []
    assert (case.run.busy, case.run.waits) == (1, 0)


# -- who says what ----------------------------------------------------------------------------------------------


def test_a_result_that_can_t_be_one_leaves_the_doubt_open() -> None:
    case = doubtful()
    for result in ({"x": "five"}, {"nothing": 1}, [1], 7):
        assert resolve(case, True, result) == []
        assert isinstance(case.answer, Refused)
        assert case.answer.code == "bad_result"
    assert list(case.run.doubts()) == ["pay"]


def test_somebody_has_to_say_it_and_of_what() -> None:
    case = doubtful()
    for by, name, code in ((" ", None, "no_actor"), ("x", "b", "not_in_doubt"), ("x", "payy", "unknown_node")):
        assert resolve(case, True, by=by, name=name) == []
        assert isinstance(case.answer, Refused)
        assert case.answer.code == code
    assert resolve(case, True, name="pay")


def test_with_several_in_doubt_one_is_named() -> None:
    case = Case("a -> pay", "a -> post", nodes=[once(), once("post")])
    case.done("a")
    case.send(Interrupt(at=case.tick(), reason="crash"))
    assert resolve(case, True) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.reason == "several are in doubt: `pay`, `post`; say which"
    assert resolve(case, True, name="post") == ["happened post", "completed post"]


def test_an_item_may_be_in_doubt() -> None:
    case = Case("m -> end", nodes=[each("m", "pay", "[1, 2]"), once()])
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert sorted(case.run.doubts()) == ["m#0", "m#1"]
    assert resolve(case, True, 7, name="m#0") == ["happened m#0", "completed m#0"]
    assert resolve(case, False) == ["did not m#1", "begun m#1"]


def test_doubt_doesn_t_hold_a_closing_execution() -> None:
    case = doubtful()
    assert case.cancel() == ["closing cancelled", "cancelled pay", "ended cancelled"]
    assert case.last(NodeCancelled).in_doubt
    assert case.answer == Done()
    assert resolve(case, True) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "ended"
