"""Random definitions of everything that runs, loops, joins, failure routes and limits inside one another.

A graph is made of regions: a region is a row of items with edges forward, an item is a node or a loop around another
region. So every graph is valid by its making, and loops nest, share headers and are left over several levels.

A `calm` one leaves out what makes an outcome depend on time: joins that fire early, deadlines that pass, either this
message or that one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from pectin.core.definition import (
    END,
    Child,
    Definition,
    Each,
    Edge,
    Effect,
    Join,
    Node,
    OnFailure,
    OnItemFailure,
    Reducer,
    RunOn,
    Trigger,
    WorkflowLimits,
)
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Decimal, Integer, List, Map, Object, Schema
from tests.core.ceilings import with_budget
from tests.core.world import ITEMS, MINUTE, approval, fan, finalizer, route, schema_of, step, wait

LONG = 30 * 24 * 60 * MINUTE
"""A deadline that nobody waits for."""

REDUCED: dict[str, tuple[Reducer, Schema]] = {
    "r_append": (Reducer.APPEND, List(Integer())),
    "r_add": (Reducer.ADD, Integer()),
    "r_sum": (Reducer.ADD, Decimal()),
    "r_max": (Reducer.MAX, Integer()),
    "r_min": (Reducer.MIN, Integer()),
    "r_union": (Reducer.UNION, List(Integer())),
    "r_merge": (Reducer.MERGE, Map(AnyValue())),
}
_TESTS = {
    "r_append": "size(state.r_append) % 3 < 2",
    "r_add": "state.r_add % 4 < 2",
    "r_sum": "state.r_sum < 3",
    "r_max": "state.r_max % 4 < 2",
    "r_min": "state.r_min > -30",
    "r_union": "size(state.r_union) % 2 == 0",
    "r_merge": "has(state.r_merge.common)",
}


@dataclass(slots=True)
class _Sketch:
    """A graph in the making: functions first, then edges, then what else nodes can be."""

    random: Random
    calm: bool
    names: list[str] = field(default_factory=list[str])
    pairs: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    repeats: dict[tuple[str, str], Edge] = field(default_factory=dict[tuple[str, str], Edge])
    limits: dict[str, str] = field(default_factory=dict[str, str])
    around: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    kinds: dict[str, Schema] = field(default_factory=dict[str, Schema])
    aside: list[Node] = field(default_factory=list[Node])
    reducers: dict[str, Reducer] = field(default_factory=dict[str, Reducer])
    is_open: bool = False
    iterations_max: int | None = None

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def name(self) -> str:
        self.names.append(f"n{len(self.names)}")
        return self.names[-1]

    def test(self, name: str) -> str:
        """A condition that is true about half of the time, mostly over what `name` wrote."""
        if self.reducers and self.chance(0.25):
            return _TESTS[self.random.choice(list(self.reducers))]
        if self.chance(0.02):
            return f"12 / state.{key_of(name)} > 2"  # by zero it is an error
        if self.is_open and self.chance(0.3):
            return f"has(state.x_{name})"
        return f"state.{key_of(name)} % 4 {self.random.choice(('<', '<', '>='))} 2"

    def test_any(self) -> str:
        return self.test(self.random.choice(self.names))

    def minutes(self) -> int:
        """A deadline: one that passes only where that may be."""
        return LONG if self.calm or self.chance(0.3) else self.random.randint(1, 5) * MINUTE


def key_of(name: str) -> str:
    return f"v_{name}"


def random_definition(seed: int, calm: bool = True) -> Definition:
    """A valid definition of a few nodes, up to twenty."""
    random = Random(seed)
    sketch = _Sketch(random, calm)
    if sketch.chance(0.6):
        chosen = random.sample(list(REDUCED), random.randint(1, len(REDUCED)))
        sketch.reducers = {key: REDUCED[key][0] for key in chosen}
        sketch.kinds = {key: REDUCED[key][1] for key in chosen}
    sketch.is_open = sketch.chance(0.25)
    sketch.iterations_max = random.choice((None, None, 2, 3, 6))
    _region(sketch, random.randint(4, 18), 0)
    nodes, edges = _fill(sketch)
    limits = _limits(sketch, edges)
    finalizers = [
        finalizer(f"f{i}", random.choice(list(RunOn)), _retry(sketch)) for i in range(random.choice((0, 0, 1, 2)))
    ]
    state = schema_of(("shared", *map(key_of, sketch.names)), sketch.kinds)
    definition = Definition(
        id="random",
        version="1.0.0",
        state=Object(state.fields, open=sketch.is_open),
        start=sketch.names[0],
        nodes=(*nodes, *sketch.aside, *finalizers),
        edges=tuple(edges),
        reducers=sketch.reducers,
        limits=limits,
        on_failure=random.choice((None, None, *[OnFailure.WAIT] * 4, OnFailure.FAIL_FAST)),
        stop_grace_ms=random.choice((None, 0, 5_000)),
    )
    return with_budget(definition, Random(f"{seed} spends"))


def _limits(sketch: _Sketch, edges: list[Edge]) -> WorkflowLimits | None:
    """The workflow's limits, and the nodes that are entered when one is passed."""
    wall_time_ms = None if sketch.chance(0.6) else 10 * LONG
    if not sketch.calm and sketch.chance(0.2):
        wall_time_ms = sketch.random.randint(5, 30) * MINUTE
    if sketch.iterations_max is None and wall_time_ms is None:
        return None
    on_limit = None
    if sketch.chance(0.5):
        on_limit = "l0"
        node, ways = _function(sketch, "l0", [], ["l1"])
        sketch.aside += [node, fan("l1") if sketch.chance(0.5) else step("l1")]
        edges += [*ways, *([] if ways else [Edge("l0", "l1")])]
        sketch.names += ["l0", "l1"]
    return WorkflowLimits(max_iterations=sketch.iterations_max, wall_time_ms=wall_time_ms, on_limit=on_limit)


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
    for index, names in enumerate(items):
        for header in names:
            if header in sketch.around and header not in sketch.limits and sketch.chance(0.25):
                sketch.limits[header] = random.choice([END, *(later[0] for later in items[index + 1 :])])
    return [name for names in items for name in names]


def _loop(sketch: _Sketch, size: int, depth: int) -> list[str]:
    names = _region(sketch, size, depth)
    inner = {name for header in sketch.around for name in sketch.around[header] if header != names[0]}
    own = [name for name in names if name not in inner]
    sketch.around[names[0]] = names
    if sketch.limits.get(names[0]) in names:  # it shares the header of a loop within
        del sketch.limits[names[0]]
    for source in dict.fromkeys((own[-1], sketch.random.choice(own))):
        condition = sketch.test(source) if sketch.chance(0.3) else f"state.{key_of(source)} % 4 < 2"
        limits = (3, 5, 9) if sketch.iterations_max is None else (3, 5, 9, None)
        sketch.repeats[source, names[0]] = Edge(
            source, names[0], Trigger.REPEAT, condition, sketch.random.choice(limits)
        )
    return names


def _fill(sketch: _Sketch) -> tuple[list[Node], list[Edge]]:
    """Give each name a kind that fits its edges, and the edges the words that fit the kind."""
    targets: dict[str, list[str]] = {name: [] for name in sketch.names}
    sources: dict[str, list[str]] = {name: [] for name in sketch.names}
    for source, target in dict.fromkeys(sketch.pairs):
        targets[source].append(target)
        sources[target].append(source)
    for header, target in sketch.limits.items():
        if target != END and header not in sources[target]:
            sources[target].append(header)
    looping = {source for source, _ in sketch.repeats}
    nodes: list[Node] = []
    edges = [Edge(header, target, Trigger.LIMIT) for header, target in sketch.limits.items()]
    for name in sketch.names:
        leads = bool(targets[name]) or name in sketch.around or name == sketch.names[0]
        make = _function if name in looping else _kind(sketch, sources[name], targets[name], leads)
        node, ways = make(sketch, name, sources[name], targets[name])
        nodes.append(node)
        edges.extend(ways)
    return nodes, [*edges, *sketch.repeats.values()]


_Made = tuple[Node, list[Edge]]
_Make = Callable[[_Sketch, str, list[str], list[str]], _Made]


def _kind(sketch: _Sketch, sources: list[str], targets: list[str], leads: bool) -> _Make:
    drawn = sketch.random.random()
    if len(sources) > 1 and sketch.chance(0.5):
        return _join
    for share, make in ((0.09, _approval), (0.22, _wait), (0.32, _map), (0.40, _child)):
        if drawn < share:
            return make
    if not leads and drawn < 0.44:
        return _limit_exceeded
    if targets and drawn < 0.46:
        return _fan
    return _condition if targets and drawn < 0.54 else _function


def _retry(sketch: _Sketch, once: bool = False) -> RetryPolicy | None:
    if sketch.chance(0.6):
        return None
    random = sketch.random
    delay = random.choice((0, 500, 4_000))
    return RetryPolicy(
        max_attempts=random.randint(1, 3),
        backoff=random.choice(list(Backoff)),
        initial_delay_ms=delay,
        max_delay_ms=max(delay, 5_000),
        jitter=sketch.chance(0.5),
        retryable_on=random.choice(((), ("io_error",))) if not once else ("io_error",),
    )


def _function(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    ways = _ways(sketch, name, targets)
    if not sketch.chance(0.25):
        return step(name, _retry(sketch)), ways
    reconcile = f"{name}.reconcile" if sketch.chance(0.5) else None
    return step(name, _retry(sketch, once=True), effect=Effect.ONCE, reconcile=reconcile), ways


def _ways(sketch: _Sketch, name: str, targets: list[str]) -> list[Edge]:
    """Some for good, some by condition, some on failure."""
    random = sketch.random
    edges: list[Edge] = []
    for target in targets:
        drawn = random.random()
        if drawn < 0.75:
            edges.append(Edge(name, target))
        elif drawn < 0.9:
            edges.append(Edge(name, target, Trigger.WHEN, sketch.test_any()))
            if sketch.chance(0.2):  # two ways to one node
                edges.append(Edge(name, target, Trigger.OTHERWISE))
        else:
            condition = "error.message == 'no'" if sketch.chance(0.3) else None
            edges.append(Edge(name, target, Trigger.ERROR, condition))
    if targets and any(edge.trigger is Trigger.WHEN for edge in edges) and sketch.chance(0.5):
        edges.append(Edge(name, random.choice((*targets, END)), Trigger.OTHERWISE))
    if not any(edge.trigger is Trigger.ERROR for edge in edges) and sketch.chance(0.4):
        edges.append(Edge(name, random.choice((*targets, END)), Trigger.ERROR))
    return list(dict.fromkeys(edges))


def _approval(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    decisions = sketch.random.choice((("approved", "rejected"), ("go", "stop", "later")))
    edges = [
        Edge(name, target, Trigger.WHEN, f"output.decision {sketch.random.choice(('==', '!='))} '{decisions[1]}'")
        for target in targets
    ]
    edges.append(Edge(name, END, Trigger.WHEN, f"output.decision == '{decisions[1]}'"))
    edges.append(Edge(name, sketch.random.choice((*targets, END)), Trigger.OTHERWISE))
    editable: list[str] = []
    if sketch.chance(0.4):
        sketch.kinds[f"e_{name}"] = Integer()
        editable = [f"e_{name}", *(key for key in ("r_add", "r_append") if key in sketch.reducers)]
        editable += ["shared"] * (not sketch.calm)
    deadline = sketch.minutes() if sketch.chance(0.5) else None
    return approval(name, deadline, decisions=decisions, editable=editable), edges


def _wait(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    """For time, a message, or whichever comes first. Several wait for the signal `go`."""
    random = sketch.random
    message = {"event": "parcel", "correlation": name}
    if sketch.chance(0.65):
        message = {"signal": random.choice(("go", "go", "go", f"s_{name}"))}
    match random.choice(("timer", "message", "deadline", "timed", "message" if sketch.calm else "both")):
        case "timer":
            return wait(name, duration_ms=random.randint(1, 5) * MINUTE), [Edge(name, target) for target in targets]
        case "deadline":
            settings = {**message, "deadline_ms": sketch.minutes()}
        case "timed":
            settings = {**message, "duration_ms": sketch.minutes()}
        case "both":
            settings = {"signal": "go", "event": "parcel", "correlation": "{{ state.shared }}"}
        case _:
            settings = {**message}
    key = random.choice((None, f"w_{name}"))
    if key is not None:
        sketch.kinds[key] = AnyValue()
    edges = [Edge(name, target) for target in targets]
    if "duration_ms" in settings and targets:
        edges[0] = Edge(name, targets[0], Trigger.WHEN, "output.came != 'timer'")
    return wait(name, key=key, **settings), [*edges, *_caught(sketch, name, targets)]


def _caught(sketch: _Sketch, name: str, targets: list[str]) -> list[Edge]:
    return [Edge(name, sketch.random.choice((*targets, END)), Trigger.ERROR)] if sketch.chance(0.5) else []


def _map(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    random = sketch.random
    item = f"i_{name}"
    if sketch.chance(0.3):
        sketch.aside.append(Node(item, "subgraph", child=Child("inner", "1.0.0", {"n": "item", "at": "index"})))
    else:
        sketch.aside.append(_function(sketch, item, [], [])[0])
    key = random.choice((None, f"m_{name}"))
    if key is not None:
        sketch.kinds[key] = List(AnyValue())
    items = random.choice(
        (f"state.{ITEMS}", f"state.{ITEMS}", "[]", f"[7, 8, state.{key_of(random.choice(sketch.names))}]")
    )
    trait = Each(items, item, random.choice((None, 1, 2)), random.choice((None, *OnItemFailure)))
    edges = [*(Edge(name, target) for target in targets), *_caught(sketch, name, targets)]
    return Node(name, "parallel", each=trait, output_key=key), edges


def _child(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    given = {"n": f"state.{key_of(sketch.random.choice(sketch.names))}"} if sketch.chance(0.7) else {}
    kept = {key_of(name): "output.n"} if sketch.chance(0.7) else {}
    key = sketch.random.choice((None, f"c_{name}"))
    if key is not None:
        sketch.kinds[key] = AnyValue()
    node = Node(name, "subgraph", child=Child("inner", "1.0.0", given, kept), output_key=key)
    edges = [Edge(name, target) for target in targets]
    if targets and sketch.chance(0.2):
        edges[0] = Edge(name, targets[0], Trigger.WHEN, "output.n % 4 < 2")
    return node, [*edges, *_caught(sketch, name, targets)]


def _limit_exceeded(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    return Node(name, "limit_exceeded", {"message": "{{ state.shared }} is enough"}), []


def _fan(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    return fan(name), [Edge(name, target) for target in targets]


def _condition(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    branches = {target: sketch.test_any() for target in targets[:-1]}
    if sketch.chance(0.1):
        branches[targets[-1]] = sketch.test(name)
        return route(name, branches), [*(Edge(name, t) for t in targets), Edge(name, END, Trigger.ERROR)]
    if not branches:
        branches[END] = sketch.test(name)
        return route(name, branches, targets[-1]), [Edge(name, target) for target in (*targets, END)]
    return route(name, branches, targets[-1]), [Edge(name, target) for target in targets]


def _join(sketch: _Sketch, name: str, sources: list[str], targets: list[str]) -> _Made:
    order = sketch.random.sample(sources, len(sources))
    trait = Join(tuple(order))
    if not sketch.calm and sketch.chance(0.7):
        fires_when = sketch.random.choice((None, None, "size(arrivals) >= 2", "arrivals.exists(a, a.output != null)"))
        trait = Join(trait.wait_for, None if fires_when else sketch.random.randint(1, len(order)), fires_when)
    key = sketch.random.choice((None, f"j_{name}", f"j_{name}"))
    if key is not None:
        sketch.kinds[key] = AnyValue()
    edges = [Edge(name, target) for target in targets]
    if not sketch.calm:
        edges += _caught(sketch, name, targets)
    return Node(name, "join", join=trait, output_key=key), edges
