"""JamJet's policies: the same patterns over the names of tools, as far as both mean the same by them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Sequence as SequenceTree
from pectin.authoring.document.tree import Tree, plain
from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.record import read_record
from pectin.core.error import BadValue
from pectin.core.policy import ApprovalRule, Policy, matches

_LISTS = ("blocked_tools", "require_approval_for")


def read_policy(page: Page, tree: Tree | None, what: str) -> Policy | None:
    """A policy, None if nothing is said. What is wrong with each of its patterns is noted."""
    if tree is None or plain(tree) is None:
        return None
    record = read_record(page, tree, ir.PolicySet, f"the policy of {what}")
    if record.values.get("model_allowlist"):
        message = f"the policy of {what} has a `model_allowlist`, and no kind here names a model"
        page.note(record.trees["model_allowlist"], "E071", message, "delete it")
    known: dict[str, Sequence[str]] = {}
    for name in _LISTS:
        values, listed = record.values.get(name, []), record.trees.get(name)
        items = listed.items if isinstance(listed, SequenceTree) else ()
        known[name] = [
            value for value, item in zip(values, items, strict=False) if _is_pattern(page, name, value, item, what)
        ]
    policy = Policy(**known)
    return None if policy == Policy() else policy


def _is_pattern(page: Page, name: str, value: str, tree: Tree, what: str) -> bool:
    try:
        Policy(**{name: [value]})
    except BadValue as error:
        page.note(tree, "E071", f"`{name}` of the policy of {what}: {error.what}", error.hint)
        return False
    return True


def refuse_functions(page: Page, tree: Tree, policy: Policy, functions: Iterable[tuple[str, str]]) -> None:
    """Note what a policy says of functions here, by nodes and names: JamJet's look at tools only."""
    for pattern in (*policy.blocked_tools, *(rule.tool for rule in policy.rules)):
        for node, name in functions:
            if matches(pattern, name):
                message = f"`{pattern}` is also the function `{name}` of `{node}`: JamJet's policies look at tools only"
                page.note(tree, "E071", message, "give the function another name, or write the pattern more closely")
                break


def write_policy(policy: Policy | None) -> tuple[ir.PolicySet | None, list[str]]:
    """A policy in JamJet's words, and the patterns of the rules that it has none for."""
    if policy is None:
        return None, []
    unsaid = [rule.tool for rule in policy.rules if rule != ApprovalRule(rule.tool)]
    rules = [rule.tool for rule in policy.rules]
    return ir.PolicySet(list(policy.blocked_tools), rules, list(policy.model_allowlist)), unsaid
