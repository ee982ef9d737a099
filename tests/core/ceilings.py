"""Random definitions that spend, made of others."""

from __future__ import annotations

from random import Random

from msgspec.structs import replace

from pectin.core.budget import Amount
from pectin.core.definition import Definition, WorkflowLimits


def with_budget(definition: Definition, random: Random) -> Definition:
    """Some definitions spend, and some of these have limits, tight ones mostly. Drawn by themselves, so that the others
    are as if there were none."""
    if random.random() < 0.7:
        return definition
    nodes = tuple(
        replace(node, ceiling=Amount(random.choice(("0.02", "0.1", "0.25")), *random.choice(((0, 0), (40, 100)))))
        if node.kind in ("python_fn", "subgraph") and random.random() < 0.8
        else node
        for node in definition.nodes
    )
    limits = definition.limits or WorkflowLimits()
    if random.random() < 0.85:
        limits = replace(limits, max_cost_usd=random.choice(("0.3", "0.5", "1.2", "40")))
    if random.random() < 0.4:
        sort = random.choice(("input_tokens", "output_tokens", "total_tokens"))
        limits = replace(limits, **{sort: random.choice((150, 500, 90_000))})
    return replace(definition, nodes=nodes, limits=None if limits == WorkflowLimits() else limits)
