"""Nodes that only lead on: conditions, parallel ones, joins, rules for the state, and the end for a limit."""

from __future__ import annotations

from typing import Any, Final

from pectin.authoring.document.page import Fields
from pectin.authoring.document.subject import NodeFields
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Sequence, Tree, name_of
from pectin.authoring.document.ways import add_edge, read_target
from pectin.core.definition import Edge
from pectin.nodes.policy import OnViolation

_JOINS: Final = ("wait_for", "at_least", "fires_when")


def read_condition(subject: NodeFields, value: Tree) -> None:
    """`condition: [{when: EXPR, to: NODE}, …]`: the first that holds, or the default."""
    page, fields, node = subject.page, subject.fields, subject.node
    what = f"`condition` of {fields.what}"
    targets: dict[str, Tree] = {}
    branches: list[dict[str, Any]] = []
    if isinstance(value, Scalar):
        hint = "write a list: `[{when: state.total > 0, to: pay}]`"
        page.note(value, "E044", f"{what} is {name_of(value)}, and has to be a list of branches", hint)
    for item in page.items(value) if not isinstance(value, Scalar) else ():
        if not isinstance(item, MappingTree):
            hint = "write `{when: state.total > 0, to: pay}`"
            page.note(item, "E044", f"a branch of {what} is {name_of(item)}, and has to be a mapping", hint)
            continue
        branch = Fields(page, item, f"a branch of {what}", ("when", "to"))
        when_tree, to_tree = branch.require("when", "EXPR"), branch.require("to", "NODE")
        when = branch.read("when", page.expression)
        to = None if to_tree is None else read_target(page, to_tree, f"a branch of {what}")
        if when is not None and to is not None and when_tree is not None and to_tree is not None:
            subject.point(f"config.branches.{len(branches)}.when", when_tree)
            branches.append({"when": when, "to": to})
            targets.setdefault(to, to_tree)
    node.config["branches"] = branches
    default = fields.get("default")
    if default is not None and (to := read_target(page, default, f"the default of `{node.name}`")) is not None:
        node.config["default"] = to
        targets.setdefault(to, default)
    for target, tree in targets.items():
        add_edge(page, Edge(node.name, target), tree)


def read_parallel(subject: NodeFields, value: Tree) -> None:
    """`parallel: [NODE, …]`, or `parallel: true` where `then` says more of the ways."""
    page, fields, node = subject.page, subject.fields, subject.node
    if isinstance(value, Sequence):
        if "then" in fields:
            message = f"{fields.what} leads on by both `parallel` and `then`"
            page.note(fields.key("then"), "E044", message, "write `parallel: true`, and all ways under `then`")
        for item in value.items:
            target = read_target(page, item, f"`parallel` of `{node.name}`")
            if target is not None:
                add_edge(page, Edge(node.name, target), item)
    elif not (isinstance(value, Scalar) and value.value is True):
        hint = "write a list of nodes, or `parallel: true` and `then`"
        page.note(value, "E044", f"`parallel` of {fields.what} is {name_of(value)}", hint)


def read_join(subject: NodeFields, value: Tree) -> None:
    """`join: all`, `join: first`, or what it waits for and when it fires."""
    page, node, what = subject.page, subject.node, f"`join` of {subject.fields.what}"
    subject.read_output_key()
    subject.point("join", value)
    if isinstance(value, Scalar) and value.text in ("all", "first"):
        node.at_least = 1 if value.text == "first" else None
        return
    if not isinstance(value, MappingTree):
        hint = "write `all`, `first`, or `{wait_for: [a, b], at_least: 1}`"
        page.note(value, "E044", f"{what} is {name_of(value)}", hint)
        return
    fields = Fields(page, value, what, _JOINS)
    for key in _JOINS:
        if (tree := fields.get(key)) is not None:
            subject.point(f"join.{key}", tree)
    node.wait_for = fields.read("wait_for", page.names)
    node.at_least = fields.read("at_least", page.number)
    node.fires_when = fields.read("fires_when", page.expression)


def read_rules(subject: NodeFields, value: Tree) -> None:
    """`rules: [{when: EXPR, message: TEXT}, …]`: what must not be so, and what is wrong where it is."""
    page, fields, node = subject.page, subject.fields, subject.node
    subject.read_output_key()
    subject.point("config.rules", value)
    what = f"`rules` of {fields.what}"
    example = "{when: state.total > 9000, message: too much}"
    if not isinstance(value, Sequence):
        page.note(value, "E044", f"{what} is {name_of(value)}, and has to be a list", f"write `[{example}]`")
    rules: list[dict[str, Any]] = []
    for item in value.items if isinstance(value, Sequence) else ():
        if not isinstance(item, MappingTree):
            page.note(item, "E044", f"a rule of {what} is {name_of(item)}", f"write `{example}`")
            continue
        rule = Fields(page, item, f"a rule of {what}", ("when", "message"))
        for key, example_value in (("when", "EXPR"), ("message", "TEXT")):
            if (tree := rule.require(key, example_value)) is not None:
                subject.point(f"config.rules.{len(rules)}.{key}", tree)
        when, message = rule.read("when", page.expression), rule.read("message", page.text)
        if when is not None and message is not None:
            rules.append({"when": when, "message": message})
    found = subject.read("on_violation", "config.on_violation", page.word, OnViolation, "E017")
    node.config |= {"rules": rules, "on_violation": str(found or OnViolation.FAIL)}


def read_limit_exceeded(subject: NodeFields, value: Tree) -> None:
    """`limit_exceeded: TEXT`: the end, for a reason of the application's own."""
    subject.point("config.message", value)
    text = subject.page.text(value, f"`limit_exceeded` of {subject.fields.what}")
    subject.node.config["message"] = text or "?"
