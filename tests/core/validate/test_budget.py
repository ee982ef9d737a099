"""Limits on what is spent and ceilings: refused where they can't be kept."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.budget import Amount, Budget
from pectin.core.definition import Node, WorkflowLimits, definition_hash
from pectin.core.kind import check_ceiling
from pectin.nodes import examine
from tests.core.world import approval, define, fan, finalizer, step


def problems(limits: WorkflowLimits | None = None, ceiling: Any = None) -> list[tuple[str, str]]:
    found = examine(define("a -> b", nodes=[step("a", ceiling=ceiling)], limits=limits))
    return [(problem.code, problem.message) for problem in found]


def test_what_fits_is_fine() -> None:
    limits = WorkflowLimits(max_cost_usd="1", total_tokens=20)
    assert problems(limits, Amount("1", 10, 10)) == []
    assert problems(None, Amount("1")) == []


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"max_cost_usd": "0"}, "the limits: `max_cost_usd` is nothing"),
        ({"max_cost_usd": "-1"}, "the limits: max_cost_usd: '-1' is less than nothing"),
        ({"max_cost_usd": 0.5}, "the limits: max_cost_usd: 0.5 is a float, and floats are not exact"),
        ({"total_tokens": 0}, "the limits: `total_tokens` is nothing"),
        ({"input_tokens": -5}, "the limits: input_tokens: -5 is no number of tokens"),
    ],
)
def test_a_limit_that_can_t_be_kept_is_refused(limits: dict[str, Any], said: str) -> None:
    assert problems(WorkflowLimits(**limits), Amount("0.1")) == [("E050", said)]


def test_every_limit_is_told_at_once() -> None:
    assert len(problems(WorkflowLimits(max_cost_usd="x", output_tokens=0, total_tokens=-1))) == 3


@pytest.mark.parametrize(
    ("ceiling", "said"),
    [
        (Amount(), "the ceiling of `a` is nothing"),
        (Amount("-1"), "the ceiling of `a`.cost_usd: '-1' is less than nothing"),
        (Amount("0.1", -1), "the ceiling of `a`.input_tokens: -1 is no number of tokens"),
    ],
)
def test_a_ceiling_that_can_t_be_used_is_refused(ceiling: Amount, said: str) -> None:
    assert problems(None, ceiling) == [("E051", said)]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"max_cost_usd": "0.3"}, "`a` may spend $0.40 at once, and `max_cost_usd` allows $0.30 in all"),
        ({"total_tokens": 29}, "`a` may spend 30 at once, and `total_tokens` allows 29 in all"),
    ],
)
def test_a_ceiling_above_the_limit_is_refused(limits: dict[str, Any], said: str) -> None:
    assert problems(WorkflowLimits(**limits), Amount("0.4", 10, 20)) == [("E053", f"{said}: it would never begin")]


@pytest.mark.parametrize("node", [approval("a"), fan("a"), finalizer("a")], ids=["approval", "parallel", "finalizer"])
def test_who_has_no_attempts_that_spend_has_no_ceiling(node: Node) -> None:
    definition = define("s -> b", nodes=[step("s"), step("b"), replace(node, ceiling=Amount("0.1"))])
    found = [problem.message for problem in examine(definition) if problem.code == "E017"]
    assert any("takes no `ceiling`" in message for message in found)


def test_a_kind_that_always_spends_needs_a_ceiling_for_what_is_limited() -> None:
    spends = ("cost_usd", "input_tokens", "output_tokens")
    node = step("a", ceiling=Amount("0.1", 5))
    assert check_ceiling(node, spends, None) == []
    assert check_ceiling(node, spends, Budget("1", 9)) == []
    (problem,) = check_ceiling(node, spends, Budget("1", total_tokens=9))
    assert (problem.code, problem.hint) == (
        "E052",
        'say the most that one attempt may spend: `ceiling={"output_tokens": ...}`',
    )
    assert (
        problem.message
        == "python_fn `a` spends `output_tokens`, which the workflow limits, and has no ceiling for that"
    )


def test_limits_and_ceilings_are_part_of_what_a_definition_means_and_their_absence_is_not() -> None:
    plain = define("a -> b", nodes=[step("a")])
    assert definition_hash(plain) == "6300f1f75d5cf5959f31b5e541d6e5e5b682a8b61a3956640aecc73db802cdfd"
    limited = replace(plain, limits=WorkflowLimits(max_cost_usd="1"))
    spends = define("a -> b", nodes=[step("a", ceiling=Amount("0.1"))])
    assert len({definition_hash(each) for each in (plain, limited, spends)}) == 3
