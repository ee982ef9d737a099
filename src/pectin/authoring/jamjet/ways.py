"""The edges of an IR. What leads on from a node depends on its kind: an approval goes on if it was approved, the
targets of a condition and of a parallel node stand in the node too, and nothing leads to a finalizer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Sequence, Tree, name_of
from pectin.authoring.draft import DraftNode
from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.condition import Untranslatable, to_expression
from pectin.authoring.jamjet.record import read_record
from pectin.core.action import TIMEOUT
from pectin.core.definition import END, Edge, Trigger
from pectin.core.hint import did_you_mean
from pectin.core.schema import Object
from pectin.nodes.human_approval import DECISIONS

APPROVED, REJECTED = DECISIONS


class ReadNode(NamedTuple):
    """A node that was read: the draft's node, JamJet's record of its kind, and where the record's fields stand."""

    node: DraftNode
    kind: ir.Kind
    trees: Mapping[str, Tree]


class Ways:
    """Reads the edges of a workflow whose nodes have been read."""

    def __init__(self, page: Page, nodes: Mapping[str, ReadNode], state: Object | None) -> None:
        self._page = page
        self._nodes = nodes
        self._state = state

    def read(self, tree: Tree) -> None:
        """The edges, and those that follow from the nodes' own words."""
        page = self._page
        if not isinstance(tree, Sequence):
            page.note(tree, "E070", f"the edges are {name_of(tree)}, and have to be a list", "write one")
            return
        edges = [edge for item in tree.items if (edge := self._read_record(item)) is not None]
        last = {edge.source: edge for edge, _ in edges}
        for edge, trees in edges:
            self._read_edge(edge, trees)
            if last[edge.source] is edge:
                self._end_approval(edge.source)
        for name, found in self._nodes.items():
            if isinstance(found.kind, ir.HumanApproval) and name not in last:
                self._add(Edge(name, END, Trigger.WHEN, decided(APPROVED)), found.trees["description"])
                self._end_approval(name)
            elif isinstance(found.kind, ir.Condition):
                self._read_branches(found, found.kind)
            elif isinstance(found.kind, ir.Parallel):
                self._check_branches(found, found.kind)

    def _read_record(self, item: Tree) -> tuple[ir.EdgeDef, Mapping[str, Tree]] | None:
        record = read_record(self._page, item, ir.EdgeDef, "an edge")
        return (ir.EdgeDef(**record.values), record.trees) if record.is_whole else None

    def _read_edge(self, edge: ir.EdgeDef, trees: Mapping[str, Tree]) -> None:
        source = self._find(edge.source, trees["source"])
        target = None if edge.target == END else self._find(edge.target, trees["target"])
        if target is not None and isinstance(target.kind, ir.Finalizer):
            message = f"an edge leads to the finalizer `{edge.target}`, which runs at the end by itself"
            self._page.note(trees["target"], "E071", message, "delete the edge")
        elif source is not None and isinstance(source.kind, ir.Finalizer):
            message = f"an edge leaves the finalizer `{edge.source}`, and finalizers run in the order of the nodes"
            self._page.note(trees["source"], "E071", message, "delete the edge")
        elif source is not None:
            self._add_edge(edge, source, trees)

    def _add_edge(self, edge: ir.EdgeDef, source: ReadNode, trees: Mapping[str, Tree]) -> None:
        chooses = isinstance(source.kind, ir.HumanApproval | ir.Condition | ir.Parallel)
        if edge.condition is not None and chooses:
            message = f"an edge of the {source.node.kind} `{edge.source}` has a condition, and its node decides"
            self._page.note(trees["condition"], "E071", message, "write it into a node of its own")
        elif isinstance(source.kind, ir.HumanApproval):
            self._add(Edge(edge.source, edge.target, Trigger.WHEN, decided(APPROVED)), trees["target"])
        elif edge.condition is None:
            self._add(Edge(edge.source, edge.target), trees["target"])
        elif (condition := self._translate(edge.condition, trees["condition"])) is not None:
            added = Edge(edge.source, edge.target, Trigger.WHEN, condition)
            self._add(added, trees["target"], condition=trees["condition"])

    def _end_approval(self, name: str) -> None:
        """The edges of the decisions that JamJet has no edges for."""
        found = self._nodes.get(name)
        if found is None or not isinstance(found.kind, ir.HumanApproval):
            return
        place = found.trees["description"]
        self._add(Edge(name, END, Trigger.WHEN, decided(REJECTED)), place)
        fallback = found.kind.fallback_node
        has_deadline = "deadline_ms" in found.node.config or self._page.draft.header.timeouts.approval_timeout_ms
        if fallback is not None and fallback != END:
            self._find(fallback, found.trees["fallback_node"])
        if has_deadline:
            self._add(Edge(name, fallback or END, Trigger.WHEN, decided(TIMEOUT)), place)
        elif fallback is not None:
            message = f"approval `{name}` has a `fallback_node` and no time after which it would lead there"
            self._page.note(found.trees["fallback_node"], "E070", message, "add `timeout_secs`, or delete it")

    def _read_branches(self, found: ReadNode, kind: ir.Condition) -> None:
        """The branches of a condition, in our language."""
        page, node, tree = self._page, found.node, found.trees["branches"]
        trees = tree.items if isinstance(tree, Sequence) else ()
        branches: list[dict[str, str]] = []
        for branch, item in zip(kind.branches, trees, strict=True):
            said = item.find("condition") if isinstance(item, MappingTree) else None
            if branch.condition is None or said is None:
                if "default" in node.config:
                    message = f"condition `{node.name}` has two branches without a condition"
                    page.note(item, "E070", message, "only the first would ever be taken: delete the other")
                node.config.setdefault("default", branch.target)
            elif (condition := self._translate(branch.condition, said)) is not None:
                page.point(node.place, f"config.branches.{len(branches)}.when", said)
                branches.append({"when": condition, "to": branch.target})
        node.config["branches"] = branches

    def _check_branches(self, found: ReadNode, kind: ir.Parallel) -> None:
        name = found.node.name
        targets = [edge.target for edge, _ in self._page.draft.edges if edge.source == name]
        if list(kind.branches) != targets:
            message = f"the branches of the parallel `{name}` aren't the targets of its edges, in their order"
            listed = ", ".join(f'"{target}"' for target in targets)
            self._page.note(found.trees["branches"], "E070", message, f"write [{listed}], or other edges")

    def _translate(self, condition: str, tree: Tree) -> str | None:
        if self._state is None:
            return None
        try:
            return to_expression(condition, self._state)
        except Untranslatable as error:
            assert isinstance(tree, Scalar), "it was read as a text"
            self._page.note_within(tree, "E072", error.message, error.hint, start=error.start, end=error.end)
            return None

    def _find(self, name: str, tree: Tree) -> ReadNode | None:
        found = self._nodes.get(name)
        if found is None and name not in self._page.draft.nodes:
            hint = did_you_mean(name, self._page.draft.nodes) or "add it to `nodes`"
            self._page.note(tree, "E006", f"unknown node `{name}`", hint)
        return found

    def _add(self, edge: Edge, tree: Tree, condition: Tree | None = None) -> None:
        place = self._page.place(tree)
        self._page.draft.edges.append((edge, place))
        if condition is not None:
            self._page.point(place, "condition", condition)


def decided(decision: str) -> str:
    """The condition of an approval's edge."""
    return f"output.decision == '{decision}'"
