"""A chart as lines of text: what comes next stands below, what parts is indented.

A node that several ways lead to stands once, below the node that all of them come from; each way names it. What would
be indented too far is named too, and drawn at the margin.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from pectin.cli.paper import Paper
from pectin.cli.picture.chart import AT_END, AT_LIMIT, START, STOP, Chart, Way
from pectin.cli.picture.standing import Standing

_ROOT = "()"


def draw_tree(chart: Chart, standings: Mapping[str, Standing], paper: Paper) -> list[str]:
    """The lines, not cut."""
    return _Tree(chart, standings, paper).lines()


class _Tree:
    def __init__(self, chart: Chart, standings: Mapping[str, Standing], paper: Paper) -> None:
        self._boxes = {box.id: box for box in chart.boxes}
        self._standings = standings
        self._paper = paper
        self._ways: dict[str, list[Way]] = {box: [] for box in (*self._boxes, _ROOT)}
        for way in chart.ways:
            self._ways[way.source].append(way)
        self._ways[_ROOT] = [Way(_ROOT, box) for box in (START, AT_LIMIT, AT_END) if box in self._boxes]
        self._order = _in_order(self._ways)
        self._below = self._find_below()
        self._put_off: deque[str] = deque()

    def lines(self) -> list[str]:
        """All of it."""
        lines = self._draw(self._ways[START][0].target, "")
        for box in (AT_LIMIT, AT_END):
            if box in self._boxes:
                lines += [f"{self._boxes[box].name}:", *self._draw(self._ways[box][0].target, "   ")]
        for box in self._below[_ROOT]:
            lines += self._draw(box, "")
        while self._put_off:
            lines += self._draw(self._put_off.popleft(), "")
        return lines

    def _find_below(self) -> dict[str, list[str]]:
        """What several ways lead to, by the last node that all of them come through."""
        sources: dict[str, list[str]] = {}
        for source in self._order:
            for way in self._onward(source):
                sources.setdefault(way.target, []).append(source)
        places = {box: place for place, box in enumerate(self._order)}
        parents = {_ROOT: _ROOT}
        below: dict[str, list[str]] = {box: [] for box in self._ways}
        for box in self._order[1:]:
            parents[box] = sources[box][0]
            for source in sources[box][1:]:
                parents[box] = _meet(parents[box], source, parents, places)
            if len(sources[box]) > 1:
                below[parents[box]].append(box)
        self._joined = {box for boxes in below.values() for box in boxes}
        return below

    def _onward(self, box: str) -> list[Way]:
        return [way for way in self._ways[box] if not way.repeats]

    # -- lines ------------------------------------------------------------------------------------------------------

    def _draw(self, box: str, indent: str, head: str | None = None) -> list[str]:
        """A node and what follows it. `head` stands before it in its line instead of the indent."""
        lines: list[str] = []
        pending = deque([box])
        while pending:
            box = pending.popleft()
            before, head = indent if head is None else head, None
            ways = self._ways[box]
            pending.extendleft(reversed(self._below[box]))
            if len(ways) == 1 and not ways[0].labels and not ways[0].repeats:
                target = ways[0].target
                if self._is_named(target):
                    lines.append(f"{before}{self._name(box)} → {self._boxes[target].name}")
                else:
                    lines.append(before + self._name(box))
                    pending.appendleft(target)
                continue
            lines.append(before + self._name(box))
            for way in ways:
                lines += self._branch(way, indent, is_last=way is ways[-1])
        return lines

    def _branch(self, way: Way, indent: str, *, is_last: bool) -> list[str]:
        target, arm = way.target, f"{indent}{'└─ ' if is_last else '├─ '}"
        label = self._paper.fit(" or ".join(way.labels), self._paper.columns // 2)
        head = f"{arm}{label}: " if label else arm
        if way.repeats:
            return [f"{head}back to {self._boxes[target].name}"]
        if self._is_named(target):
            return [f"{arm}{label} → {self._boxes[target].name}" if label else f"{arm}→ {self._boxes[target].name}"]
        inner = indent + ("   " if is_last else "│  ")
        if len(inner) > self._paper.columns // 3:
            self._put_off.append(target)
            return [f"{head}→ {self._boxes[target].name} (below)"]
        return self._draw(target, inner, head)

    def _is_named(self, box: str) -> bool:
        """Whether a node isn't drawn where a way leads to it."""
        return self._boxes[box].kind == STOP or box in self._joined

    def _name(self, box: str) -> str:
        """A node with how it stands and what it is."""
        standing = self._standings.get(box)
        parts = [] if standing is None else [f"{self._paper.mark(standing.mark).strip()} {standing}"]
        caption = ", ".join(self._boxes[box].caption)
        return "  ".join([self._boxes[box].name, *parts, *([f"({caption})"] if caption else [])])


def _in_order(ways: Mapping[str, Sequence[Way]]) -> list[str]:
    """All that can be reached, each after all that leads to it; ways back don't count."""
    order: list[str] = []
    seen = {_ROOT}
    walk = [(_ROOT, iter(reversed(ways[_ROOT])))]
    while walk:
        box, rest = walk[-1]
        for way in rest:
            if not way.repeats and way.target not in seen:
                seen.add(way.target)
                walk.append((way.target, iter(reversed(ways[way.target]))))
                break
        else:
            order.append(box)
            walk.pop()
    return order[::-1]


def _meet(one: str, other: str, parents: Mapping[str, str], places: Mapping[str, int]) -> str:
    """The last node that every way to either comes through."""
    while one != other:
        while places[one] > places[other]:
            one = parents[one]
        while places[other] > places[one]:
            other = parents[other]
    return one
