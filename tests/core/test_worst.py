"""The worst case: every branch, every iteration, every item and every attempt, as the limits allow it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.budget import Amount
from pectin.core.definition import Definition, Node, WorkflowLimits
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.timeout import TimeoutConfig
from pectin.core.worst import Workflow, Worst, tell_worst
from pectin.nodes import worst
from tests.core.spenders import play_spenders
from tests.core.world import MINUTE, approval, child, define, each, finalizer, step, timer, wait

AGAIN = RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=1_000, max_delay_ms=5_000, jitter=False)
SECOND = 1_000


def spender(name: str, cost: str = "0.10", **traits: Any) -> Node:
    return step(name, ceiling=Amount(cost), timeout_ms=MINUTE, **traits)


def defined(*lines: str, nodes: tuple[Node, ...] = (), **settings: Any) -> Definition:
    return define(*lines, nodes=nodes, stop_grace_ms=0, **settings)


def test_attempts_ceilings_and_iterations_are_multiplied() -> None:
    found = worst(defined("a -> b", "b -> b repeat 4 when true", nodes=(spender("a"), spender("b", retry=AGAIN))))
    assert found.attempts == 1 + 4 * 3
    assert found.amount == Amount("1.3")
    assert found.time_ms == MINUTE + 4 * (3 * MINUTE + 2 * 5 * SECOND)
    assert tell_worst(found) == "at most 13 attempts that spend, $1.30, 13 min 40 s"


def test_loops_inside_one_another_are_multiplied() -> None:
    lines = ("a -> b", "b -> b repeat 2 when true", "b -> c", "c -> a repeat 3 when true")
    found = worst(defined(*lines, nodes=(spender("a"), spender("b"), spender("c"))))
    assert (found.attempts, found.time_ms) == (3 + 6 + 3, 3 * (MINUTE + 2 * MINUTE + MINUTE))


def test_all_branches_spend_and_the_longest_one_takes_its_time() -> None:
    lines = ("a -> b", "a -> c", "b -> d", "c -> d")
    found = worst(defined(*lines, nodes=(*map(spender, "abd"), timer("c", 10 * MINUTE))))
    assert (found.attempts, found.time_ms) == (3, 12 * MINUTE)


def test_a_loop_without_a_limit_of_its_own_has_the_workflow_s() -> None:
    nodes = (spender("a"),)
    limited = defined("a -> b", nodes=nodes, limits=WorkflowLimits(max_iterations=7))
    looped = replace(
        limited, edges=(*limited.edges, replace(define("a -> a repeat 9 when true").edges[0], max_iterations=None))
    )
    assert worst(looped).attempts == 7
    assert worst(replace(looped, limits=None)).attempts == 10_000


def test_a_map_has_as_many_items_as_there_may_be() -> None:
    found = worst(defined("m -> z", nodes=(each("m", "i", at_once=100), spender("i", "0.01"))))
    assert (found.attempts, found.amount) == (10_000, Amount("100"))
    assert found.time_ms == 100 * MINUTE + 5 * MINUTE, "100 at once, and what follows"


@pytest.mark.parametrize(
    ("limits", "amount"),
    [
        ({"max_cost_usd": "0.25"}, Amount("0.25", 20, 20)),
        ({"output_tokens": 15}, Amount("0.4", 20, 15)),
        ({"total_tokens": 12}, Amount("0.4", 12, 12)),
        ({"max_cost_usd": "9"}, Amount("0.4", 20, 20)),
    ],
)
def test_no_more_is_spent_than_the_limits_allow(limits: dict[str, Any], amount: Amount) -> None:
    nodes = tuple(step(name, ceiling=Amount("0.2", 10, 10)) for name in "ab")
    assert worst(defined("a -> b", nodes=nodes, limits=WorkflowLimits(**limits))).amount == amount


def test_what_follows_a_limit_comes_on_top() -> None:
    nodes = (spender("a", "0.3"), spender("b", "0.3"), spender("spare", "0.3"))
    limits = WorkflowLimits(max_cost_usd="0.5", wall_time_ms=90 * SECOND, on_limit="spare")
    found = worst(defined("a -> b", nodes=nodes, limits=limits))
    assert (found.amount, found.attempts, found.time_ms) == (Amount("0.8"), 3, 150 * SECOND)


@pytest.mark.parametrize(
    ("node", "is_endless"),
    [(approval("w"), True), (approval("w", 5), False), (wait("w", signal="go"), True), (timer("w"), False)],
)
def test_a_wait_without_a_deadline_leaves_the_time_open(node: Node, is_endless: bool) -> None:
    found = worst(defined("a -> w", nodes=(spender("a"), node)))
    assert (found.endless == ("w",), found.time_ms is None) == (is_endless, is_endless)


def test_the_defaults_of_the_workflow_count_too() -> None:
    bounded = TimeoutConfig(node_timeout_ms=2 * MINUTE, approval_timeout_ms=3 * MINUTE)
    assert worst(defined("a -> w", nodes=(approval("w"),), timeouts=bounded)).time_ms == 5 * MINUTE
    endless = worst(defined("a -> w", nodes=(approval("w"),), timeouts=TimeoutConfig(node_timeout_ms=None)))
    assert endless.endless == ("a", "w")
    assert tell_worst(endless) == "at most 0 attempts that spend, 0 tokens; no bound on the time of `a`, `w`"


def test_the_wall_time_is_the_bound_of_what_has_none() -> None:
    limits = WorkflowLimits(wall_time_ms=MINUTE)
    found = worst(define("w -> z", nodes=[approval("w"), finalizer("f")], limits=limits))
    assert (found.time_ms, found.endless) == (MINUTE + 10 * SECOND + 5 * MINUTE, ())


# -- children ---------------------------------------------------------------------------------------------------

INNER: Workflow = ("inner", "1.0.0")


def test_a_child_s_worst_case_is_part_of_it() -> None:
    inside = {INNER: Worst(attempts=4, amount=Amount("0.6", 9), time_ms=MINUTE)}
    found = worst(defined("k -> k2", nodes=(child("k"), replace(child("k2"), ceiling=Amount("0.5")))), inside)
    assert found == Worst(attempts=8, amount=Amount("1.1", 18), time_ms=2 * MINUTE)


def test_a_child_that_nobody_knows_is_bounded_by_its_ceiling() -> None:
    found = worst(defined("k -> z", nodes=(replace(child("k"), ceiling=Amount("0.5")),)))
    assert (found.attempts, found.amount, found.endless) == (1, Amount("0.5"), ("k",))
    unknown = worst(defined("k -> z", nodes=(child("k"),)))
    assert (unknown.unknown, unknown.amount, unknown.attempts) == (("k",), None, None)
    assert tell_worst(unknown) == "nobody says what the child of `k` may spend; no bound on the time of `k`"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            Worst(1, Amount("0.1", 1000), 90 * SECOND + 1),
            "at most 1 attempt that spends, $0.10 and 1,000 tokens, 1 min 31 s",
        ),
        (Worst(2_000, Amount("0", 5), 3_600_001), "at most 2,000 attempts that spend, 5 tokens, 1 h 1 min"),
        (
            Worst(1, Amount("1"), None, tuple("abcd")),
            "at most 1 attempt that spends, $1.00; no bound on the time of `a`, `b`, `c` and 1 more",
        ),
    ],
)
def test_it_is_told_in_a_line_that_says_no_less(found: Worst, told: str) -> None:
    assert tell_worst(found) == told


def test_no_play_without_a_crash_spends_more() -> None:
    """What random plays have spent, held against it."""
    for seed in range(100):
        play = play_spenders(seed)
        if any(type(event).__name__ in ("AttemptInterrupted", "DoubtRaised") for event in play.events):
            continue
        found = worst(play.program.definition, {INNER: Worst(1, Amount("99", 999, 999), 0)})
        assert found.amount is not None
        spent = play.run.spent
        assert found.amount.most(spent) == found.amount, f"{seed}: {spent} of {found.amount}"
