"""Nodes that run something: a function, for each item of a list or at the end, or another workflow."""

from __future__ import annotations

from pectin.authoring.document.page import Fields
from pectin.authoring.document.subject import NodeFields
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Tree, name_of
from pectin.authoring.document.ways import WAYS
from pectin.authoring.draft import DraftChild
from pectin.core.definition import Effect, RunOn

_BESIDE_THE_END = ("output_key", "reconcile", "policy", "ceiling", "each", *WAYS)
"""What no finalizer has."""


def read_run(subject: NodeFields, value: Tree) -> None:
    """`run: NAME`, a function."""
    page, fields, node = subject.page, subject.fields, subject.node
    subject.point("config.function", value)
    name = page.name(value, f"`run` of {fields.what}", "name a function")
    node.config["function"] = name or node.name
    node.effect = subject.read("effect", "effect", page.word, Effect, "E026") or Effect.IDEMPOTENT
    subject.read_attempts()
    if "run_on" in fields:
        node.kind = "finalizer"
        node.run_on = subject.read("run_on", "run_on", page.word, RunOn, "E017") or RunOn.ALWAYS
        for key in _BESIDE_THE_END:
            if key in fields:
                message = f"{fields.what} runs at the end, and has no `{key}`"
                page.note(fields.key(key), "E044", message, "delete it, or the `run_on`")
    else:
        subject.read_output_key()
        subject.read_items()
        subject.read_governance()
        node.reconcile_name = subject.read("reconcile", "reconcile", page.name)
    if name is not None:
        node.function = subject.find_function(name, value)
    if node.reconcile_name is not None and (asked := fields.get("reconcile")) is not None:
        node.reconcile = subject.find_function(node.reconcile_name, asked)


def read_child(subject: NodeFields, value: Tree) -> None:
    """`child: {workflow: ID, version: V}`. Which document that is, is found when all are read."""
    page, fields, node = subject.page, subject.fields, subject.node
    subject.point("child", value)
    if not isinstance(value, MappingTree):
        hint = "write `child: {workflow: ID, version: 1.0.0}`"
        page.note(value, "E044", f"`child` of {fields.what} is {name_of(value)}, and has to be a mapping", hint)
    else:
        named = Fields(page, value, f"`child` of {fields.what}", ("workflow", "version"))
        named.require("workflow", "ID")
        named.require("version", "1.0.0")
        id, version = named.read("workflow", page.name), named.read("version", page.name)
        if id is not None and version is not None:
            page.children.append((node, id, version, named.get("workflow") or value))
    input, output = (subject.read_mapping(side, f"child.{side}") for side in ("input", "output"))
    node.child = DraftChild(None, input, output)
    subject.read_output_key()
    subject.read_items()
    subject.read_ceiling()
