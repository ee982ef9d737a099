"""Tools, policies and notes drawn from a seed, for definitions that have none."""

from __future__ import annotations

from random import Random

from msgspec.structs import replace

from pectin.core import schema
from pectin.core.budget import Amount
from pectin.core.definition import Contract, Definition, Effect, Endpoint, Node, Secret
from pectin.core.endpoint import METHODS
from pectin.core.policy import ApprovalRule, Policy
from tests.authoring.document.drawn_types import TEXTS, draw_schema, draw_state

_PATTERNS = ("*", "bank.*", "n1", "a:b/c-d", "true", "1.0", "*.x.*")


def draw_tools(random: Random, definition: Definition) -> Definition:
    """The definition with some of its functions and fans as calls of tools and policies."""
    tools = {name: _draw_tool(random, name) for name in ("bank.pay", "look", "post.send", "true", "x.1")}
    share = random.choice((0, 0.3, 0.8))
    nodes = tuple(_draw_node(random, node, tools) if random.random() < share else node for node in definition.nodes)
    called = {node.config["tool"] for node in nodes if node.kind == "tool"}
    return replace(definition, nodes=nodes, tools=tuple(tools[name] for name in sorted(called)))


def _draw_node(random: Random, node: Node, tools: dict[str, Contract]) -> Node:
    if node.kind == "parallel" and node.each is None:
        rules = [{"when": random.choice(("true", "state.x > 1")), "message": random.choice(TEXTS)}]
        violation = random.choice(("fail", "warn", "branch"))
        return replace(node, kind="policy", config={"rules": rules, "on_violation": violation})
    if node.kind != "python_fn":
        return node
    tool = random.choice(list(tools.values()))
    mappings = {
        side: {random.choice(("x", "$y", "a b")): random.choice(("1", "state.x", "'it # is'"))}
        for side in ("input", "output")
        if random.random() < 0.5
    }
    ceiling = random.choice((None, Amount("0.1", 5), Amount(output_tokens=7)))
    return replace(
        node,
        kind="tool",
        config={"tool": tool.name, **mappings},
        effect=tool.effect,
        policy=draw_policy(random),
        ceiling=ceiling,
    )


def _draw_tool(random: Random, name: str) -> Contract:
    fields = draw_state(random).fields
    for field in random.sample(("m", "$m", "m m"), random.randint(0, 2)):
        fields[field] = schema.Field(draw_schema(random, 2), required=False)
    output = draw_state(random) if random.random() < 0.4 else draw_schema(random, 3)
    endpoint = _draw_endpoint(random) if random.random() < 0.5 else None
    description = random.choice((None, *TEXTS))
    input = schema.Object(fields, open=random.random() < 0.2)
    return Contract(name, input, output, random.choice(list(Effect)), description, endpoint)


def _draw_endpoint(random: Random) -> Endpoint:
    headers = {
        name: random.choice((random.choice(TEXTS), Secret("TOKEN"), Secret("null", "Bearer ")))
        for name in random.sample(("Accept", "X-A", "on"), random.randint(0, 3))
    }
    return Endpoint(
        method=random.choice(METHODS),
        url=random.choice(("https://example.com", "http://example.com:8080/{order}/x?y=1")),
        query=random.choice(({}, {"a": "a", "b": "b"}, {"a": "b", "true": "1"})),
        headers=headers,
        key_header=random.choice(("Idempotency-Key", "X-Key", "1")),
        timeout_ms=random.choice((None, 1, 90_000)),
        request_bytes_max=random.choice((1024 * 1024, 7)),
        response_bytes_max=random.choice((1024 * 1024, 7)),
    )


def draw_policy(random: Random) -> Policy | None:
    """A policy, or none."""
    if random.random() < 0.5:
        return None
    rules = [
        ApprovalRule(
            random.choice(_PATTERNS),
            approvers=random.choice((1, 2)),
            of=random.choice(((), ("finance", "true"))),
            not_requester=random.random() < 0.5,
            deadline_ms=random.choice((None, 1, 90_000)),
        )
        for _ in range(random.choice((0, 1, 2)))
    ]
    blocked = random.sample(_PATTERNS, random.randint(0, 2))
    return Policy(blocked_tools=blocked, require_approval_for=[*rules, *random.sample(_PATTERNS, random.randint(0, 1))])


def draw_labels(random: Random) -> dict[str, str]:
    """Labels, mostly none."""
    return {random.choice(TEXTS[:-1]): random.choice(TEXTS) for _ in range(random.choice((0, 0, 1, 2)))}


def with_notes(random: Random, node: Node) -> Node:
    """The node with notes; those of a map are its items'."""
    if node.each is not None or random.random() < 0.7:
        return node
    return replace(node, description=random.choice(TEXTS), labels=draw_labels(random))
