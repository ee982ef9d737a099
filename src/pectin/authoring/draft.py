"""What an author has said so far, and what was wrong with it.

Nothing here raises because of the author: problems are noted with their lines, and `build` reports all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, cast

from pectin.core.definition import END, Edge, Effect, Json, Place, RunOn, Trigger
from pectin.core.duration import parse_duration
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.core.problem import Problem
from pectin.core.retry import PRESETS, RetryPolicy
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig

Duration = str | int | timedelta
"""`"90s"`, `"1h30m"`, `"72h"`, ISO 8601, whole seconds, or a `timedelta`."""

_LATER_EFFECTS = ("once", "transactional")


@dataclass(slots=True, kw_only=True)
class DraftNode:
    """A node as it was declared. `items` makes it a map, `run_on` a finalizer."""

    name: str
    kind: str
    place: Place
    config: dict[str, Json] = field(default_factory=dict[str, Json])
    effect: Effect = Effect.PURE
    retry: RetryPolicy | None = None
    timeout_ms: int | None = None
    output_key: str | None = None
    items: str | None = None
    max_concurrency: int | None = None
    wait_for: tuple[str, ...] | None = None
    run_on: RunOn | None = None
    function: Callable[..., Any] | None = None
    names: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Named:
    """A node of one draft, as a target."""

    def __init__(self, draft: Draft, name: str) -> None:
        self._draft = draft
        self._name = name

    @property
    def name(self) -> str:
        """The node's name, its id in the definition."""
        return self._name

    def belongs_to(self, draft: Draft) -> bool:
        """Whether it is a node of this draft."""
        return self._draft is draft


class Draft:
    """A workflow while it is written."""

    def __init__(self, workflow: str, place: Place) -> None:
        self.workflow = workflow
        self.place = place
        self.start: str | None = None
        self.nodes: dict[str, DraftNode] = {}
        self.edges: list[tuple[Edge, Place]] = []
        self.problems: list[Problem] = []

    def read_text(self, value: object, what: str, instead: str = "") -> str:
        """A text that is said of the workflow as a whole, or `instead` after noting that it is none."""
        if isinstance(value, str):
            return value
        self.note(self.place, "E027", f"the workflow's {what}, {quote(value)}, is no text", "write it in quotes")
        return instead

    def read_session_type(self, value: object) -> SessionType:
        """A session type, or the one of a name."""
        try:
            return SessionType(cast(SessionType, value))
        except ValueError:
            hint = did_you_mean(value, SessionType) if isinstance(value, str) else ""
            message = f"the workflow's session type, {quote(value)}, is unknown"
            self.note(self.place, "E027", message, hint or f"use one of {', '.join(SessionType)}")
            return SessionType.RESUMABLE

    def read_timeouts(self, value: object) -> TimeoutConfig:
        """The workflow's timeouts; the usual ones if nothing is said."""
        if isinstance(value, TimeoutConfig):
            return value
        if value is not None:
            hint = "write `TimeoutConfig(node_timeout_ms=...)`"
            self.note(self.place, "E027", f"the workflow's timeouts, {quote(value)}, are no TimeoutConfig", hint)
        return TimeoutConfig()

    def note(self, place: Place, code: str, message: str, hint: str | None = None) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, "", message, hint, place))

    def add(self, node: DraftNode) -> None:
        """Declare a node. One whose name is taken goes on under another, so that its edges can be checked."""
        for field_name, code, what in (("name", "E004", "a node's name"), ("output_key", "E019", "an `output_key`")):
            given: object = getattr(node, field_name)
            if given is not None and not isinstance(given, str):
                self.note(node.place, code, f"{what}, {quote(given)}, is no text", "write it in quotes")
                setattr(node, field_name, str(given))
        if (first := self.nodes.get(node.name)) is not None:
            message = f"there is a node `{node.name}` already, declared at {first.place}"
            self.note(node.place, "E005", message, 'give this one another name: `name="..."`')
            node.name = next(name for n in count(2) if (name := f"{node.name}_{n}") not in self.nodes)
        self.nodes[node.name] = node

    def connect(
        self,
        source: str,
        targets: Sequence[object],
        place: Place,
        *,
        trigger: Trigger = Trigger.ALWAYS,
        condition: str | None = None,
        max_iterations: int | None = None,
    ) -> None:
        """Declare an edge to each target."""
        if not targets:
            self.note(place, "E006", f"an edge of `{source}` has no target", "name a node or END")
        for target in targets:
            if (name := self.find_target(target, place)) is not None:
                self.edges.append((Edge(source, name, trigger, condition, max_iterations), place))

    def find_target(self, target: object, place: Place) -> str | None:
        """The name of a target, or None after noting what is wrong with it."""
        if isinstance(target, Named) and target.belongs_to(self):
            return target.name
        if isinstance(target, str) and target == END:
            return END
        message, hint = _no_target(self.workflow, target)
        self.note(place, "E036", message, hint)
        return None

    def read_duration(self, value: Duration | None, place: Place, what: str) -> int | None:
        """A duration in milliseconds, or None after noting what is wrong with it."""
        if value is None:
            return None
        try:
            duration_ms = parse_duration(value, what)
        except BadValue as error:
            self.note(place, "E022", f"{what}: {error.what}", error.hint)
            return None
        if duration_ms == 0:
            self.note(place, "E022", f"{what}: {value!r} is no time at all", "write a longer one")
            return None
        return duration_ms

    def read_retry(self, value: object, place: Place, subject: str) -> RetryPolicy | None:
        """A retry policy or the one of a preset's name."""
        if value is None or isinstance(value, RetryPolicy):
            return value
        if isinstance(value, str) and value in PRESETS:
            return PRESETS[value]
        hint = did_you_mean(value, PRESETS) if isinstance(value, str) else ""
        message = f"{subject} has the unknown retry policy {value!r}"
        self.note(place, "E021", message, hint or f"use one of {', '.join(PRESETS)}, or a RetryPolicy")
        return None

    def read_effect(self, value: str, place: Place, subject: str) -> Effect:
        """An effect by its name."""
        if value in tuple(Effect):
            return Effect(value)
        if value in _LATER_EFFECTS:
            self.note(
                place, "E023", f"{subject}: the effect `{value}` is not there yet", "use `keyed`, or `idempotent`"
            )
        else:
            hint = did_you_mean(str(value), Effect) or f"use one of {', '.join(Effect)}"
            self.note(place, "E026", f"{subject} has the unknown effect {value!r}", hint)
        return Effect.IDEMPOTENT


def _no_target(workflow: str, target: object) -> tuple[str, str]:
    if isinstance(target, Named):
        return f"`{target.name}` is a node of another workflow than `{workflow}`", "lead to a node of the same one"
    if isinstance(target, str):
        return f"the target {target!r} is a text", "name the node itself, or END"
    if callable(target):
        name = getattr(target, "__name__", repr(target))
        hint = "decorate it with `@workflow.node`, or use what `workflow.node(...)` returned"
        return f"`{name}` is a plain function and no node", hint
    return f"{target!r:.80} is no node", "name a node of this workflow, or END"
