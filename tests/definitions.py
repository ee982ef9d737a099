"""Small definitions for tests, and what is found in them."""

from __future__ import annotations

from typing import Any

from pectin.core.definition import Child, Definition, Each, Edge, Join, Json, Node, Places, RunOn, Trigger
from pectin.core.problem import Problem
from pectin.core.schema import Bool, Decimal, Field, Float, Integer, List, Map, Nullable, Object, String
from pectin.nodes import examine

REFUND = Object(
    {
        "order": Field(String()),
        "amount": Field(Decimal(), default="0"),
        "risk": Field(String(("unknown", "low", "high")), default="unknown"),
        "receipt": Field(Nullable(String()), default=None),
        "items": Field(List(String()), default=[]),
        "due": Field(String(format="date-time"), default="2026-11-23T09:14:03Z"),
        "done": Field(Bool(), default=False),
        "labels": Field(List(String()), default=[]),
        "count": Field(Integer(), default=0),
    },
    name="Refund",
)

WIDE = Object(
    {
        "weight": Field(Float()),
        "address": Field(Nullable(Object({"town": Field(String()), "street": Field(String())}, name="Place"))),
        "prices": Field(Map(Decimal())),
    }
)
"""A state of what `REFUND` has not."""

DECISION_EDGES = ("output.decision == 'approved'", "output.decision == 'rejected'")


def fn(name: str, **traits: Any) -> Node:
    """A node that runs the function of its name."""
    return Node(name, "python_fn", {"function": name}, **traits)


def node(name: str, kind: str, config: dict[str, Json] | None = None, **traits: Any) -> Node:
    """A node of any kind."""
    return Node(name, kind, config or {}, **traits)


def approval(name: str = "review", **config: Json) -> Node:
    """An approval with a plain prompt."""
    return Node(name, "human_approval", {"prompt": "Well?", **config})


def wait(name: str = "nap", *, output_key: str | None = None, **config: Json) -> Node:
    """A wait."""
    return Node(name, "wait", config, output_key=output_key)


def collect(
    name: str, *wait_for: str, at_least: int | None = None, fires_when: str | None = None, **traits: Any
) -> Node:
    """A join."""
    return Node(name, "join", join=Join(wait_for, at_least, fires_when), **traits)


def each(name: str, items: str = "state.items", item: str = "one", **traits: Any) -> Node:
    """A map."""
    concurrency = traits.pop("max_concurrency", None)
    return Node(name, "parallel", each=Each(items, item, concurrency), **traits)


def subgraph(
    name: str, input: dict[str, str] | None = None, output: dict[str, str] | None = None, **traits: Any
) -> Node:
    """A node that runs the workflow `ship`."""
    return Node(name, "subgraph", child=Child("ship", "1.0.0", input or {}, output or {}), **traits)


def limit_exceeded(name: str = "stop", message: str = "Too much.") -> Node:
    """A node that ends the execution as `limit_exceeded`."""
    return Node(name, "limit_exceeded", {"message": message})


def finalizer(name: str, run_on: RunOn | None = RunOn.ALWAYS) -> Node:
    """A finalizer that runs the function of its name."""
    return Node(name, "finalizer", {"function": name}, run_on=run_on)


def when(source: str, target: str, condition: str | None) -> Edge:
    """An edge with a condition."""
    return Edge(source, target, Trigger.WHEN, condition)


def otherwise(source: str, target: str) -> Edge:
    """An edge that is taken when no condition held."""
    return Edge(source, target, Trigger.OTHERWISE)


def on_error(source: str, target: str, condition: str | None = None) -> Edge:
    """An edge that is taken on failure."""
    return Edge(source, target, Trigger.ERROR, condition)


def repeat(source: str, target: str, condition: str | None = "!state.done", limit: int | None = 5) -> Edge:
    """A back edge."""
    return Edge(source, target, Trigger.REPEAT, condition, limit)


def on_limit(source: str, target: str) -> Edge:
    """An edge that is taken when a loop has used up its iterations."""
    return Edge(source, target, Trigger.LIMIT)


def define(*parts: Node | Edge, start: str | None = None, **fields: Any) -> Definition:
    """A definition of these nodes and edges that starts at its first node."""
    nodes = tuple(part for part in parts if isinstance(part, Node))
    edges = tuple(part for part in parts if isinstance(part, Edge))
    first = nodes[0].id if start is None and nodes else start or ""
    whole: dict[str, Any] = {"id": "refund", "version": "1.0.0", "state": REFUND, "start": first}
    whole |= {"nodes": nodes, "edges": edges, **fields}
    return Definition(**whole)


def tell(problem: Problem) -> tuple[str, str, str]:
    """A problem's code, where it is, and its message with what is marked and the hint: all that a person is shown."""
    marked = "" if problem.source is None else f" [{problem.source[problem.start : problem.end]}]"
    hint = f"; {problem.hint}" if problem.hint else ""
    return problem.code, problem.where, f"{problem.message}{marked}{hint}"


def found(definition: Definition, places: Places | None = None) -> list[tuple[str, str, str]]:
    """Everything that is found in a definition, warnings too."""
    return [tell(problem) for problem in examine(definition, places)]
