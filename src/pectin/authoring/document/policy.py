"""A policy as a document writes it: what may be called, and what needs an approval."""

from __future__ import annotations

from typing import Any, Final

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Sequence, Tree, name_of
from pectin.core.definition import Place
from pectin.core.error import BadValue
from pectin.core.policy import ApprovalRule, Policy

KEYS: Final = ("blocked_tools", "require_approval_for")
RULE_KEYS: Final = ("tool", "approvers", "of", "not_requester", "deadline")

_LATER: Final = "model_allowlist"
_EXAMPLE: Final = '{require_approval_for: ["payments.*"]}'


class Subject:
    """What a policy is of: the place of a node or the workflow, what messages call it, and their code."""

    def __init__(self, page: Page, place: Place, what: str, code: str) -> None:
        self.page = page
        self.place = place
        self.what = what
        self.code = code


def read_policy(subject: Subject, tree: Tree) -> Policy | None:
    """The policy, or None after noting that it is none. What is wrong in it is noted and left out."""
    page = subject.page
    found = page.mapping(tree, subject.what, _EXAMPLE)
    if found is None:
        return None
    entries = tuple(entry for entry in found.entries if entry[0].text != _LATER)
    for key, _ in found.entries:
        if key.text == _LATER:
            message = f"`{_LATER}` of a policy is not there yet: no kind names a model"
            page.note(key, "E023", message, "delete it")
    fields = Fields(page, MappingTree(entries, found.start, found.end), subject.what, KEYS)
    blocked = [name for item in _items(subject, fields, KEYS[0]) if (name := _read_pattern(subject, item))]
    rules: list[ApprovalRule] = []
    for item in _items(subject, fields, KEYS[1]):
        rule = _read_rule(subject, item)
        if rule is not None:
            page.point(subject.place, f"policy.require_approval_for.{len(rules)}", item)
            rules.append(rule)
    try:
        return Policy(blocked_tools=blocked, require_approval_for=rules)
    except BadValue as error:
        page.note(fields.get(error.path) or tree, subject.code, f"{subject.what}: {error.what}", error.hint)
        return None


def _items(subject: Subject, fields: Fields, key: str) -> tuple[Tree, ...]:
    tree = fields.get(key)
    if tree is None or isinstance(tree, Sequence):
        return () if tree is None else tree.items
    example = tree.text if isinstance(tree, Scalar) and tree.text else "payments.*"
    message = f"`{key}` of {subject.what} is {name_of(tree)}, and has to be a list"
    subject.page.note(tree, "E044", message, f'write `["{example}"]`')
    return ()


def _read_pattern(subject: Subject, tree: Tree) -> str | None:
    name = subject.page.name(tree, f"a pattern of {subject.what}", "write the name of a tool or a function")
    return None if name is None or _try(subject, tree, tool=name) is None else name


def _read_rule(subject: Subject, tree: Tree) -> ApprovalRule | None:
    page, what = subject.page, f"a rule of {subject.what}"
    if not isinstance(tree, MappingTree):
        name = page.name(tree, f"a pattern of {subject.what}", "write the name of a tool or a function")
        return None if name is None else _try(subject, tree, tool=name)
    noted = len(page.draft.problems)
    fields = Fields(page, tree, what, RULE_KEYS)
    fields.require("tool", '"payments.*"')
    approvers = fields.get("of")
    said: dict[str, Any] = {
        "tool": fields.read("tool", page.name),
        "approvers": fields.read("approvers", page.number),
        "of": None if approvers is None else page.names(approvers, f"`of` of {what}"),
        "not_requester": fields.read("not_requester", page.boolean),
        "deadline_ms": fields.read("deadline", page.duration),
    }
    if len(page.draft.problems) > noted:
        return None
    return _try(subject, fields, **{name: value for name, value in said.items() if value is not None})


def _try(subject: Subject, at: Tree | Fields, **said: Any) -> ApprovalRule | None:
    """The rule, or None after noting why there can't be such a one."""
    try:
        return ApprovalRule(**said)
    except BadValue as error:
        part = at.get(error.path.removesuffix("_ms")) or at.tree if isinstance(at, Fields) else at
        subject.page.note(part, subject.code, f"{subject.what}: {error.what}", error.hint)
        return None
