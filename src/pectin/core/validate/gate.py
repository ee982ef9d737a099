"""Whether an `approval_gated` workflow can act without an approval: by the ways that don't lead through one.

A way begins at the start, at the node of `limits.on_limit`, and anew at every node that acts. It may take every edge,
also back and on failure, but those that a person's approval alone takes. So a node that acts and that such a way leads
to can be reached without an approval, and every other one can't.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from pectin.core.action import APPROVED
from pectin.core.definition import END, Definition, Edge, Effect, Node, Trigger
from pectin.core.expression import Expression
from pectin.core.kind import Kind, Scope, Trait
from pectin.core.program import Gate
from pectin.core.schema import String
from pectin.core.status import SessionType
from pectin.core.validate.decision import holds_by
from pectin.core.validate.parts import leads
from pectin.core.validate.report import Report

_OUTWARD = frozenset({Effect.KEYED, Effect.TRANSACTIONAL, Effect.ONCE})
"""The effects that change the world in a way that counts."""


def check_gate(
    definition: Definition,
    nodes: Mapping[str, Node],
    kinds: Mapping[str, Kind],
    scopes: Mapping[str, Scope],
    conditions: Mapping[int, Expression],
    report: Report,
) -> Gate | None:
    """What may act, and which edges let it, with a problem for each node that can act without an approval. None for a
    definition of another session type."""
    if definition.session_type is not SessionType.APPROVAL_GATED:
        return None
    acts = _find_acting(nodes, kinds, scopes)
    decisions = _find_decisions(nodes, kinds, scopes)
    approved = _find_approved(definition.edges, decisions, conditions)
    ways = _Ways(definition, nodes, frozenset(acts), frozenset(approved))
    items = definition.item_nodes()
    for name in acts:
        if nodes[name].run_on is not None:
            message = f"finalizer `{name}` acts: it is `{nodes[name].effect}`, and nobody can approve what the end does"
            report.node(name, "E056", message, "do it in a node before the end")
        elif name not in items and (way := ways.to(name)) is not None:
            hint = _hint(way, nodes, decisions)
            report.node(name, "E055", f"`{name}` can be reached without an approval: {' → '.join(way)}", hint)
    return Gate(acts=frozenset(acts), approved=frozenset(approved))


def _find_acting(nodes: Mapping[str, Node], kinds: Mapping[str, Kind], scopes: Mapping[str, Scope]) -> list[str]:
    """The nodes that change the world. A map acts if its items do; a child that is gated itself doesn't."""
    own = {name for name, node in nodes.items() if node.kind in kinds and _acts(node, kinds[node.kind], scopes[name])}
    return [name for name, node in nodes.items() if name in own or (node.each is not None and node.each.node in own)]


def _acts(node: Node, kind: Kind, scope: Scope) -> bool:
    if node.child is not None and node.child.gated and Trait.CHILD in kind.TRAITS:
        return False
    return kind.ACTS or node.effect in _OUTWARD or _calls_outward(node, scope)


def _calls_outward(node: Node, scope: Scope) -> bool:
    """Whether it calls an endpoint that does more than it answers: one that is GET and `pure` is only asked."""
    tool = scope.tools.get(node.config.get("tool", ""))
    if tool is None or tool.endpoint is None:
        return False
    return tool.endpoint.method != "GET" or node.effect is not Effect.PURE


def _find_decisions(
    nodes: Mapping[str, Node], kinds: Mapping[str, Kind], scopes: Mapping[str, Scope]
) -> dict[str, tuple[str, ...]]:
    """What can be decided at each approval, `timeout` included."""
    decisions: dict[str, tuple[str, ...]] = {}
    for name, node in nodes.items():
        kind = kinds.get(node.kind)
        if kind is not None and kind.DECIDES:
            fields: Mapping[str, object] = getattr(kind.output(node, scopes[name]), "fields", {})
            schema = getattr(fields.get("decision"), "schema", None)
            decisions[name] = schema.values if isinstance(schema, String) else ()
    return decisions


def _find_approved(
    edges: Sequence[Edge], decisions: Mapping[str, tuple[str, ...]], conditions: Mapping[int, Expression]
) -> list[int]:
    """The edges taken on `approved` and on no other decision. An approval that can't be read, or a condition of its, is
    told of for that, and for nothing that follows from it."""
    told = {name for name, outcomes in decisions.items() if not outcomes}
    told |= {edge.source for index, edge in enumerate(edges) if edge.condition is not None and index not in conditions}
    whens: dict[str, list[str]] = {name: [] for name in decisions}
    for edge in edges:
        if edge.source in whens and edge.trigger is Trigger.WHEN and edge.condition is not None:
            whens[edge.source].append(edge.condition)
    approved: list[int] = []
    for index, edge in enumerate(edges):
        outcomes = decisions.get(edge.source)
        if outcomes is None or edge.trigger in (Trigger.ERROR, Trigger.LIMIT):
            continue
        others = [decision for decision in outcomes if decision != APPROVED]
        if edge.source in told or (
            APPROVED in outcomes and not any(_may_take(edge, other, whens[edge.source]) for other in others)
        ):
            approved.append(index)
    return approved


def _may_take(edge: Edge, decision: str, whens: Iterable[str]) -> bool:
    """Whether an approval's edge can be taken on a decision. Where that depends on something else, it can."""
    if edge.trigger is Trigger.OTHERWISE:
        return not any(holds_by(when, decision) for when in whens)
    return edge.condition is None or holds_by(edge.condition, decision) is not False


class _Ways:
    """The ways that no approval lets go on, each the shortest. The way to a loop's `on_limit` begins as one more
    iteration would: by an edge of `repeat`."""

    def __init__(
        self, definition: Definition, nodes: Mapping[str, Node], acts: frozenset[str], approved: frozenset[int]
    ) -> None:
        steps: dict[str, list[str]] = {}
        for index, edge in enumerate(definition.edges):
            if index in approved or edge.target == END or not leads(edge, nodes):
                continue
            source = _at_limit(edge.source) if edge.trigger is Trigger.LIMIT else edge.source
            steps.setdefault(source, []).append(edge.target)
            if edge.trigger is Trigger.REPEAT:
                steps[source].append(_at_limit(edge.target))
        begins = [name for name in (definition.start, definition.on_limit or "") if name in nodes]
        self._before: dict[str, str | None] = dict.fromkeys(begins)
        pending = deque([*begins, *(name for name in acts if name not in begins)])
        while pending:
            source = pending.popleft()
            for target in steps.get(source, ()):
                if target not in self._before:
                    self._before[target] = source
                    if target not in acts:
                        pending.append(target)
        self._acts = acts

    def to(self, name: str) -> list[str] | None:
        """The way to a node that acts, from where it begins; None if there is none."""
        if name not in self._before:
            return None
        way, before = [name], self._before[name]
        while before is not None:
            way.append(before.removeprefix(_AT_LIMIT))
            before = None if before in self._acts else self._before.get(before)
        return way[::-1]


_AT_LIMIT = "at the limit of "
"""Before a header's name: where `on_limit` leads on from. No node's name has a space."""


def _at_limit(header: str) -> str:
    return f"{_AT_LIMIT}{header}"


def _hint(way: Sequence[str], nodes: Mapping[str, Node], decisions: Mapping[str, tuple[str, ...]]) -> str:
    """What to do about a way: at its last approval, if it passes any."""
    target = nodes[way[-1]]
    passed = [(name, following) for name, following in pairwise(way) if name in decisions]
    if passed:
        name, following = passed[-1]
        if APPROVED not in decisions[name]:
            return f"give `{name}` the decision `approved`, and lead on to `{following}` by it"
        return f"lead from `{name}` to `{following}` only when `output.decision == 'approved'`"
    if target.child is not None:
        return f"lead to it by an approval's `approved`, or make `{target.child.workflow}` `approval_gated`"
    return "lead to it by an approval's `approved`"
