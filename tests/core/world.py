"""Definitions for the core's tests: small ones by hand, and random ones of everything that this version runs.

    define("a -> b when state.x > 1", "a -> c otherwise", "c -> a repeat 3 when state.x < 9")

A random graph is made of regions: a region is a row of items with edges forward, an item is a node or a loop around
another region. So every graph is valid by its making, and loops nest, share headers and are left over several levels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pectin.core.definition import END, Definition, Each, Edge, Join, Node, RunOn, Trigger
from pectin.core.program import Program
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Field, Integer, List, Object, Schema
from pectin.nodes import bind

ITEMS = "items"
ENDED_BY_PEOPLE = ("approved", "rejected")
MINUTE = 60_000

_EDGE = re.compile(
    r"(?P<source>\w+) -> (?P<target>\w+)"
    r"(?: (?P<word>when|otherwise|on_error|repeat))?(?:(?<=repeat) (?P<limit>\d+))?(?: (?:when )?(?P<condition>.+))?"
)


# -- by hand ----------------------------------------------------------------------------------------------------


def step(name: str, retry: RetryPolicy | None = None, output_key: str | None = None) -> Node:
    return Node(name, "python_fn", {"function": name}, retry=retry, output_key=output_key)


def approval(name: str, deadline_ms: int | None = None) -> Node:
    settings = {} if deadline_ms is None else {"deadline_ms": deadline_ms}
    return Node(name, "human_approval", {"prompt": "Go on?", **settings})


def timer(name: str, duration_ms: int = MINUTE) -> Node:
    return Node(name, "wait", {"duration_ms": duration_ms})


def fan(name: str) -> Node:
    return Node(name, "parallel")


def route(name: str, branches: dict[str, str], default: str | None = None) -> Node:
    """`branches`: from a target to its condition."""
    written = [{"when": condition, "to": target} for target, condition in branches.items()]
    return Node(name, "condition", {"branches": written, "default": default})


def each(name: str, item: str, items: str = "state.items", at_once: int | None = None, key: str | None = None) -> Node:
    return Node(name, "parallel", each=Each(items, item, at_once), output_key=key)


def join(name: str, *sources: str, key: str | None = None) -> Node:
    return Node(name, "join", join=Join(sources), output_key=key)


def finalizer(name: str, run_on: RunOn = RunOn.ALWAYS, retry: RetryPolicy | None = None) -> Node:
    return Node(name, "finalizer", {"function": name}, run_on=run_on, retry=retry)


def edge(line: str) -> Edge:
    match = _EDGE.fullmatch(line)
    assert match is not None, line
    limit = None if match["limit"] is None else int(match["limit"])
    trigger = Trigger(match["word"] or "always")
    return Edge(match["source"], match["target"], trigger, match["condition"], limit)


def schema_of(keys: Iterable[str], kinds: Mapping[str, Schema] | None = None) -> Object:
    known: dict[str, Schema] = {ITEMS: List(Integer()), **(kinds or {})}
    fields = dict.fromkeys((*keys, *known))
    return Object({key: Field(known.get(key, Integer())) for key in fields})


def define(*lines: str, nodes: Sequence[Node] = (), keys: Mapping[str, Schema] | None = None) -> Definition:
    """The edges in words; nodes that aren't given are functions, the first one is the start.

    The state has the integers `x`, `y`, `z` and the list `items`, and whatever `keys` says.
    """
    edges = tuple(edge(line) for line in lines)
    given = {node.id: node for node in nodes}
    names = dict.fromkeys(name for each in edges for name in (each.source, each.target) if name != END)
    made = {name: given.get(name) or step(name) for name in (names or given)}
    return Definition(
        id="world",
        version="1.0.0",
        state=schema_of(("x", "y", "z"), keys),
        start=next(iter(made)),
        nodes=(*made.values(), *(node for name, node in given.items() if name not in made)),
        edges=edges,
    )


def program(*lines: str, nodes: Sequence[Node] = (), keys: Mapping[str, Schema] | None = None) -> Program:
    return bind(define(*lines, nodes=nodes, keys=keys))


# -- by chance --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sketch:
    """A graph in the making: functions first, then edges, then what else nodes can be."""

    random: Random
    names: list[str] = field(default_factory=list[str])
    pairs: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    repeats: dict[tuple[str, str], Edge] = field(default_factory=dict[tuple[str, str], Edge])
    around: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    kinds: dict[str, Schema] = field(default_factory=dict[str, Schema])
    aside: list[Node] = field(default_factory=list[Node])

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def name(self) -> str:
        self.names.append(f"n{len(self.names)}")
        return self.names[-1]

    def test(self, name: str) -> str:
        """A condition that is true about half of the time, over what `name` wrote."""
        return f"state.{key_of(name)} % 4 {self.random.choice(('<', '<', '>='))} 2"


def key_of(name: str) -> str:
    return f"v_{name}"


def random_definition(seed: int) -> Definition:
    """A valid definition of a few nodes, up to twenty."""
    sketch = _Sketch(Random(seed))
    _region(sketch, sketch.random.randint(3, 12), 0)
    nodes, edges = _fill(sketch)
    finalizers = [
        finalizer(f"f{i}", sketch.random.choice(list(RunOn))) for i in range(sketch.random.choice((0, 0, 1, 2)))
    ]
    return Definition(
        id="random",
        version="1.0.0",
        state=schema_of(("shared", *map(key_of, sketch.names)), sketch.kinds),
        start=sketch.names[0],
        nodes=(*nodes, *sketch.aside, *finalizers),
        edges=tuple(edges),
    )


def _region(sketch: _Sketch, size: int, depth: int) -> list[str]:
    """A row of items; the first name of each is the only way into it. Returns all names, the entry first."""
    random = sketch.random
    items: list[list[str]] = []
    while size > 0:
        if depth < 3 and sketch.chance(0.15 + 0.15 * depth):
            items.append(_loop(sketch, min(size, random.randint(1, 6)), depth + 1))
        else:
            items.append([sketch.name()])
        size -= len(items[-1])
    if depth and len(items[-1]) > 1:
        items.append([sketch.name()])  # somebody has to be in this loop and in none within
    for index in range(1, len(items)):
        sources = random.sample(range(index), min(index, random.choice((1, 1, 1, 2, 2, 3))))
        # Mostly from nearby: chains, then diamonds with short cuts.
        if sketch.chance(0.4) and index - 1 not in sources:
            sources.append(index - 1)
        for source in sources:
            sketch.pairs.append((random.choice(items[source]), items[index][0]))
    return [name for names in items for name in names]


def _loop(sketch: _Sketch, size: int, depth: int) -> list[str]:
    names = _region(sketch, size, depth)
    inner = {name for header in sketch.around for name in sketch.around[header] if header != names[0]}
    own = [name for name in names if name not in inner]
    sketch.around[names[0]] = names
    for source in dict.fromkeys((own[-1], sketch.random.choice(own))):
        condition = f"state.{key_of(source)} % 4 < 2"
        limit = sketch.random.choice((3, 5, 9))
        sketch.repeats[source, names[0]] = Edge(source, names[0], Trigger.REPEAT, condition, limit)
    return names


def _fill(sketch: _Sketch) -> tuple[list[Node], list[Edge]]:
    """Give each name a kind that fits its edges, and the edges the words that fit the kind."""
    targets: dict[str, list[str]] = {name: [] for name in sketch.names}
    sources: dict[str, list[str]] = {name: [] for name in sketch.names}
    for source, target in dict.fromkeys(sketch.pairs):
        targets[source].append(target)
        sources[target].append(source)
    looping = {source for source, _ in sketch.repeats}
    nodes: list[Node] = []
    edges: list[Edge] = []
    for name in sketch.names:
        came_from = [] if name in sketch.around else sources[name]  # validation has no joins as headers
        make = _function if name in looping else _kind(sketch, came_from, targets[name])
        node, ways = make(sketch, name, sources[name], targets[name])
        nodes.append(node)
        edges.extend(ways)
    return nodes, [*edges, *sketch.repeats.values()]


_Made = tuple[Node, list[Edge]]
_Make = Callable[[_Sketch, str, list[str], list[str]], _Made]


def _kind(sketch: _Sketch, sources: list[str], targets: list[str]) -> _Make:
    drawn = sketch.random.random()
    if len(sources) > 1 and sketch.chance(0.5):
        return _join
    for share, make in ((0.08, _approval), (0.15, _timer), (0.25, _map)):
        if drawn < share:
            return make
    if targets and drawn < 0.33:
        return _fan
    return _condition if targets and drawn < 0.43 else _function


def _function(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    random = sketch.random
    retry = None
    if sketch.chance(0.4):
        delay = random.choice((0, 500, 4_000))
        retry = RetryPolicy(
            max_attempts=random.randint(1, 3),
            backoff=random.choice(list(Backoff)),
            initial_delay_ms=delay,
            max_delay_ms=max(delay, 5_000),
            jitter=sketch.chance(0.5),
            retryable_on=random.choice(((), ("io_error",))),
        )
    return step(name, retry), _ways(sketch, name, targets)


def _ways(sketch: _Sketch, name: str, targets: list[str]) -> list[Edge]:
    """Some for good, some by condition, some on failure."""
    random = sketch.random
    edges: list[Edge] = []
    for target in targets:
        drawn = random.random()
        if drawn < 0.65:
            edges.append(Edge(name, target))
        elif drawn < 0.85:
            edges.append(Edge(name, target, Trigger.WHEN, sketch.test(random.choice(sketch.names))))
            if sketch.chance(0.2):  # two ways to one node
                edges.append(Edge(name, target, Trigger.OTHERWISE))
        else:
            condition = "error.message == 'no'" if sketch.chance(0.3) else None
            edges.append(Edge(name, target, Trigger.ERROR, condition))
    if targets and any(edge.trigger is Trigger.WHEN for edge in edges) and sketch.chance(0.5):
        edges.append(Edge(name, random.choice((*targets, END)), Trigger.OTHERWISE))
    if not any(edge.trigger is Trigger.ERROR for edge in edges) and sketch.chance(0.3):
        edges.append(Edge(name, END, Trigger.ERROR))
    return list(dict.fromkeys(edges))


def _approval(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    deadline = sketch.random.choice((None, 30 * 24 * 60 * MINUTE))
    edges = [
        Edge(name, target, Trigger.WHEN, f"output.decision == '{sketch.random.choice(ENDED_BY_PEOPLE)}'")
        for target in targets
    ]
    edges.append(Edge(name, END, Trigger.WHEN, "output.decision == 'rejected'"))
    edges.append(Edge(name, sketch.random.choice((*targets, END)), Trigger.OTHERWISE))
    return approval(name, deadline), edges


def _timer(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    return timer(name, sketch.random.randint(1, 5) * MINUTE), [Edge(name, target) for target in targets]


def _map(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    key = f"m_{name}"
    sketch.kinds[key] = List(AnyValue())
    sketch.aside.append(_function(sketch, f"i_{name}", [], [])[0])
    items = sketch.random.choice(("state.items", "[]", "[7, 8, 9, 10]"))
    at_once = sketch.random.choice((None, 1, 2))
    error = [Edge(name, END, Trigger.ERROR)] if sketch.chance(0.5) else []
    node = each(name, f"i_{name}", items, at_once, sketch.random.choice((None, key)))
    return node, [*(Edge(name, target) for target in targets), *error]


def _fan(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    return fan(name), [Edge(name, target) for target in targets]


def _condition(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    branches = {target: sketch.test(sketch.random.choice(sketch.names)) for target in targets[:-1]}
    if sketch.chance(0.1):
        branches[targets[-1]] = sketch.test(name)
        return route(name, branches), [*(Edge(name, t) for t in targets), Edge(name, END, Trigger.ERROR)]
    if not branches:
        branches[END] = sketch.test(name)
        return route(name, branches, targets[-1]), [Edge(name, target) for target in (*targets, END)]
    return route(name, branches, targets[-1]), [Edge(name, target) for target in targets]


def _join(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    key = f"j_{name}"
    sketch.kinds[key] = AnyValue()
    order = sketch.random.sample(sources, len(sources))
    return join(name, *order, key=key), [Edge(name, target) for target in targets]


def first_state(definition: Definition) -> dict[str, Any]:
    """A complete state: zeros, an empty list for what a map or a join writes, and three items."""
    state: dict[str, Any] = {
        key: 0 if isinstance(f.schema, Integer) else [] for key, f in definition.state.fields.items()
    }
    return {**state, ITEMS: [1, 2, 3]}
