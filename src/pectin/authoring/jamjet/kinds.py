"""The kinds of JamJet's nodes, and what each becomes. A new kind is its record in `ir`, and a row of `READERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from pectin.authoring.document.functions import Functions
from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree
from pectin.authoring.draft import Draft, DraftCall, DraftChild, DraftFunction, DraftNode, Header
from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.tools import Tools
from pectin.core.definition import Effect, Json, RunOn
from pectin.core.hint import did_you_mean
from pectin.nodes.human_approval import DECISIONS


class Subject(NamedTuple):
    """A node that is read: the draft's node, where the fields of its kind stand, and what it may refer to. Without
    `children` a subgraph is only named."""

    page: Page
    node: DraftNode
    trees: Mapping[str, Tree]
    functions: Functions | None
    children: Mapping[tuple[str, str], Draft] | None
    tools: Tools

    def point(self, part: str, field: str) -> None:
        """Say where a part of the node stands."""
        if field in self.trees:
            self.page.point(self.node.place, part, self.trees[field])

    def run(self, name: str, field: str) -> None:
        """Have the node run a function of those that were handed in."""
        self.point("config.function", field)
        self.node.config["function"] = name
        self.node.effect = Effect.IDEMPOTENT
        self.node.function = self._find(name, self.trees[field])

    def _find(self, name: str, tree: Tree) -> DraftFunction | None:
        if self.functions is None:
            self.page.draft.lacks_functions = True
            return None
        found = self.functions.find(name)
        if found is None:
            self.page.note(tree, "E046", *self.functions.why_not(name))
        return found

    def config(self, **settings: Json) -> None:
        """Give the node the settings that aren't None."""
        self.node.config.update({name: value for name, value in settings.items() if value is not None})


def _python_fn(subject: Subject, kind: ir.PythonFn) -> None:
    subject.run(kind.function, "function")
    for label, value in ((ir.MODULE, kind.module), (ir.OUTPUT_SCHEMA, kind.output_schema)):
        if value:
            subject.node.labels[label] = value


def _tool(subject: Subject, kind: ir.Tool) -> None:
    """What the tool says of itself is its own; `output_schema` is a note, as that of a function is."""
    node, tree = subject.node, subject.trees["input_mapping"]
    subject.point("config.tool", "tool_ref")
    for name, value in tree.entries if isinstance(tree, MappingTree) else ():
        subject.page.point(node.place, f"config.input.{name.text}", value)
        text = value.text.strip() if isinstance(value, Scalar) else ""
        if isinstance(value, Scalar) and text.startswith("{{") and text.endswith("}}"):
            message = f"`{name.text}` of the tool `{node.name}` is a template, and each field is an expression"
            hint = f"write `{text.removeprefix('{{').removesuffix('}}').strip()}`"
            subject.page.note_within(value, "E072", message, hint, start=0, end=len(value.text))
    node.call = DraftCall(subject.tools.call(kind.tool_ref, subject.trees["tool_ref"]), kind.input_mapping, {})
    if kind.output_schema:
        node.labels[ir.OUTPUT_SCHEMA] = kind.output_schema


def _condition(subject: Subject, kind: ir.Condition) -> None:
    """Its branches are translated where its edges are read; a branch without a condition is the default."""
    subject.config(branches=[])


def _parallel(subject: Subject, kind: ir.Parallel) -> None:
    """Its edges say where it leads."""


def _join(subject: Subject, kind: ir.Join) -> None:
    subject.point("join.wait_for", "wait_for")
    subject.node.wait_for = tuple(kind.wait_for)
    subject.node.at_least = 1 if kind.merge_strategy == "first" else None


def _human_approval(subject: Subject, kind: ir.HumanApproval) -> None:
    subject.point("config.prompt", "description")
    subject.point("config.deadline_ms", "timeout_secs")
    subject.config(prompt=kind.description, decisions=list(DECISIONS), deadline_ms=_ms(kind.timeout_secs))


def _wait(subject: Subject, kind: ir.Wait) -> None:
    page, node, seconds = subject.page, subject.node, kind.timeout_secs
    for part in ("duration_ms", "deadline_ms"):
        subject.point(f"config.{part}", "timeout_secs")
    subject.point("config.correlation", "correlation_key")
    if kind.condition != "external_event" and seconds is None:
        message = f"wait `{node.name}` waits for a timer, and has no `timeout_secs`"
        page.note(subject.trees["condition"], "E070", message, "say how long it is")
    if kind.condition == "timer":
        if kind.correlation_key is not None:
            message = f"wait `{node.name}` has a `correlation_key`, and waits for a timer only"
            page.note(subject.trees["correlation_key"], "E070", message, "delete it, or wait for `either`")
        subject.config(duration_ms=_ms(seconds))
        return
    if not kind.correlation_key:
        message = f"wait `{node.name}` doesn't say which event is its own"
        page.note(subject.trees["condition"], "E070", message, "add a `correlation_key`")
    event = node.labels.pop(ir.EVENT, node.name)
    subject.config(event=event, correlation=kind.correlation_key or "?")
    name = "duration_ms" if kind.condition == "either" else "deadline_ms"
    subject.config(**{name: _ms(seconds)})


def _subgraph(subject: Subject, kind: ir.Subgraph) -> None:
    node, page, version = subject.node, subject.page, kind.workflow_version
    subject.point("child", "workflow_ref")
    for side in ("input", "output"):
        subject.point(f"child.{side}", f"{side}_mapping")
    draft: Draft | None = None
    if version is None:
        message = f"subgraph `{node.name}` doesn't say which version of `{kind.workflow_ref}` it runs"
        page.note(subject.trees["workflow_ref"], "E071", message, "add `workflow_version`")
    elif subject.children is None:
        draft = Draft(kind.workflow_ref, node.place)
        draft.header = Header(kind.workflow_ref, version)
    else:
        draft = subject.children.get((kind.workflow_ref, version))
        if draft is None:
            message = f"the workflow `{kind.workflow_ref}` {version} of subgraph `{node.name}` wasn't handed in"
            hint = did_you_mean(kind.workflow_ref, [id for id, _ in subject.children]) or "hand it in: `children=[…]`"
            page.note(subject.trees["workflow_ref"], "E041", message, hint)
    node.child = DraftChild(draft, kind.input_mapping, kind.output_mapping)


def _finalizer(subject: Subject, kind: ir.Finalizer) -> None:
    subject.run(kind.tool_ref, "tool_ref")
    subject.node.run_on = RunOn(kind.run_on)


def _limit_exceeded(subject: Subject, kind: ir.LimitExceeded) -> None:
    node = subject.node
    subject.config(message=node.description or ir.NO_MESSAGE)
    node.description = None


def _ms(seconds: int | None) -> int | None:
    return None if seconds is None else seconds * 1_000


READERS: Final[Mapping[str, tuple[type[msgspec.Struct], Callable[[Subject, Any], None]]]] = {
    "python_fn": (ir.PythonFn, _python_fn),
    "tool": (ir.Tool, _tool),
    "condition": (ir.Condition, _condition),
    "parallel": (ir.Parallel, _parallel),
    "join": (ir.Join, _join),
    "human_approval": (ir.HumanApproval, _human_approval),
    "wait": (ir.Wait, _wait),
    "subgraph": (ir.Subgraph, _subgraph),
    "finalizer": (ir.Finalizer, _finalizer),
    "limit_exceeded": (ir.LimitExceeded, _limit_exceeded),
}
"""The record of each kind, and what makes a node of it."""
