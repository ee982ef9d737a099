"""A way past every approval, walked: graphs whose every edge can be taken at will, and plays that take a way's edges.

The graphs are those of `gated`, made plain: what can't be steered is a function, each condition has a key of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from msgspec.structs import replace

from pectin.core.command import AnyCommand, Begin, ChildEnded, Complete, Decide, Fail, Start, Wake
from pectin.core.decide import decide
from pectin.core.definition import END, Child, Definition, Each, Edge, Join, Node, Trigger
from pectin.core.error import ErrorData
from pectin.core.event import AnyEvent, LoopEnded, NodeCompleted, NodeFailed
from pectin.core.program import Program
from pectin.core.schema import Bool, Field, Integer, List, Object
from pectin.core.state import Activation, Run
from pectin.core.status import WorkflowStatus
from tests.core.gated import Past
from tests.core.world import ITEMS, approval, fan, step

EXECUTION = "019ab3e0-0000-7000-8000-000000000000"
COMMANDS_MAX = 2_000
WORDS = (Trigger.ALWAYS, Trigger.WHEN, Trigger.OTHERWISE, Trigger.ERROR, Trigger.REPEAT, Trigger.LIMIT)


# -- a graph that can be steered --------------------------------------------------------------------------------


def steerable(definition: Definition) -> Definition:
    """The same graph, where every edge can be taken at will."""
    aside = _reached_from(definition.on_limit, definition)
    failing = {edge.source for edge in definition.edges if edge.trigger is Trigger.ERROR}
    items = definition.item_nodes()
    lost = {item for item, owner in items.items() if owner in failing} | aside
    nodes = {
        node.id: _plain_item(node) if node.id in items else _plain(node, node.id in failing)
        for node in definition.nodes
        if node.run_on is None and node.id not in lost
    }
    edges: dict[Edge, None] = {}
    for index, edge in enumerate(definition.edges):
        if edge.source not in aside:
            edges[_steered(index, edge, nodes[edge.source])] = None
    keys = {f"e{index}": Field(Bool()) for index in range(len(definition.edges))}
    return replace(
        definition,
        nodes=tuple(nodes.values()),
        edges=tuple(edges),
        state=Object({ITEMS: Field(List(Integer())), **keys}),
        reducers={},
        limits=None,
        on_failure=None,
    )


def _plain(node: Node, fails: bool) -> Node:
    if fails:
        return step(node.id, effect=node.effect) if node.kind == "python_fn" else step(node.id)
    match node.kind:
        case "python_fn":
            return step(node.id, effect=node.effect)
        case "human_approval":
            return approval(node.id, decisions=node.config.get("decisions", ("approved", "rejected")))
        case "join":
            assert node.join is not None
            return Node(node.id, "join", join=Join(node.join.wait_for))
        case "subgraph":
            return _plain_item(node)
        case "parallel" if node.each is not None:
            return Node(node.id, "parallel", each=Each(f"state.{ITEMS}", node.each.node))
        case "parallel":
            return fan(node.id)
        case _:
            return step(node.id)


def _plain_item(node: Node) -> Node:
    if node.child is None:
        return step(node.id, effect=node.effect)
    return Node(node.id, "subgraph", child=Child("inner", "1.0.0", gated=node.child.gated))


def _steered(index: int, edge: Edge, source: Node) -> Edge:
    limit = None if edge.max_iterations is None and edge.trigger is not Trigger.REPEAT else 3
    edge = replace(edge, max_iterations=limit)
    if source.kind == "human_approval" or edge.trigger in (Trigger.ALWAYS, Trigger.LIMIT):
        return edge
    if source.kind != "python_fn":
        return replace(edge, trigger=Trigger.ALWAYS, condition=None)
    has_condition = edge.trigger in (Trigger.WHEN, Trigger.REPEAT)
    return replace(edge, condition=f"state.e{index}" if has_condition else None)


def _reached_from(name: str | None, definition: Definition) -> set[str]:
    reached, pending = set[str](), [] if name is None else [name]
    while pending:
        source = pending.pop()
        reached.add(source)
        pending += [edge.target for edge in definition.edges if edge.source == source and edge.target != END]
    return reached


# -- the way ----------------------------------------------------------------------------------------------------


def lay_out(program: Program, past: Past) -> list[Edge] | None:
    """The edges from the start to what acts without an approval: on any way to where the way past begins, and then on
    that. None if only a limit leads there."""
    assert program.gate is not None
    edges = program.definition.edges
    first = _lead_to(past.way[0], program.definition)
    if first is None:
        return None
    rest: list[Edge] = []
    for source, target in zip(past.way, past.way[1:], strict=False):
        ways = [
            edge
            for index, edge in enumerate(edges)
            if (edge.source, edge.target) == (source, target) and index not in program.gate.approved
        ]
        rest.append(min(ways, key=lambda edge: WORDS.index(edge.trigger)))
    return [*first, *rest]


def _lead_to(name: str, definition: Definition) -> list[Edge] | None:
    before: dict[str, Edge | None] = {definition.start: None}
    pending = deque([definition.start])
    while pending:
        source = pending.popleft()
        for edge in definition.edges:
            if edge.source == source and edge.target not in before and edge.trigger is not Trigger.LIMIT:
                before[edge.target] = edge
                pending.append(edge.target)
    if name not in before:
        return None
    way: list[Edge] = []
    while (edge := before[name]) is not None:
        way.append(edge)
        name = edge.source
    return way[::-1]


# -- the play ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Walk:
    """A play that takes the edges of `way`, one after the other, and everywhere else what lets most go on; with a
    `random`, whatever it likes."""

    program: Program
    way: Sequence[Edge] = ()
    random: Random | None = None
    run: Run = field(default_factory=Run)
    events: list[AnyEvent] = field(default_factory=list[AnyEvent])
    place: int = 0
    now: int = 0

    def play(self) -> Walk:
        state: dict[str, Any] = dict.fromkeys(self.program.definition.state.fields, False)
        state[ITEMS] = [1, 2]
        self._send(Start(at=0, execution_id=EXECUTION, input={}, state=state, definition="d"))
        while self.run.closing is None:
            assert self.now < COMMANDS_MAX, "it never ends"
            self._send(self._next())
        return self

    def _send(self, command: AnyCommand) -> None:
        self.now += 1
        events = decide(self.program, self.run, command).events
        self.events += events
        for event in events:
            self._follow(event)

    def _follow(self, event: AnyEvent) -> None:
        """Go on along the way: what the last edge of the way leads to may be refused, and settles nothing."""
        if self.place >= len(self.way):
            return
        edge = self.way[self.place]
        if isinstance(event, LoopEnded) and event.by_limit and self._waits_for_limit(event.loop.partition("[")[0]):
            self.place += 2
        elif isinstance(event, NodeCompleted | NodeFailed) and event.activation.partition("[")[0] == edge.source:
            self.place += not self._waits_for_limit(edge.target)

    def _waits_for_limit(self, header: str) -> bool:
        """Whether the way goes round and round to the limit of this header's loop."""
        here, following = self.way[self.place], self.way[self.place + 1 : self.place + 2]
        is_round = here.trigger is Trigger.REPEAT and here.target == header
        return is_round and bool(following) and following[0].trigger is Trigger.LIMIT

    def _next(self) -> AnyCommand:
        """What is on the way first."""
        activations = [a for a in self.run.activations.values() if a.mapping is None]
        if self.random is not None:
            activation = self.random.choice(activations)
            return self._move(activation, self._any_edge(activation.node, self.random))
        wanted = self.way[self.place].source if self.place < len(self.way) else ""
        activation = next((a for a in activations if a.node == wanted), activations[0])
        edge = self.way[self.place] if activation.node == wanted else None
        return self._move(activation, edge)

    def _move(self, activation: Activation, edge: Edge | None) -> AnyCommand:
        name = activation.name
        if activation.waiting is not None:
            decision = self._decision(activation.node, activation.waiting.decisions, edge)
            return Decide(at=self.now, activation=name, decision=decision, by="reviewer")
        if activation.child is not None:
            status = WorkflowStatus.COMPLETED
            return ChildEnded(at=self.now, activation=name, child=activation.child, status=status, state={})
        if activation.begun_by is None:
            return Wake(at=self.now, begin=Begin("w", 100))
        if edge is not None and edge.trigger is Trigger.ERROR:
            return Fail(at=self.now, activation=name, attempt=1, error=ErrorData("other", "Drawn", "no"))
        patch = {} if activation.map is not None else self._patch(activation.node, edge)
        return Complete(at=self.now, activation=name, attempt=1, patch=patch)

    def _any_edge(self, node: str, random: Random) -> Edge | None:
        edges = [edge for _, edge in self.program.graph.out[node]]
        return random.choice([None, *edges])

    def _patch(self, node: str, wanted: Edge | None) -> dict[str, bool]:
        patch: dict[str, bool] = {}
        for _, edge in self.program.graph.out[node]:
            if edge.condition is None:
                continue
            takes = edge.trigger is Trigger.WHEN and (wanted is None or wanted.trigger is not Trigger.OTHERWISE)
            patch[edge.condition.removeprefix("state.")] = takes or edge == wanted
        return patch

    def _decision(self, node: str, decisions: Sequence[str], wanted: Edge | None) -> str:
        """One that takes the edge; where none is wanted, one that doesn't go round again."""
        taken = {decision: self._taken(node, decision) for decision in decisions}
        wanting = [decision for decision in decisions if wanted in taken[decision]]
        ends = [d for d in decisions if not any(edge.trigger is Trigger.REPEAT for edge in taken[d])]
        return [*wanting, *ends][0]

    def _taken(self, node: str, decision: str) -> list[Edge]:
        variables: Mapping[str, Any] = {"state": {}, "iteration": 1, "output": {"decision": decision, "by": "reviewer"}}
        edges = self.program.graph.out[node]
        held = [edge for index, edge in edges if edge.condition and self.program.conditions[index].holds(variables)]
        when = any(edge.trigger is Trigger.WHEN for edge in held)
        others = [edge for _, edge in edges if edge.trigger is Trigger.OTHERWISE and not when]
        return [*held, *others, *(edge for _, edge in edges if edge.trigger is Trigger.ALWAYS)]
