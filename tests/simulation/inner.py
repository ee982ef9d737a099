"""Small random definitions of children, and of theirs."""

from __future__ import annotations

from random import Random

from pectin.core.definition import Child, Definition, Effect, Node, RunOn
from pectin.core.retry import RetryPolicy
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Field, Integer, Object
from tests.core.world import MINUTE, approval, edge, finalizer, step, timer, wait

KEYS = ("v_work", "v_more", "v_again")

_SHAPES: tuple[tuple[str, ...], ...] = (
    ("work -> end",),
    ("work -> more", "more -> n"),
    ("work -> nap", "nap -> n"),
    ("work -> ask", "ask -> n when output.decision == 'approved'", "ask -> more otherwise", "more -> n"),
    ("work -> hear", "hear -> n"),
    ("work -> told", "told -> n"),
    ("work -> again", "again -> work repeat 3 when state.v_again % 4 < 2", "again -> n"),
    ("work -> leaf", "leaf -> n"),
    ("work -> more", "work -> nap", "more -> n", "nap -> n"),
    ("work -> over when state.v_work % 4 == 0", "work -> n otherwise"),
)


def inner_definition(seed: int) -> Definition:
    """What the children of this seed run. They end alike where they end badly."""
    random = Random(f"inner {seed}")
    shape = random.choice(_SHAPES)
    edges = tuple(edge(line) for line in shape)
    names = dict.fromkeys(name for each in edges for name in (each.source, each.target) if name != "end")
    finalizers = [finalizer("tidy", random.choice(list(RunOn)))] * (random.random() < 0.25)
    return Definition(
        id="inner",
        version="1.0.0",
        state=_state(),
        start="work",
        nodes=(*(_node(name, random) for name in names), *finalizers),
        edges=edges,
    )


def leaf_definition(seed: int) -> Definition:
    """What the children's children run."""
    lines = Random(f"leaf {seed}").choice((("n -> end",), ("n -> nap",), ("nap -> n",)))
    edges = tuple(edge(line) for line in lines)
    names = dict.fromkeys(name for each in edges for name in (each.source, each.target) if name != "end")
    return Definition(
        id="leaf",
        version="1.0.0",
        state=_state(),
        start=edges[0].source,
        nodes=tuple(timer(name, 2_000) if name == "nap" else step(name) for name in names),
        edges=edges,
    )


def _state() -> Object:
    numbers = {key: Field(Integer(), False, 0) for key in (*KEYS, "v_n", "shared", "at")}
    return Object({"n": Field(AnyValue(), False, 0), **numbers})


def _node(name: str, random: Random) -> Node:
    match name:
        case "nap":
            return timer(name, random.choice((5_000, MINUTE)))
        case "ask":
            return approval(name)
        case "hear":
            return wait(name, signal="go")
        case "told":
            return wait(name, event="parcel", correlation="{{ state.v_work }}")
        case "leaf":
            return Node(name, "subgraph", child=Child("leaf", "1.0.0", {"n": "state.v_work"}, {"v_more": "output.n"}))
        case "over":
            return Node(name, "limit_exceeded", {"message": "enough"})
        case _:
            retry = (
                RetryPolicy(max_attempts=2, initial_delay_ms=500, retryable_on=("io_error",))
                if random.random() < 0.4
                else None
            )
            if random.random() < 0.3:
                return step(name, retry, effect=Effect.ONCE, reconcile=f"{name}.reconcile")
            return step(name, retry)
