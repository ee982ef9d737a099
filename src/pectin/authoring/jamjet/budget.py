"""JamJet's budgets: limits on the tokens and the money of an execution.

Money is decimal text here and a JSON number there, which JamJet reads as a double. Both ways it goes over only where
the shortest number that means this double is the very same decimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from msgspec.structs import replace

from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree, name_of, plain
from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.record import read_record
from pectin.core.budget import COST, read_money
from pectin.core.definition import WorkflowLimits
from pectin.core.error import BadValue

_TOKENS_MAX: Final = 2**32 - 1


class Unwritable(Exception):
    """What is said of a budget, and has no words in JamJet."""


def read_budget(page: Page, trees: Mapping[str, Tree]) -> WorkflowLimits:
    """The limits of a workflow. What is wrong with them is noted."""
    tokens = _read_tokens(page, trees.get("token_budget"))
    cost = trees.get("cost_budget_usd")
    money = None if cost is None or plain(cost) is None else _read_cost(page, cost)
    return replace(tokens, max_cost_usd=money)


def _read_tokens(page: Page, tree: Tree | None) -> WorkflowLimits:
    if tree is None or plain(tree) is None:
        return WorkflowLimits()
    record = read_record(page, tree, ir.TokenBudget, "the token budget")
    found = WorkflowLimits()
    for name, value in record.values.items():
        if value is None:
            continue
        page.point(page.draft.place, f"limits.{name}", record.trees[name])
        if 1 <= value <= _TOKENS_MAX:
            found = replace(found, **{name: value})
        else:
            hint = f"write a whole number from 1 to {_TOKENS_MAX}"
            page.note(record.trees[name], "E070", f"`{name}` of the token budget is {value}", hint)
    return found


def _read_cost(page: Page, tree: Tree) -> str | None:
    value = tree.value if isinstance(tree, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(tree, Scalar):
        message = f"`cost_budget_usd` is {name_of(tree)}, and has to be a number"
        page.note(tree, "E070", message, "write US dollars, such as 0.5")
        return None
    try:
        given = Decimal(tree.text)
        money = read_money(tree.text, "cost_budget_usd")
    except (BadValue, InvalidOperation) as error:
        what = error.what if isinstance(error, BadValue) else f"`{tree.text}` is no decimal"
        page.note(tree, "E070", f"`cost_budget_usd`: {what}", "write US dollars, such as 0.5")
        return None
    if not given:
        page.note(tree, "E070", "`cost_budget_usd` is nothing", "write more, or leave it out")
        return None
    if not _is_kept(given):
        message = f"`cost_budget_usd`: JamJet reads {tree.text} as {_double(given)}"
        page.note(tree, "E071", message, "write fewer digits")
        return None
    return money


def read_on_limit(page: Page, trees: Mapping[str, Tree], node: str | None, limits: WorkflowLimits) -> None:
    """Where a passed budget leads. What is said of it and means more here is noted."""
    if node is None:
        return
    tree = trees["on_budget_exceeded"]
    page.point(page.draft.place, "limits.on_limit", tree)
    timeouts = trees.get("timeouts")
    said = timeouts.find("workflow_timeout") if isinstance(timeouts, MappingTree) else None
    if limits == WorkflowLimits():
        message = f"`on_budget_exceeded` leads to `{node}`, and there is no budget"
        page.note(tree, "E071", message, "add `token_budget` or `cost_budget_usd`, or delete it")
    elif said is not None and plain(said) is not None:
        message = f"`on_budget_exceeded` leads to `{node}`, and here a passed `workflow_timeout` would lead there too"
        page.note(tree, "E071", message, "keep one of them")
    page.draft.on_limit = node


def write_budget(limits: WorkflowLimits) -> tuple[ir.TokenBudget | None, int | float | None]:
    """The budget of tokens and that of money. Raises `Unwritable`."""
    tokens = ir.TokenBudget(limits.input_tokens, limits.output_tokens, limits.total_tokens)
    for name in ir.TokenBudget.__struct_fields__:
        if (getattr(tokens, name) or 0) > _TOKENS_MAX:
            raise Unwritable(f"`{name}` of the limits is more than {_TOKENS_MAX}")
    cost: int | float | None = None
    if limits.max_cost_usd is not None:
        money = Decimal(limits.max_cost_usd)
        if not _is_kept(money):
            raise Unwritable(f"`{COST}` of the limits is {limits.max_cost_usd}, which JamJet reads as {_double(money)}")
        cost = int(money) if money == money.to_integral_value() else float(money)
    return (None if tokens == ir.TokenBudget() else tokens), cost


def without_words(limits: WorkflowLimits) -> list[str]:
    """The limits that JamJet has no words for."""
    return [name for name in ("max_iterations", "wall_time_ms") if getattr(limits, name) is not None]


def _double(money: Decimal) -> str:
    return repr(float(money))


def _is_kept(money: Decimal) -> bool:
    return Decimal(_double(money)) == money
