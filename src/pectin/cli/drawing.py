"""A workflow's graph in a few lines of text, with a mark at each node for what became of it.

It is drawn as a tree from the start: a node that several ways lead to is drawn out once, and named where the others
meet it.
"""

from __future__ import annotations

from collections.abc import Mapping

from pectin.cli.paper import Paper, columns_of
from pectin.cli.picture.chart import chart_of
from pectin.cli.picture.labels import decision_of
from pectin.cli.picture.standing import Standing
from pectin.cli.picture.tree import draw_tree
from pectin.core.definition import END, Edge, Trigger
from pectin.core.program import Program

_LINES_MAX = 60


def draw(program: Program, standings: Mapping[str, Standing], paper: Paper) -> list[str]:
    """The lines. Where they don't fit into the width, the tree that goes down the page; where that is too long, the
    nodes in a row instead."""
    drawing = _Drawing(program, standings)
    lines = drawing.tree(program.definition.start)
    if any(columns_of(line) > paper.columns for line in lines):
        if len(downwards := draw_tree(chart_of(program), standings, paper)) <= _LINES_MAX:
            return downwards
        items = program.definition.item_nodes()
        names = [drawing.name(node.id) for node in program.definition.nodes if node.id not in items]
        return _in_rows(names, paper.columns)
    if program.definition.on_limit is not None:
        before = "at a limit: "
        first, *others = drawing.tree(program.definition.on_limit)
        lines += [before + first, *(" " * len(before) + line for line in others)]
    if program.graph.finalizers:
        lines.append("at the end: " + ", ".join(map(drawing.name, program.graph.finalizers)))
    return lines


class _Drawing:
    def __init__(self, program: Program, standings: Mapping[str, Standing]) -> None:
        self._program = program
        self._standings = standings
        self._drawn: set[str] = set()

    def name(self, node: str) -> str:
        """A node with its mark."""
        return f"{node} {self._standings[node].mark}" if node in self._standings else node

    def tree(self, node: str) -> list[str]:
        """The lines from a node on. The first begins with it."""
        if node in self._drawn:
            return [node]
        self._drawn.add(node)
        edges = [edge for edge in self._program.definition.edges if edge.source == node and edge.target != END]
        # Ways of different words to one target are one way in the drawing.
        ways = list({edge.target: edge for edge in reversed(edges)}.values())[::-1]
        head = self.name(node)
        if not ways:
            return [head]
        if len(ways) == 1:
            return self._beside(f"{head} {self._link(ways[0])} ", ways[0])
        lines: list[str] = []
        indent = " " * columns_of(head)
        for index, way in enumerate(ways):
            last = index == len(ways) - 1
            fork = "─┬" if index == 0 else " └" if last else " ├"
            before = head if index == 0 else indent
            block = self._beside(f"{before} {fork}{self._arm(way)} ", way)
            rest = f"{indent}   " if last else f"{indent}  │"
            lines += [block[0], *(rest + line[len(rest) :] for line in block[1:])]
        return lines

    def _beside(self, before: str, way: Edge) -> list[str]:
        if way.trigger is Trigger.REPEAT:
            return [before + way.target]
        first, *others = self.tree(way.target)
        return [before + first, *(" " * columns_of(before) + line for line in others)]

    def _link(self, way: Edge) -> str:
        label = _label(way)
        return f"╌ {label} ╌" if label else "──"

    def _arm(self, way: Edge) -> str:
        label = _label(way)
        return f"╌ {label} ╌" if label else "─"


def _label(way: Edge) -> str:
    """What an edge is taken on, where it isn't the ordinary way."""
    match way.trigger:
        case Trigger.OTHERWISE:
            return "otherwise"
        case Trigger.ERROR:
            return "on error"
        case Trigger.REPEAT:
            return "again"
        case Trigger.LIMIT:
            return "at its limit"
        case Trigger.WHEN if (decision := decision_of(way)) and decision != "approved":
            return decision
        case _:
            return ""


def _in_rows(names: list[str], columns: int) -> list[str]:
    rows: list[str] = []
    for name in names:
        if rows and columns_of(rows[-1]) + columns_of(name) + 3 <= columns:
            rows[-1] += f" · {name}"
        else:
            rows.append(name)
    return rows
