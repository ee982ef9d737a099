"""Random policies for random definitions, and the simplest account of what they let begin.

They are drawn apart from the graph, so that a graph is the same with and without them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from random import Random

from msgspec.structs import replace

from pectin.core.definition import Definition, Node
from pectin.core.event import AnyEvent, AttemptBegun, CallApproved, CallParked, NodeScheduled
from pectin.core.policy import ApprovalRule, Policy
from pectin.core.program import Program
from pectin.nodes import bind, call_name, police
from tests.core.world import MINUTE

PEOPLE = ("reviewer", "ops", "finance")
REQUESTER = "ops"
"""Who starts the executions."""

LONG = 30 * 24 * 60 * MINUTE


def is_policed(seed: int) -> bool:
    """Whether a definition of this seed has policies."""
    return seed % 5 == 1


def policed(definition: Definition, seed: int, calm: bool) -> tuple[Program, Policy | None]:
    """The definition with random policies at its three levels, where it has any; and that of the engine."""
    if not is_policed(seed):
        return bind(definition), None
    said = with_policies(definition, seed, calm)
    engine = _draw(Random(f"engine {seed}"), _names(definition), _deadlines(calm), blocks=True)
    return police(bind(said), engine), engine


def with_policies(definition: Definition, seed: int, calm: bool) -> Definition:
    """The definition with random policies of its own, where it has any."""
    if not is_policed(seed):
        return definition
    random, deadlines = Random(f"policy {seed}"), _deadlines(calm)
    workflow = _draw(random, _names(definition), deadlines, blocks=False) if random.random() < 0.6 else None
    nodes = [_at_node(node, random, deadlines) if random.random() < 0.2 else node for node in definition.nodes]
    return replace(definition, policy=workflow, nodes=tuple(nodes))


def _names(definition: Definition) -> list[str]:
    return [name for node in definition.nodes if (name := call_name(node)) is not None and node.run_on is None]


def _deadlines(calm: bool) -> Sequence[int | None]:
    return (None, LONG) if calm else (None, 20, 400, MINUTE)


def _at_node(node: Node, random: Random, deadlines: Sequence[int | None]) -> Node:
    name = call_name(node)
    if name is None or node.run_on is not None:
        return node
    return replace(node, policy=_draw(random, [name], deadlines, blocks=False))


def _draw(random: Random, names: Sequence[str], deadlines: Sequence[int | None], *, blocks: bool) -> Policy:
    few = random.sample(list(names), min(len(names), random.choice((0, 1, 1, 2, 4))))
    rules = [_rule(random, name, random.choice(deadlines)) for name in few]
    blocked = [name for name in few if blocks and random.random() < 0.15]
    if blocks and random.random() < 0.1:
        blocked.append("f*")  # finalizers, sometimes
    return Policy(blocked_tools=blocked, require_approval_for=rules)


def _rule(random: Random, name: str, deadline_ms: int | None) -> ApprovalRule:
    of = tuple(random.sample(PEOPLE, random.choice((2, 3)))) if random.random() < 0.5 else ()
    approvers = random.choice((1, 1, 2))
    not_requester = random.random() < 0.25
    pattern = name if random.random() < 0.8 else f"{name[:1]}*{name[-1:]}"
    return ApprovalRule(pattern, approvers, of, not_requester=not_requester, deadline_ms=deadline_ms)


def check_calls(
    definition: Definition, engine: Policy | None, events: Iterable[AnyEvent], requester: str | None = REQUESTER
) -> None:
    """No blocked call begins, and none that needs an approval before each of its rules has enough people."""
    nodes = {node.id: node for node in definition.nodes}
    given: defaultdict[str, set[str]] = defaultdict(set)
    node_of: dict[str, str] = {}
    for event in events:
        match event:
            case NodeScheduled():
                node_of[event.activation] = event.node
                if event.begun_by is not None:
                    _check_begun(nodes[event.node], (engine, definition.policy), set(), requester)
            case AttemptBegun():
                _check_begun(
                    nodes[node_of[event.activation]], (engine, definition.policy), given[event.activation], requester
                )
            case CallParked():
                given[event.activation].clear()
            case CallApproved():
                assert event.by not in given[event.activation], "each approves once"
                given[event.activation].add(event.by)
            case _:
                pass


def _check_begun(node: Node, policies: Sequence[Policy | None], given: set[str], requester: str | None) -> None:
    name = call_name(node)
    if name is None:
        return
    for policy in (*policies, node.policy):
        if policy is None:
            continue
        assert not any(fnmatchcase(name, pattern) for pattern in policy.blocked_tools), f"{name} is blocked, and begins"
        for rule in policy.rules:
            if fnmatchcase(name, rule.tool):
                people = {by for by in given if not rule.of or by in rule.of}
                people -= {requester} if rule.not_requester and requester is not None else set()
                assert len(people) >= rule.approvers, f"{name} begins, and {rule} is not met by {given}"
