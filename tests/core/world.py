"""Definitions for the core's tests, small ones by hand (`chance` draws random ones).

define("a -> b when state.x > 1", "a -> c otherwise", "c -> a repeat 3 when state.x < 9")
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pectin.core.definition import END, Child, Definition, Each, Edge, Join, Node, RunOn, Trigger
from pectin.core.program import Program
from pectin.core.retry import RetryPolicy
from pectin.core.schema import Decimal, Field, Integer, List, Map, Object, Schema
from pectin.nodes import bind

ITEMS = "items"
MINUTE = 60_000

_EDGE = re.compile(
    r"(?P<source>\w+) -> (?P<target>\w+)"
    r"(?: (?P<word>when|otherwise|on_error|on_limit|repeat))?(?:(?<=repeat) (?P<limit>\d+))?"
    r"(?: (?:when )?(?P<condition>.+))?"
)


def step(name: str, retry: RetryPolicy | None = None, output_key: str | None = None, **traits: Any) -> Node:
    return Node(name, "python_fn", {"function": name}, retry=retry, output_key=output_key, **traits)


def approval(name: str, deadline_ms: int | None = None, **settings: Any) -> Node:
    deadline = {} if deadline_ms is None else {"deadline_ms": deadline_ms}
    return Node(name, "human_approval", {"prompt": "Go on?", **deadline, **settings})


def timer(name: str, duration_ms: int = MINUTE) -> Node:
    return Node(name, "wait", {"duration_ms": duration_ms})


def wait(name: str, *, key: str | None = None, **settings: Any) -> Node:
    return Node(name, "wait", settings, output_key=key)


def child(
    name: str, input: dict[str, str] | None = None, output: dict[str, str] | None = None, *, gated: bool | None = None
) -> Node:
    return Node(name, "subgraph", child=Child("inner", "1.0.0", input or {}, output or {}, gated))


def fan(name: str) -> Node:
    return Node(name, "parallel")


def route(name: str, branches: dict[str, str], default: str | None = None) -> Node:
    """`branches`: from a target to its condition."""
    written = [{"when": condition, "to": target} for target, condition in branches.items()]
    return Node(name, "condition", {"branches": written, "default": default})


def each(name: str, item: str, items: str = "state.items", at_once: int | None = None, key: str | None = None) -> Node:
    return Node(name, "parallel", each=Each(items, item, at_once), output_key=key)


def join(
    name: str, *sources: str, key: str | None = None, at_least: int | None = None, fires_when: str | None = None
) -> Node:
    return Node(name, "join", join=Join(sources, at_least, fires_when), output_key=key)


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


def define(
    *lines: str, nodes: Sequence[Node] = (), keys: Mapping[str, Schema] | None = None, **settings: Any
) -> Definition:
    """The edges in words; nodes that aren't given are functions, the first one is the start.

    The state has the integers `x`, `y`, `z` and the list `items`, and whatever `keys` says. `settings` are the
    definition's own.
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
        **settings,
    )


def program(
    *lines: str, nodes: Sequence[Node] = (), keys: Mapping[str, Schema] | None = None, **settings: Any
) -> Program:
    return bind(define(*lines, nodes=nodes, keys=keys, **settings))


def first_state(definition: Definition) -> dict[str, Any]:
    """A complete state: zeros, and what is empty of every other schema; and three items."""
    state = {key: _empty(field.schema) for key, field in definition.state.fields.items()}
    return {**state, ITEMS: [1, 2, 3]}


def _empty(schema: Schema) -> Any:
    match schema:
        case Integer():
            return 0
        case Decimal():
            return "0"
        case Map():
            return {}
        case _:
            return []
