"""Random definitions that spend side by side, more than their limits allow: with maps, loops, retries, children."""

from __future__ import annotations

from collections import Counter
from random import Random

from msgspec.structs import replace

from pectin.core.budget import Amount
from pectin.core.definition import (
    END,
    Child,
    Definition,
    Each,
    Edge,
    Effect,
    Node,
    OnFailure,
    OnItemFailure,
    Trigger,
    WorkflowLimits,
)
from pectin.core.retry import Backoff, RetryPolicy
from pectin.nodes import bind
from tests.core.campaign import CheckedPlay, check_history, check_iterations, outcome, reached_budget
from tests.core.chance import key_of
from tests.core.play import Play
from tests.core.world import ITEMS, fan, finalizer, schema_of, step

COSTS = ("0.02", "0.1", "0.1", "0.25")
RETRIES = (
    None,
    RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=0, max_delay_ms=0, jitter=False),
    RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=4_000, max_delay_ms=4_000, jitter=False),
)


def random_spenders(seed: int) -> Definition:
    """Branches from one start. Whoever spends says its ceiling, and some don't spend."""
    random = Random(f"{seed} spenders")
    nodes: list[Node] = [fan("s")]
    edges: list[Edge] = []
    for number in range(random.randint(2, 6)):
        before = "s"
        for depth in range(random.choice((1, 1, 2, 3))):
            name = f"b{number}_{depth}"
            made = _node(name, random)
            nodes += made
            edges.append(Edge(before, name))
            if random.random() < 0.3:
                edges.append(Edge(name, END, Trigger.ERROR))
            if made[0].kind == "python_fn" and random.random() < 0.2:
                edges.append(Edge(name, name, Trigger.REPEAT, f"state.{key_of(name)} % 4 < 2", 3))
            before = name
    on_limit = "spare" if random.random() < 0.4 else None
    if on_limit is not None:
        nodes.append(_spending(step("spare"), random))
    nodes += [finalizer("f")] * (random.random() < 0.2)
    return Definition(
        id="spenders",
        version="1.0.0",
        state=schema_of(("shared", *(key_of(node.id) for node in nodes))),
        start="s",
        nodes=tuple(nodes),
        edges=tuple(edges),
        limits=_limits(random, on_limit),
        on_failure=random.choice((None, OnFailure.WAIT, OnFailure.WAIT)),
    )


def play_spenders(seed: int) -> CheckedPlay:
    """One of them with crashes, cancels, time-outs and doubts, checked after every command."""
    play = CheckedPlay(bind(random_spenders(seed)), seed, Random(seed), calm=False)
    play.play()
    check_iterations(play)
    return play


def compare_spenders(seed: int, orders: int) -> Counter[str]:
    """What comes of it doesn't depend on who was first in line, unless a limit is reached."""
    program = bind(random_spenders(seed))
    seen, first = Counter[str](), None
    for order in range(orders):
        play = Play(program, seed, Random(order)).play()
        ledger = check_history(play)
        if reached_budget(play):
            seen["limit reached"] += 1
            continue
        found = outcome(play, ledger)
        first = found if first is None else first
        assert found == first, f"spenders {seed} depend on the order: {order}"
        seen["compared" if len(found) > 1 else "cut short"] += 1
    return seen


def _node(name: str, random: Random) -> list[Node]:
    """A node, and a map's item node after it."""
    drawn = random.random()
    if drawn < 0.2:
        return [_spending(_child(name), random)]
    if drawn < 0.4:
        item = f"{name}-item"
        mode = random.choice((None, OnItemFailure.WAIT, OnItemFailure.COLLECT))
        trait = Each(f"state.{ITEMS}", item, random.choice((None, 2)), mode)
        inner = _child(item) if random.random() < 0.3 else _step(item, random)
        return [Node(name, "parallel", each=trait), _spending(inner, random)]
    node = _step(name, random)
    return [node if random.random() < 0.2 else _spending(node, random)]


def _step(name: str, random: Random) -> Node:
    node = step(name, random.choice(RETRIES))
    if random.random() < 0.2 and node.retry is None:
        reconcile = f"{name}.reconcile" if random.random() < 0.5 else None
        return replace(node, effect=Effect.ONCE, reconcile=reconcile)
    return node


def _child(name: str) -> Node:
    return Node(name, "subgraph", child=Child("inner", "1.0.0", {"n": "item"} if name.endswith("-item") else {}))


def _spending(node: Node, random: Random) -> Node:
    tokens = random.choice(((0, 0), (40, 100), (10, 0)))
    return replace(node, ceiling=Amount(random.choice(COSTS), *tokens))


def _limits(random: Random, on_limit: str | None) -> WorkflowLimits:
    limits = WorkflowLimits(max_cost_usd=random.choice(("0.3", "0.5", "0.9", "1.5", "40")), on_limit=on_limit)
    if random.random() < 0.5:
        sort = random.choice(("input_tokens", "output_tokens", "total_tokens"))
        limits = replace(limits, **{sort: random.choice((150, 400, 90_000))})
    return limits
