"""A node of a document while it is read: its fields, and the draft's node that they go to."""

from __future__ import annotations

from typing import Any, NamedTuple

from pectin.authoring.document.functions import Functions
from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.policy import Subject, read_policy
from pectin.authoring.document.retry import read_retry
from pectin.authoring.document.spending import read_ceiling
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Tree, name_of
from pectin.authoring.draft import DraftFunction, DraftNode
from pectin.core.definition import Json, OnItemFailure


class NodeFields(NamedTuple):
    """The fields of a node. `functions` are those that it may name, None where none were handed in."""

    page: Page
    fields: Fields
    node: DraftNode
    functions: Functions | None

    def get(self, key: str, part: str) -> Tree | None:
        """The value of a key, which stands for a field of the node."""
        value = self.fields.get(key)
        if value is not None:
            self.point(part, value)
        return value

    def read(self, key: str, part: str, read: Any, *arguments: Any, **options: Any) -> Any:
        """What a reader of the page makes of the value of a key, or None where there is no such key."""
        value = self.get(key, part)
        return None if value is None else read(value, f"`{key}` of {self.fields.what}", *arguments, **options)

    def point(self, part: str, tree: Tree) -> None:
        """Say where a field of the node stands."""
        self.page.point(self.node.place, part, tree)

    def set(self, setting: str, value: Json | None) -> None:
        """Give the node a setting of its kind, unless there is none."""
        if value is not None:
            self.node.config[setting] = value

    def read_output_key(self) -> None:
        """Where the result goes."""
        self.node.output_key = self.read("output_key", "output_key", self.page.name)

    def read_items(self) -> None:
        """What makes the node a map, if it has `each`."""
        items = self.get("each", "each.items")
        if items is None:
            for key in ("max_concurrency", "on_item_failure"):
                if key in self.fields:
                    message = f"`{key}` of {self.fields.what} is for a node with `each`"
                    self.page.note(self.fields.key(key), "E044", message, "add `each: state.items`, or delete it")
            return
        self.node.kind = "parallel"
        self.node.items = self.page.expression(items, f"`each` of {self.fields.what}") or "[]"
        self.node.max_concurrency = self.read("max_concurrency", "each.max_concurrency", self.page.number)
        found = self.read("on_item_failure", "each.on_item_failure", self.page.word, OnItemFailure, "E017")
        self.node.on_item_failure = None if found is OnItemFailure.FAIL else found

    def read_attempts(self) -> None:
        """When an attempt that fails is made again, and how long one may take."""
        retry = self.get("retry", "retry")
        self.node.retry = None if retry is None else read_retry(self.page, retry, f"`retry` of {self.fields.what}")
        self.node.timeout_ms = self.read("timeout", "timeout_ms", self.page.duration)

    def read_governance(self) -> None:
        """Whether it may call what it calls, and what an attempt may spend."""
        if (tree := self.get("policy", "policy")) is not None:
            what = f"`policy` of {self.fields.what}"
            self.node.policy = read_policy(Subject(self.page, self.node.place, what, "E017"), tree)
        self.read_ceiling()

    def read_ceiling(self) -> None:
        """What an attempt, or a child, may spend."""
        if (tree := self.get("ceiling", "ceiling")) is not None:
            self.node.ceiling = read_ceiling(self.page, tree, f"`ceiling` of {self.fields.what}")

    def read_notes(self) -> None:
        """What people want to know of it."""
        self.node.description = self.read("description", "description", self.page.text)
        self.node.labels = self.read("labels", "labels", self.page.labels) or {}

    def read_mapping(self, side: str, part: str) -> dict[str, str]:
        """Keys with expressions."""
        tree = self.get(side, part)
        if tree is None:
            return {}
        page, what = self.page, f"`{side}` of {self.fields.what}"
        if not isinstance(tree, MappingTree):
            hint = f"write a mapping, such as `{side}: {{key: {'state' if side == 'input' else 'output'}.key}}`"
            page.note(tree, "E044", f"{what} is {name_of(tree)}, and has to be a mapping", hint)
            return {}
        mapping: dict[str, str] = {}
        for key, value in tree.entries:
            self.point(f"{part}.{key.text}", value)
            self.point(f"{part}.{key.text}.key", key)
            expression = page.expression(value, f"`{key.text}` in {what}")
            if expression is not None:
                mapping[key.text] = expression
        return mapping

    def find_function(self, name: str, value: Tree) -> DraftFunction | None:
        """The function of a name, or None after noting that there is none."""
        if self.functions is None:
            self.page.draft.lacks_functions = True
            return None
        found = self.functions.find(name)
        if found is None:
            self.page.note(value, "E046", *self.functions.why_not(name))
        return found
