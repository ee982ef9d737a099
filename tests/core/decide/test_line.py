"""Who stands in line for the budget: nobody passes a limit, nobody overtakes, and nobody waits in vain."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.budget import Amount, Budget
from pectin.core.command import Begin, ChildEnded, Hold, Release, Wake
from pectin.core.definition import Each, Node, WorkflowLimits
from pectin.core.event import ChildSpawned, ClosingBegan, ExecutionStarted, LimitReached
from pectin.core.line import waits_for_budget
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.status import WorkflowStatus
from pectin.core.work import is_at_work, next_wake
from tests.core.case import Case
from tests.core.world import MINUTE, child, fan, finalizer, program, step

FAN = ("s -> a", "s -> b", "s -> c")
AGAIN = RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=MINUTE, max_delay_ms=MINUTE, jitter=False)


def spender(name: str, cost: str = "0.4", **traits: Any) -> Node:
    return step(name, ceiling=Amount(cost), **traits)


def limited(*lines: str, nodes: tuple[Node, ...] = (), slots: int = 100, on_failure: Any = None, **limits: Any) -> Case:
    limits.setdefault("max_cost_usd", "1")
    bound = program(*lines, nodes=nodes, limits=WorkflowLimits(**limits), on_failure=on_failure)
    return Case(bound=bound, slots=slots)


def of_three(*costs: str, **settings: Any) -> Case:
    nodes = (fan("s"), *(spender(name, cost) for name, cost in zip("abc", costs, strict=True)))
    return limited(*FAN, nodes=nodes, **settings)


def test_the_limits_stand_in_the_history() -> None:
    case = of_three("0.4", "0.4", "0.4", total_tokens=900)
    assert case.last(ExecutionStarted).budget == case.run.budget == Budget("1", total_tokens=900)


def test_an_attempt_reserves_before_it_begins_and_settles_at_what_it_spent() -> None:
    case = limited("a -> b", nodes=(spender("a"),))
    assert case.started == ["scheduled a", "reserved 0.4 a", "begun a"]
    assert case.done("a", spent=Amount("0.12")) == ["settled 0.12 a", "completed a", "begun b"]
    assert (case.run.spent, case.run.reserve, case.run.reserved) == (Amount("0.12"), Amount(), {})


def test_one_that_says_nothing_has_spent_nothing() -> None:
    case = limited("a -> b", nodes=(spender("a"),))
    assert case.done("a")[0] == "settled 0t a"
    assert case.run.spent == Amount()


def test_who_doesn_t_fit_waits_for_who_runs() -> None:
    case = of_three("0.4", "0.4", "0.4")
    assert case.started[-4:] == ["reserved 0.4 a", "begun a", "reserved 0.4 b", "begun b"]
    assert list(case.run.line) == ["c"]
    assert case.status == "running"
    assert case.done("a", spent=Amount("0.1")) == [
        "settled 0.1 a",
        "completed a",
        "reserved 0.4 c",
        "begun c",
    ]


def test_nothing_small_overtakes_the_first_in_line() -> None:
    case = of_three("0.7", "0.7", "0.1")
    assert list(case.run.line) == ["b", "c"]
    case.done("a", spent=Amount("0.2"))
    assert not case.run.line


def test_who_spends_nothing_goes_on() -> None:
    case = limited(*FAN, "c -> d", nodes=(fan("s"), spender("a", "1"), spender("b", "1")))
    assert case.done("c") == ["completed c", "begun d"]
    assert list(case.run.line) == ["b"]


def test_n_allows_n() -> None:
    case = of_three("0.3", "0.3", "0.4")
    assert not case.run.line
    assert case.run.reserve == Amount("1")


def test_the_limit_is_reached_when_nobody_is_left_to_make_room() -> None:
    case = of_three("0.4", "0.4", "0.4")
    case.done("a", spent=Amount("0.4"))
    assert list(case.run.line) == ["c"]
    assert case.done("b", spent=Amount("0.3")) == [
        "settled 0.3 b",
        "completed b",
        "closing limit_exceeded",
        "cancelled c",
        "ended limit_exceeded",
    ]
    error = case.last(ClosingBegan).error
    assert (error.error_class, case.last(ClosingBegan).cause) == ("max_cost_usd", "max_cost_usd")
    assert error.message == "`c` may spend $0.40 in an attempt, and $0.70 is spent; max_cost_usd is $1.00"


@pytest.mark.parametrize("limit", ["input_tokens", "output_tokens", "total_tokens"])
def test_tokens_are_limited_alike(limit: str) -> None:
    amount = Amount(input_tokens=600, output_tokens=600)
    nodes = (step("a", ceiling=amount), step("b", ceiling=amount))
    most = 2_000 if limit == "total_tokens" else 1_000
    case = limited("a -> b", nodes=nodes, max_cost_usd=None, **{limit: most})
    case.done("a", spent=amount)
    what = limit.replace("_", " ")
    wanted, spent = ("1,200", "1,200") if limit == "total_tokens" else ("600", "600")
    message = f"`b` may spend {wanted} {what} in an attempt, and {spent} {what} is spent; {limit} is {most:,}"
    assert case.run.error is not None
    assert case.run.error.message == message


def test_the_node_of_the_limit_runs_without_that_limit_and_with_the_others() -> None:
    nodes = (spender("a", "0.9"), spender("b"), spender("spare"), step("d", ceiling=Amount("0.5", 90)))
    case = limited("a -> b", "spare -> d", nodes=nodes, on_limit="spare", total_tokens=80 + 20)
    case.done("a", spent=Amount("0.9"))
    assert case.last(LimitReached).error.error_class == "max_cost_usd"
    assert case.run.budget == Budget(total_tokens=100)
    assert case.done("spare", spent=Amount("0.4", 20))[-1] == "ended limit_exceeded"
    assert case.run.error is not None
    assert case.run.error.error_class == "total_tokens"


def test_the_node_of_the_limit_leads_to_an_end_of_its_own() -> None:
    case = limited("a -> b", nodes=(spender("a", "0.9"), spender("b"), spender("spare")), on_limit="spare")
    assert case.done("a", spent=Amount("0.9"))[2:] == [
        "scheduled b",
        "cancelled b",
        "limit max_cost_usd",
        "scheduled spare",
        "reserved 0.4 spare",
        "begun spare",
    ]
    assert case.done("spare", spent=Amount("0.4"))[-1] == "ended completed"


# -- who holds nothing, and who begins --------------------------------------------------------------------------


def test_backoff_holds_nothing_and_joins_the_end_of_the_line() -> None:
    case = limited(*FAN[:2], nodes=(fan("s"), spender("a", "0.8", retry=AGAIN), spender("b", "0.8")))
    assert case.fail("a", spent=Amount("0.1")) == ["settled 0.1 a", "reserved 0.8 b", "begun b"]
    assert case.run.reserved.keys() == {"b"}
    due = case.run.backoff["a"]
    assert case.wake(due) == ["in line a"]
    assert list(case.run.line) == ["a"]
    assert case.run.backoff == {}
    assert case.done("b", spent=Amount("0.1")) == ["settled 0.1 b", "completed b", "reserved 0.8 a", "begun a"]
    assert case.run.activations["a"].attempt == 2


def test_a_retry_that_doesn_t_fit_any_more_reaches_the_limit() -> None:
    case = limited("a -> b", nodes=(spender("a", "0.8", retry=AGAIN),))
    case.fail("a", spent=Amount("0.3"))
    assert case.wake(case.run.backoff["a"])[:2] == ["in line a", "closing limit_exceeded"]


def test_who_has_no_worker_keeps_its_place_and_its_room() -> None:
    case = of_three("0.6", "0.4", "0.4", slots=0)
    assert list(case.run.line) == ["a", "b", "c"]
    begun = case.send(Wake(at=case.tick(), begin=Begin("w", 9, frozenset({"a"}))))
    assert begun == ["reserved 0.4 b", "begun b"], "c fits beside b, and would take the room of a"
    assert is_at_work(case.run, case.now)


def test_a_worker_begins_no_more_than_it_has_slots_for() -> None:
    case = of_three("0.1", "0.1", "0.1", slots=2)
    assert list(case.run.line) == ["c"]
    assert not waits_for_budget(case.run)


def test_nothing_begins_while_it_is_held_and_no_limit_is_reached() -> None:
    case = of_three("0.9", "0.9", "0.1")
    case.send(Hold(at=case.tick(), by="operator"))
    assert case.done("a", spent=Amount("0.9")) == ["settled 0.9 a", "completed a"]
    assert case.status == "paused"
    assert case.send(Release(at=case.tick(), begin=case.offer, by="operator"))[:2] == [
        "released",
        "closing limit_exceeded",
    ]


def test_items_stand_in_line() -> None:
    nodes = (Node("m", "parallel", each=Each("state.items", "i")), spender("i", "0.5"))
    case = limited("m -> z", nodes=nodes)
    assert list(case.run.line) == ["m#2"]
    case.done("m#0", output=1, spent=Amount("0.2"))
    assert case.run.reserved.keys() == {"m#1"}
    assert case.done("m#1", output=1, spent=Amount("0.2"))[2:] == ["reserved 0.5 m#2", "begun m#2"]


def test_finalizers_run_after_the_limit() -> None:
    case = limited("a -> b", nodes=(spender("a", "0.9"), spender("b"), finalizer("f")))
    assert case.done("a", spent=Amount("0.9"))[-1] == "begun f"


# -- children ---------------------------------------------------------------------------------------------------


def test_a_child_gets_its_part_once_and_gives_back_what_it_didn_t_spend() -> None:
    nodes = (fan("s"), _child("a", "0.6"), _child("b", "0.6"))
    case = limited(*FAN[:2], nodes=nodes)
    assert case.started[-3:] == ["scheduled b", "reserved 0.6 a", "spawned a"]
    spawned = case.last(ChildSpawned)
    assert (spawned.part, spawned.activation) == (Budget("0.6"), "a")
    assert (list(case.run.line), case.status) == (["b"], "running")
    assert not is_at_work(case.run, case.now), "who waits for a child needs no worker"
    assert next_wake(case.run) is None
    assert _end(case, "a", spent=Amount("0.4"))[:2] == ["settled 0.4 a", "completed a"]
    assert case.last(ChildSpawned).activation == "b"
    assert case.run.spent == Amount("0.4")


def test_a_child_that_doesn_t_fit_reaches_the_limit() -> None:
    case = limited("a -> b", nodes=(_child("a", "0.6"), _child("b", "0.6")))
    _end(case, "a", spent=Amount("0.6"))
    assert case.run.error is not None
    assert case.run.error.message == "`b` may spend $0.60 in the child, and $0.60 is spent; max_cost_usd is $1.00"


def test_a_child_without_a_part_may_spend_nothing_that_is_limited() -> None:
    case = limited("a -> b", nodes=(child("a"),))
    assert case.last(ChildSpawned).part == Budget("0")
    free = Case("a -> b", nodes=[child("a")])
    assert free.last(ChildSpawned).part is None
    assert _end(free, "a", spent=Amount("3", 5, 6))[0] == "settled 3 a"
    assert free.run.spent == Amount("3", 5, 6)


def test_a_cancelled_child_is_settled_at_its_part() -> None:
    case = limited("a -> b", nodes=(_child("a", "0.6"),))
    assert case.cancel()[:3] == ["closing cancelled", "settled 0.6 a", "cancelled a"]


def test_a_waiting_child_that_is_cancelled_has_spent_nothing() -> None:
    case = limited(*FAN[:2], nodes=(fan("s"), _child("a", "0.6"), _child("b", "0.6")))
    case.cancel()
    assert case.run.spent == Amount("0.6")
    assert not case.run.line
    assert case.status == "cancelled"


def test_what_the_parent_leaves_binds_and_is_not_lifted() -> None:
    nodes = (spender("a"), spender("b"), spender("spare"))
    case = limited("a -> b", nodes=nodes, on_limit="spare", slots=0)
    case.run.part = Budget("0.5")  # as its parent's commit creates it
    case.slots = 9
    case.wake()
    assert case.done("a", spent=Amount("0.3"))[-1] == "ended limit_exceeded"
    assert case.run.error is not None
    message = "`b` may spend $0.40 in an attempt, and $0.30 is spent; its parent leaves it $0.50"
    assert case.run.error.message == message


def _child(name: str, cost: str) -> Node:
    return replace(child(name), ceiling=Amount(cost))


def _end(case: Case, name: str, **fields: Any) -> list[str]:
    ended = ChildEnded(
        at=case.tick(),
        begin=case.offer,
        activation=name,
        child=case.run.children[name],
        status=WorkflowStatus.COMPLETED,
        **fields,
    )
    return case.send(ended)
