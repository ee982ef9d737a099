"""What may be spent, as a document says it: limits of a workflow, and ceilings of nodes.

Money is exact: a number is read by its digits, never as a float.
"""

from __future__ import annotations

from typing import Any

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.tree import Scalar, Tree
from pectin.core.budget import COST, LIMITS, SORTS, Amount, read_money, read_tokens
from pectin.core.error import BadValue


def read_budget(fields: Fields) -> dict[str, Any]:
    """The limits on what is spent, by their names."""
    read = {limit: _read_money if limit == COST else _read_tokens for limit in LIMITS}
    return {limit: fields.read(limit, read[limit], fields.page, "E050") for limit in LIMITS}


def read_ceiling(page: Page, tree: Tree, what: str) -> Amount | None:
    """The most that an attempt may spend, or None after noting what is wrong with it."""
    found = page.mapping(tree, what, '{cost_usd: "0.10"}')
    if found is None:
        return None
    noted = len(page.draft.problems)
    fields = Fields(page, found, what, SORTS)
    money, *tokens = SORTS
    said = {money: fields.read(money, _read_money, page, "E051")}
    said |= {sort: fields.read(sort, _read_tokens, page, "E051") for sort in tokens}
    if len(page.draft.problems) > noted:
        return None
    return Amount(**{sort: value for sort, value in said.items() if value is not None})


def _read_money(tree: Tree, what: str, page: Page, code: str) -> str | None:
    given = tree.value if isinstance(tree, Scalar) else "…"
    if isinstance(tree, Scalar) and type(given) in (int, float):
        given = tree.text
    try:
        return read_money(given, "")
    except BadValue as error:
        page.note(tree, code, f"{what}: {error.what}", error.hint)
        return None


def _read_tokens(tree: Tree, what: str, page: Page, code: str) -> int | None:
    try:
        return read_tokens(tree.value if isinstance(tree, Scalar) else None, "")
    except BadValue as error:
        page.note(tree, code, f"{what}: {error.what}", error.hint)
        return None
