"""The audit of approvals: what an `approval_gated` history says of the ways that lead with one, and why it may.

Like the books, it is kept from the events alone, beside the fold, and nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, cast

from pectin.core.action import APPROVED
from pectin.core.event import (
    AnyEvent,
    ChildSpawned,
    ClosingBegan,
    LimitReached,
    LoopEnded,
    LoopRepeated,
    NodeCancelled,
    NodeCompleted,
    NodeFailed,
    NodeMapped,
    NodeScheduled,
    NodeSkipped,
    NodeWaiting,
    Route,
)
from pectin.core.program import Program

_CODE: Final = "approved_by_nobody"

Settled = NodeCompleted | NodeFailed | NodeSkipped | NodeCancelled


@dataclass(slots=True)
class Approvals:
    """`led` says of each activation that has not settled whether all that was taken to it led with an approval; `held`
    the same of what leaves a loop, and of its header."""

    led: dict[str, bool] = field(default_factory=dict[str, bool])
    held: dict[str, dict[str, bool]] = field(default_factory=dict[str, dict[str, bool]])

    def note(self, event: AnyEvent) -> None:
        """Write an event down."""
        match event:
            case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
                self.led.pop(event.activation, None)
                self._lead(event.route, event.loop or "")
            case LoopRepeated():
                held = self.held.pop(event.loop, {})
                self.led[f"{event.loop}[{event.iteration}]"] = held.get(_node(event.loop), False)
            case LoopEnded():
                self.held.pop(event.loop, None)
                self._lead(event.route, event.outer or "")
            case LimitReached() | ClosingBegan():
                self.led.clear()
                self.held.clear()
            case _:
                pass

    def _lead(self, route: Route, loop: str) -> None:
        for target in route.taken:
            self.led[target] = self.led.get(target, True) and target in route.approved
        leaving = [*route.exits, *route.error_exits, *([_node(loop)] if route.repeats else [])]
        held = self.held.setdefault(loop, {}) if leaving else {}
        for target in leaving:
            held[target] = held.get(target, True) and target in route.approved

    def check(self, event: AnyEvent, waiting: NodeWaiting | None, program: Program | None) -> Iterator[tuple[str, str]]:
        """The laws that this event breaks; `waiting` is what the activation that it settles has waited for."""
        match event:
            case NodeCompleted() | NodeFailed() | NodeSkipped() | NodeCancelled():
                if event.route.approved and not self._may_approve(event, waiting, program):
                    targets = ", ".join(f"`{target}`" for target in event.route.approved)
                    yield (
                        _CODE,
                        f"`{event.activation}` leads to {targets} as approved, and nobody has approved it",
                    )
            case LoopEnded():
                held = self.held.get(event.loop, {})
                for target in event.route.approved:
                    if not held.get(_node(event.loop if event.by_limit else target), False):
                        yield (
                            _CODE,
                            f"`{event.loop}` leads to `{target}` as approved, and nobody has approved it",
                        )
            case NodeScheduled() | NodeMapped() | ChildSpawned():
                around = None if isinstance(event, NodeMapped) else event.map
                if _acts(event.node, program) and not self.led.get(around or event.activation, False):
                    yield "unapproved", f"`{event.activation}` acts, and nobody has approved it"
            case _:
                pass

    def _may_approve(self, event: Settled, waiting: NodeWaiting | None, program: Program | None) -> bool:
        """Whether a person approves by this, or has before it and nothing has acted since."""
        if isinstance(event, NodeCompleted) and waiting is not None and event.by:
            shown = cast(object, event.output)
            output = cast("dict[str, object]", shown) if isinstance(shown, dict) else {}
            if APPROVED in waiting.decisions and output.get("decision") == APPROVED:
                return True
        return self.led.get(event.activation, False) and not _acts(_node(event.activation), program)


def _acts(node: str, program: Program | None) -> bool:
    """Whether a node needs an approval. Without the definition that is not known."""
    return program is not None and program.gate is not None and node in program.gate.acts


def _node(name: str) -> str:
    """The node of an activation, or the header of a loop; of a name that is none, something."""
    return name.partition("[")[0]
