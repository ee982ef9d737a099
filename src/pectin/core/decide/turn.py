"""One command being decided: the facts so far, the run they fold to, and the frontier still to look at."""

from __future__ import annotations

import msgspec

from pectin.core.activation import parse_activation
from pectin.core.command import AnyCommand, Begin
from pectin.core.definition import Node
from pectin.core.event import TIMEOUT_MS, AnyEvent, NodeScheduled
from pectin.core.evolve import evolve
from pectin.core.limits import Limits
from pectin.core.program import Program
from pectin.core.state import Run


class Turn(msgspec.Struct):
    """`events` are what is decided so far and already folded into `run`.

    `frontier` holds the activations that an edge was resolved to, `called` a node that is entered by name (that of a
    limit), `slots` how many attempts the offering worker can still begin.
    """

    program: Program
    run: Run
    at: int
    begin: Begin | None
    limits: Limits
    events: list[AnyEvent] = []
    frontier: list[str] = []
    called: str | None = None
    slots: int = 0

    @classmethod
    def of(cls, program: Program, run: Run, command: AnyCommand, limits: Limits) -> Turn:
        """A fresh turn for a command."""
        slots = command.begin.slots if command.begin is not None else 0
        return cls(program, run, command.at, command.begin, limits, slots=slots)

    @property
    def may_go_on(self) -> bool:
        """Whether consequences follow from facts: not while the execution is held, nor once its end is decided."""
        return self.run.hold is None and self.run.closing is None

    def node(self, activation: str) -> Node:
        """The node of an activation. Outside loops it has the same name."""
        nodes = self.program.nodes
        return nodes.get(activation) or nodes[parse_activation(activation).node]

    def emit(self, event: AnyEvent) -> None:
        """State a fact."""
        evolve(self.run, event)
        self.events.append(event)

    def take_slot(self, node: str) -> str | None:
        """The worker that begins an attempt of this node in this commit, None if nobody can."""
        if self.begin is None or self.slots <= 0 or node in self.begin.unable or self.run.hold is not None:
            return None
        self.slots -= 1
        return self.begin.worker

    def schedule(
        self,
        name: str,
        node: Node,
        *,
        loop: str | None = None,
        map_name: str | None = None,
        item: int | None = None,
    ) -> None:
        """Let a worker run an activation: the offering one at once, if it can, and no policy has a say in it. One that
        spends stands in line."""
        is_free = node.ceiling is None and node.id not in self.program.policed
        worker = self.take_slot(node.id) if is_free else None
        self.emit(
            NodeScheduled(
                at=self.at,
                activation=name,
                node=node.id,
                timeout_ms=self.timeout_ms(node),
                retry=node.retry,
                begun_by=worker,
                loop=loop,
                map=map_name,
                item=item,
                ceiling=node.ceiling,
            )
        )

    def timeout_ms(self, node: Node) -> int | None:
        """How long one attempt of a node may take."""
        timeout_ms = node.timeout_ms or self.program.definition.timeouts.node_timeout_ms
        return TIMEOUT_MS if timeout_ms == TIMEOUT_MS else timeout_ms
