"""Who stands in line: how many of its head fit, and what would be passed."""

from __future__ import annotations

from pectin.core.budget import Amount, Budget
from pectin.core.line import Passed, budgets_of, find_passed, first_in_line, fitting, may_begin, waits_for_budget
from pectin.core.state import Run
from tests.core.case import Case
from tests.core.world import fan, step


def in_line(*costs: str) -> Run:
    names = "abcdef"[: len(costs)]
    nodes = [fan("s"), *(step(name, ceiling=Amount(cost)) for name, cost in zip(names, costs, strict=True))]
    return Case(*(f"s -> {name}" for name in names), nodes=nodes, slots=0).run


def test_all_fit_where_nothing_is_limited() -> None:
    run = in_line("9", "9", "9")
    assert (list(fitting(run)), waits_for_budget(run), may_begin(run)) == (["a", "b", "c"], False, True)


def test_the_head_that_fits_side_by_side_may_begin() -> None:
    run = in_line("0.4", "0.5", "0.2", "0.1")
    run.budget = Budget("1")
    assert list(fitting(run)) == ["a", "b"]
    assert list(fitting(run, 1)) == ["a"]
    assert list(fitting(run, 0)) == []


def test_the_first_that_doesn_t_fit_stops_all() -> None:
    run = in_line("0.6", "0.1")
    run.budget, run.spent = Budget("1"), Amount("0.5")
    assert (list(fitting(run)), waits_for_budget(run), may_begin(run)) == ([], True, False)
    first = first_in_line(run)
    assert first is not None
    assert first.name == "a"


def test_what_is_reserved_counts_and_the_parent_s_part_comes_first() -> None:
    run = Run(budget=Budget("1"), part=Budget("0.5", total_tokens=3), spent=Amount("0.2"), reserve=Amount("0.2"))
    assert budgets_of(run) == (run.part, run.budget)
    assert find_passed(run, Amount("0.1")) is None
    assert find_passed(run, Amount("0.2")) == Passed("max_cost_usd", "0.5", True)
    assert find_passed(run, Amount("0", 4)) == Passed("total_tokens", 3, True)
    run.part = None
    assert find_passed(run, Amount("0.7")) == Passed("max_cost_usd", "1", False)


def test_nobody_in_line_waits_for_nothing() -> None:
    run = Run()
    assert (first_in_line(run), waits_for_budget(run), may_begin(run)) == (None, False, False)
