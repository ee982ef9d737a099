"""What people are told of a budget."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.budget import Amount, Budget
from pectin.core.definition import WorkflowLimits
from pectin.core.spending import least, tell_line, tell_spent
from pectin.core.state import Run
from pectin.core.why import why
from tests.core.case import Case
from tests.core.world import child, fan, program, step


@pytest.mark.parametrize(
    ("spent", "budget", "told"),
    [
        (Amount(), None, None),
        (Amount("0.12", 3000, 100), Budget("1"), "spent $0.12 of $1.00 · 3,100 tokens"),
        (Amount("0.12"), None, "spent $0.12"),
        (Amount("0", 5), None, "spent 5 tokens"),
        (Amount(), Budget("1", total_tokens=9000), "spent $0.00 of $1.00 · 0 of 9,000 tokens"),
        (Amount("0", 3, 4), Budget(output_tokens=9), "spent 4 of 9 output tokens · 7 tokens"),
    ],
)
def test_what_is_spent_is_told_of_how_much(spent: Amount, budget: Budget | None, told: str | None) -> None:
    assert tell_spent(Run(spent=spent, budget=budget)) == told


def test_the_less_of_both_budgets_counts() -> None:
    run = Run(budget=Budget("1", 5), part=Budget("0.50", 9, 7))
    assert least(run) == Budget("0.50", 5, 7)
    assert least(Run()) == Budget()


def spenders(*names: str) -> Case:
    nodes = [fan("s"), *(replace(child(n) if n == "k" else step(n), ceiling=Amount("0.6")) for n in names)]
    edges = [f"s -> {name}" for name in names]
    return Case(bound=program(*edges, nodes=nodes, limits=WorkflowLimits(max_cost_usd="1")))


def test_why_says_who_waits_for_the_budget() -> None:
    case = spenders("a", "b", "c")
    line = "`b` and 1 more wait for $0.60 of `max_cost_usd`, $1.00: $0.00 is spent, and others hold $0.60"
    assert tell_line(case.run) == line
    told = why(case.run, case.now, served=True, tell_time=str)
    assert (told.code, told.sentence) == ("running", f"Runs `a` since 0 ms; {line}.")


def test_why_says_so_beside_a_child_that_holds_it() -> None:
    case = spenders("k", "b")
    told = why(case.run, case.now, served=True, tell_time=str)
    assert told.code == "child"
    assert told.sentence.endswith(
        "; `b` waits for $0.60 of `max_cost_usd`, $1.00: $0.00 is spent, and others hold $0.60."
    )


def test_who_fits_waits_for_an_engine_and_not_for_the_budget() -> None:
    case = spenders("a", "b")
    case.slots = 0
    case.done("a")
    told = why(case.run, case.now, served=True, tell_time=str)
    assert (told.code, tell_line(case.run)) == ("ready", None)
