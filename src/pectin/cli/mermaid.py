"""A workflow's graph as a Mermaid flowchart, with what became of each node if it is an execution's.

Loops and the items of maps are boxes. What the ways from the start don't lead to stands apart: finalizers, and the node
for a passed limit with what follows it. Ids are made here and labels are quoted, so that no name can be syntax.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import Final

from pectin.cli.line import AGAIN, DOUBT, FAIL, NOTHING, OK, REST, WAIT
from pectin.cli.picture.labels import details_of, items_of, label_of
from pectin.cli.picture.standing import Standing
from pectin.core.definition import END, Definition, Edge, Trigger
from pectin.core.error import shorten
from pectin.core.program import Program

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "condition": ("{", "}"),
    "join": ("{{", "}}"),
    "human_approval": ("[/", "/]"),
    "wait": ("([", "])"),
    "subgraph": ("[[", "]]"),
    "parallel": ("[", "]"),
    "finalizer": ("(", ")"),
    "limit_exceeded": ("(((", ")))"),
}
_OTHER_SHAPE: Final = ("[", "]")

_CLASSES: Final[Mapping[str, tuple[str, str]]] = {
    OK: ("done", "fill:#d3f9d8,stroke:#2b8a3e,color:#000"),
    FAIL: ("failed", "fill:#ffe3e3,stroke:#c92a2a,color:#000"),
    WAIT: ("active", "fill:#fff3bf,stroke:#e67700,color:#000"),
    AGAIN: ("again", "fill:#c5f6fa,stroke:#0b7285,color:#000"),
    REST: ("rests", "fill:#e5dbff,stroke:#5f3dc4,color:#000"),
    DOUBT: ("doubt", "fill:#ffdeeb,stroke:#a61e4d,color:#000"),
    NOTHING: ("skipped", "fill:#f1f3f5,stroke:#868e96,color:#868e96,stroke-dasharray:4"),
}
"""What a mark's class is called, and how it looks. The mark stands in the label too: never colour alone."""

_ENTITIES: Final = {
    '"': "#quot;",
    "#": "#35;",
    "%": "#37;",
    "&": "#amp;",
    "<": "#lt;",
    ">": "#gt;",
    "`": "#96;",
    "|": "#124;",
    "\\": "#92;",
}
_LABEL_CHARACTERS_MAX: Final = 120


def flowchart(program: Program, standings: Mapping[str, Standing] | None = None) -> str:
    """The flowchart, its last line without a line break. `standings` are of the nodes that something became of."""
    return "\n".join(_Chart(program, standings or {}).lines())


def quoted(text: str) -> str:
    """A text as a label: on one line, in quotes, and nothing in it that Mermaid or HTML would read."""
    plain = shorten(
        " ".join("".join(sign if sign.isprintable() else " " for sign in text).split()), _LABEL_CHARACTERS_MAX
    )
    return f'"{"".join(_ENTITIES.get(sign, sign) for sign in plain)}"'


class _Chart:
    def __init__(self, program: Program, standings: Mapping[str, Standing]) -> None:
        self._program = program
        self._definition = program.definition
        self._standings = standings
        self._ids = _ids(program.nodes)
        self._items = self._definition.item_nodes()
        self._on_limit = self._definition.on_limit
        self._after_limit = _reachable(self._definition, self._on_limit) if self._on_limit is not None else set[str]()

    def lines(self) -> list[str]:
        apart = {*self._program.graph.finalizers, *self._after_limit, *self._items}
        lines = ["flowchart TD", "    start((start))"]
        lines += self._boxed((), [name for name in self._program.nodes if name not in apart], "    ")
        if any(edge.target == END for edge in self._definition.edges):
            lines.append("    stop((end))")
        lines += self._apart()
        lines.append(f"    start --> {self._ids[self._definition.start]}")
        lines += [f"    {self._edge(edge)}" for edge in self._definition.edges]
        for item, owner in self._items.items():
            lines.append(f"    {self._ids[owner]} -.->|{quoted('each item')}| {self._ids[item]}")
        return [*lines, *self._classes()]

    def _apart(self) -> list[str]:
        """The boxes of what the ways from the start don't lead to."""
        lines: list[str] = []
        if self._on_limit is not None:
            after = [name for name in self._program.nodes if name in self._after_limit and name not in self._items]
            lines.append('    subgraph apart_limit["when a limit is passed"]')
            lines += [*self._boxed((), after, "        "), "    end"]
        finalizers = self._program.graph.finalizers
        if finalizers:
            lines.append('    subgraph apart_end["at the end"]')
            lines += [f"        {self._node(name)}" for name in finalizers]
            for one, other in itertools.pairwise(self._ids[name] for name in finalizers):
                lines.append(f"        {one} --> {other}")
            lines.append("    end")
        return lines

    # -- nodes ------------------------------------------------------------------------------------------------

    def _boxed(self, path: tuple[str, ...], names: list[str], indent: str) -> list[str]:
        """The nodes that stand in these loops, those of inner loops in boxes of their own."""
        paths, lines = self._program.graph.path, list[str]()
        drawn = set[str]()
        for name in names:
            if paths[name] == path:
                lines += self._with_items(name, indent)
                continue
            inner = paths[name][: len(path) + 1]
            if inner[-1] in drawn:
                continue
            drawn.add(inner[-1])
            inside = [other for other in names if paths[other][: len(inner)] == inner]
            lines.append(f"{indent}subgraph loop_{self._ids[inner[-1]]}[{quoted(f'loop {inner[-1]}')}]")
            lines += [*self._boxed(inner, inside, indent + "    "), f"{indent}end"]
        return lines

    def _with_items(self, name: str, indent: str) -> list[str]:
        """A node; a map with the box of its items."""
        lines = [f"{indent}{self._node(name)}"]
        each = self._program.nodes[name].each
        if each is None:
            return lines
        title = quoted(items_of(self._program.nodes[name]))
        return [
            *lines,
            f"{indent}subgraph items_{self._ids[name]}[{title}]",
            f"{indent}    {self._node(each.node)}",
            f"{indent}end",
        ]

    def _node(self, name: str) -> str:
        node = self._program.nodes[name]
        left, right = _SHAPES.get(node.kind, _OTHER_SHAPE)
        standing = self._standings.get(name)
        texts = [name if standing is None else f"{standing.mark} {name}", *details_of(node)]
        texts += [] if standing is None else [str(standing)]
        label = "<br/>".join(quoted(text)[1:-1] for text in texts)
        return f'{self._ids[name]}{left}"{label}"{right}'

    def _classes(self) -> list[str]:
        """A class for each mark that is there, and the nodes that have it."""
        lines: list[str] = []
        for mark, (name, style) in _CLASSES.items():
            found = (node for node in self._program.nodes if node in self._standings)
            nodes = [self._ids[node] for node in found if self._standings[node].mark == mark]
            if nodes:
                lines += [f"    classDef {name} {style}", f"    class {','.join(nodes)} {name}"]
        return lines

    # -- edges ------------------------------------------------------------------------------------------------

    def _edge(self, edge: Edge) -> str:
        target = "stop" if edge.target == END else self._ids[edge.target]
        arrow = "-.->" if edge.trigger in (Trigger.ERROR, Trigger.LIMIT) else "-->"
        label = label_of(self._program, edge)
        return f"{self._ids[edge.source]} {arrow}{f'|{quoted(label)}|' if label else ''} {target}"


def _ids(names: Iterable[str]) -> dict[str, str]:
    """An id for each node, in the letters that Mermaid reads anywhere, and none of its words."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        wanted = id = f"n_{re.sub(r'[^A-Za-z0-9_]', '_', name)}"
        while id in taken:
            id = f"{wanted}_{len(taken)}"
        taken.add(id)
        ids[name] = id
    return ids


def _reachable(definition: Definition, start: str) -> set[str]:
    found, pending = set[str](), [start]
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending += [edge.target for edge in definition.edges if edge.source == node and edge.target != END]
    return found
