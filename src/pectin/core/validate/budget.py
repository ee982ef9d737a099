"""Limits on what is spent, and the ceilings of nodes: whether they can be kept, and whether they go together."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core.budget import (
    COST,
    LIMITS,
    NOTHING,
    Amount,
    Budget,
    measure,
    read_amount,
    read_money,
    read_tokens,
    show_limit,
)
from pectin.core.definition import Definition, Node
from pectin.core.error import BadValue
from pectin.core.validate.report import Report


def check_budget(definition: Definition, nodes: Mapping[str, Node], report: Report) -> None:
    """What is said of money and tokens."""
    budget = definition.budget
    if budget is not None and not _check_limits(budget, report):
        budget = None  # what goes beyond it can't be said
    for node in nodes.values():
        if node.ceiling is not None and _check_ceiling(node, node.ceiling, report) and budget is not None:
            _check_fit(budget, node, node.ceiling, report)


def _check_limits(budget: Budget, report: Report) -> bool:
    """Whether they can be kept."""
    found: list[tuple[str, str, str]] = []
    for limit in LIMITS:
        value: object = getattr(budget, limit)
        if value is None:
            continue
        try:
            if (read_money if limit == COST else read_tokens)(value, limit) in (0, "0"):
                found.append((limit, f"the limits: `{limit}` is nothing", "write more, or leave it out"))
        except BadValue as error:
            found.append((limit, f"the limits: {error.path}: {error.what}", error.hint))
    for limit, message, hint in found:
        report.workflow("E050", message, hint, part=f"limits.{limit}")
    return not found


def _check_ceiling(node: Node, ceiling: Amount, report: Report) -> bool:
    """Whether it can be used."""
    try:
        if read_amount(ceiling, f"the ceiling of `{node.id}`") != NOTHING:
            return True
        message, hint = f"the ceiling of `{node.id}` is nothing", 'write more, such as `{"cost_usd": "0.10"}`'
    except BadValue as error:
        message, hint = f"{error.path}: {error.what}", error.hint
    report.node(node.id, "E051", message, hint, part="ceiling")
    return False


def _check_fit(budget: Budget, node: Node, ceiling: Amount, report: Report) -> None:
    """An attempt that may spend more than the whole execution never begins."""
    limit = budget.passed_by(ceiling)
    if limit is None:
        return
    most, whole = show_limit(limit, measure(limit, ceiling)), show_limit(limit, getattr(budget, limit))
    message = f"`{node.id}` may spend {most} at once, and `{limit}` allows {whole} in all: it would never begin"
    report.node(node.id, "E053", message, "lower the ceiling, or raise the limit", part="ceiling")
