"""Nodes as JamJet's records of their kinds. A new kind is a row of `WRITERS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.condition import to_condition
from pectin.authoring.jamjet.ways import APPROVED, REJECTED, decided
from pectin.core.action import TIMEOUT
from pectin.core.definition import END, Definition, Edge, Node
from pectin.nodes.human_approval import DECISIONS
from pectin.nodes.policy import NAME as POLICY


class Unsaid(Exception):
    """What JamJet has no words for, and what to do."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


def write_kind(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    """The record of a node's kind. `ways` are the edges that leave it. Raises `Unsaid`."""
    if node.kind == POLICY:
        raise Unsaid(f"JamJet has no words for the rules of `{node.id}`", "hold them against the state in a function")
    if node.kind not in WRITERS:
        raise Unsaid(f"the kind `{node.kind}` of `{node.id}` is not written to JamJet's IR")
    return WRITERS[node.kind](node, ways, definition)


def _python_fn(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    return ir.PythonFn(
        module=node.labels.get(ir.MODULE, ""),
        function=node.config["function"],
        output_schema=node.labels.get(ir.OUTPUT_SCHEMA, ""),
    )


def _tool(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    config = node.config
    if config.get("output"):
        raise Unsaid(f"JamJet has no words for the `output` of `{node.id}`", "keep it all, by `output_key`")
    return ir.Tool(config["tool"], config.get("input", {}), node.labels.get(ir.OUTPUT_SCHEMA, ""))


def _condition(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    branches: list[ir.Branch] = []
    for branch in node.config["branches"]:
        condition = to_condition(branch["when"], definition.state)
        if condition is None:
            hint = "JamJet compares a path of the state with a literal"
            raise Unsaid(f"JamJet has no words for the condition `{branch['when']}` of `{node.id}`", hint)
        branches.append(ir.Branch(branch["to"], condition))
    default = node.config.get("default")
    return ir.Condition([*branches, *([] if default is None else [ir.Branch(default)])])


def _parallel(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    if node.each is not None:
        raise Unsaid(f"JamJet has no words for the map `{node.id}`", "run its items as workflows of their own")
    return ir.Parallel([edge.target for edge in ways])


def _join(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    assert node.join is not None, "`check` refuses a join without its trait"
    if node.join.fires_when is not None or node.join.at_least not in (None, 1):
        raise Unsaid(f"JamJet has no words for when the join `{node.id}` fires", "wait for all, or for the first")
    return ir.Join(list(node.join.wait_for), "collect" if node.join.at_least is None else "first")


def _human_approval(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    if tuple(node.config.get("decisions", DECISIONS)) != DECISIONS:
        raise Unsaid(f"JamJet has no words for the decisions of `{node.id}`", f"let it be {' or '.join(DECISIONS)}")
    if node.config.get("editable"):
        raise Unsaid(f"JamJet has no words for what may be changed at `{node.id}`")
    rejected, late = _targets(ways, REJECTED), _targets(ways, TIMEOUT)
    if rejected != [END] or len(late) > 1:
        raise Unsaid(
            f"JamJet has no words for where `{node.id}` leads when it is {'rejected' if rejected != [END] else 'late'}",
            "a rejected approval leads to `end`, a late one to one node",
        )
    known = {decided(decision) for decision in (APPROVED, REJECTED, TIMEOUT)}
    if any(edge.condition not in known for edge in ways):
        raise Unsaid(f"JamJet has no words for an edge of `{node.id}` that no decision is taken on")
    fallback = late[0] if late and late != [END] else None
    return ir.HumanApproval(node.config["prompt"], _seconds(node, "deadline_ms"), fallback)


def _wait(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    config = node.config
    for name in ("signal", "until"):
        if config.get(name) is not None:
            raise Unsaid(f"JamJet has no words for the `{name}` of `{node.id}`")
    duration, deadline = _seconds(node, "duration_ms"), _seconds(node, "deadline_ms")
    if config.get("event") is None:
        return ir.Wait("timer", None, duration)
    if duration is not None:
        return ir.Wait("either", config.get("correlation"), duration)
    return ir.Wait("external_event", config.get("correlation"), deadline)


def _subgraph(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    assert node.child is not None, "`check` refuses a subgraph without its trait"
    child = node.child
    return ir.Subgraph(child.workflow, child.input, child.output, child.version)


def _finalizer(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    assert node.run_on is not None, "`check` refuses a finalizer without its trait"
    return ir.Finalizer(node.config["function"], node.run_on.value)


def _limit_exceeded(node: Node, ways: Sequence[Edge], definition: Definition) -> ir.Kind:
    return ir.LimitExceeded()


def _targets(ways: Sequence[Edge], decision: str) -> list[str]:
    return [edge.target for edge in ways if edge.condition == decided(decision)]


def _seconds(node: Node, setting: str) -> int | None:
    duration_ms: Any = node.config.get(setting)
    if duration_ms is None:
        return None
    if duration_ms % 1_000:
        raise Unsaid(f"`{setting}` of `{node.id}` is no whole number of seconds", "round it")
    return duration_ms // 1_000


WRITERS: Final[Mapping[str, Callable[[Node, Sequence[Edge], Definition], ir.Kind]]] = {
    "python_fn": _python_fn,
    "tool": _tool,
    "condition": _condition,
    "parallel": _parallel,
    "join": _join,
    "human_approval": _human_approval,
    "wait": _wait,
    "subgraph": _subgraph,
    "finalizer": _finalizer,
    "limit_exceeded": _limit_exceeded,
}
"""What writes each kind."""
