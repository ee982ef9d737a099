"""What an author has said so far, and what was wrong with it.

Nothing here raises because of the author: problems are noted with their lines, and `build` reports all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, cast

from pectin.core.budget import Amount, read_amount
from pectin.core.definition import (
    END,
    Edge,
    Effect,
    Json,
    OnFailure,
    OnItemFailure,
    Place,
    Reducer,
    RunOn,
    Trigger,
    WorkflowLimits,
)
from pectin.core.duration import parse_duration
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.core.policy import Policy
from pectin.core.problem import Problem
from pectin.core.retry import PRESETS, RetryPolicy
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig

if TYPE_CHECKING:
    from pectin.authoring.tool import CalledTool

W = TypeVar("W", bound=StrEnum)

Duration = str | int | timedelta
"""`"90s"`, `"1h30m"`, `"72h"`, ISO 8601, whole seconds, or a `timedelta`."""


class Header(NamedTuple):
    """What is said of a workflow as a whole."""

    id: str
    version: str = "0.0.0-dev"
    name: str | None = None
    description: str | None = None
    session_type: SessionType = SessionType.RESUMABLE
    timeouts: TimeoutConfig = TimeoutConfig()
    reducers: Mapping[str, Reducer] = {}
    on_failure: OnFailure | None = None
    stop_grace_ms: int | None = None
    limits: WorkflowLimits = WorkflowLimits()
    policy: Policy | None = None
    retention_days: int | None = None
    labels: Mapping[str, str] = {}


class Written(Protocol):
    """The text that a draft was read from."""

    def locate(self, problem: Problem) -> Problem:
        """The problem with the very word that it is about, if its place is in this text."""
        ...


class DraftFunction(NamedTuple):
    """A function as it was handed in, with the local names at that line, for its annotations."""

    function: Callable[..., Any]
    place: Place
    names: Mapping[str, Any]


class DraftChild(NamedTuple):
    """The workflow that a node runs as an execution of its own, and the mappings by the child's and the parent's keys.

    The draft is None where no workflow was handed in."""

    draft: Draft | None
    input: Mapping[str, str]
    output: Mapping[str, str]


class DraftCall(NamedTuple):
    """The tool that a node calls, as it was declared, and the mappings by the tool's fields and the state's keys.

    It is None where no tool was handed in."""

    tool: CalledTool | None
    input: Mapping[str, str]
    output: Mapping[str, str]


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
    on_item_failure: OnItemFailure | None = None
    wait_for: tuple[str, ...] | None = None
    at_least: int | None = None
    fires_when: str | None = None
    run_on: RunOn | None = None
    function: DraftFunction | None = None
    reconcile: DraftFunction | None = None
    reconcile_name: str | None = None
    """Under which name `reconcile` is registered, where that isn't the node's affair."""
    child: DraftChild | None = None
    policy: Policy | None = None
    ceiling: Amount | None = None
    call: DraftCall | None = None
    description: str | None = None
    labels: dict[str, str] = field(default_factory=dict[str, str])


class Named:
    """A node of one draft, as a target. `declared` is what was said of it."""

    def __init__(self, draft: Draft, name: str) -> None:
        self._draft = draft
        self._name = name

    @property
    def name(self) -> str:
        """The node's name, its id in the definition."""
        return self._name

    @property
    def declared(self) -> DraftNode:
        """What was said of the node so far."""
        return self._draft.nodes[self._name]

    def belongs_to(self, draft: Draft) -> bool:
        """Whether it is a node of this draft."""
        return self._draft is draft


class Draft:
    """A workflow while it is written. `state` is the type of its state, or its schema.

    `written` is the document that it was read from, if it was; `parts` says where in it the fields of nodes, edges and
    the workflow stand, by the place of what they belong to. `lacks_functions` if it names functions and none were
    handed in.
    """

    def __init__(self, workflow: str, place: Place, state: Any = dict, written: Written | None = None) -> None:
        self.header = Header(workflow)
        self.state = state
        self.place = place
        self.start: str | None = None
        self.on_limit: str | None = None
        self.nodes: dict[str, DraftNode] = {}
        self.edges: list[tuple[Edge, Place]] = []
        self.problems: list[Problem] = []
        self.written = written
        self.parts: dict[Place, dict[str, Place]] = {}
        self.lacks_functions = False

    def locate(self, problem: Problem) -> Problem:
        """A problem as it is to be shown: in a document, with the very word."""
        return problem if self.written is None else self.written.locate(problem)

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
        condition = self.read_expression(condition, place, f"the condition of an edge of `{source}`")
        max_iterations = self.read_number(max_iterations, place, "E013", f"the limit of an edge of `{source}`")
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
        message, hint = _no_target(self.header.id, target)
        self.note(place, "E036", message, hint)
        return None

    def find_node(self, node: object, place: Place) -> str | None:
        """The name of a node, or None after noting that it is none of this workflow."""
        if isinstance(node, str) and node == END:
            self.note(place, "E036", "END is no node", "name a node of this workflow")
            return None
        return self.find_target(node, place)

    def read_duration(
        self, value: Duration | None, place: Place, what: str, *, may_be_zero: bool = False
    ) -> int | None:
        """A duration in milliseconds, or None after noting what is wrong with it."""
        if value is None:
            return None
        try:
            duration_ms = parse_duration(value, what)
        except BadValue as error:
            self.note(place, "E022", f"{what}: {error.what}", error.hint)
            return None
        if duration_ms == 0 and not may_be_zero:
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

    def read_policy(self, value: object, place: Place, subject: str, code: str = "E027") -> Policy | None:
        """A policy, or None after noting that it is none."""
        if value is None or isinstance(value, Policy):
            return value
        hint = 'write `Policy(require_approval_for=["payments.*"])`'
        self.note(place, code, f"the policy of {subject}, {quote(value)}, is no Policy", hint)
        return None

    def read_ceiling(self, value: object, node: DraftNode) -> Amount | None:
        """The most that an attempt of a node may spend, or None after noting what is wrong with it."""
        if value is None:
            return None
        try:
            return read_amount(value, f"the ceiling of `{node.name}`")
        except BadValue as error:
            self.note(node.place, "E051", f"{error.path}: {error.what}", error.hint)
            return None

    def read_labels(self, value: object, place: Place, subject: str, code: str = "E017") -> dict[str, str]:
        """Texts by keys of any name, without those that are none, which are noted."""
        shown = quote(value)
        given = cast("Mapping[object, object]", value) if isinstance(value, Mapping) else {None: value}
        labels = {key: text for key, text in given.items() if isinstance(key, str) and isinstance(text, str)}
        if value is not None and len(labels) < len(given):
            hint = 'write `labels={"team": "payments"}`'
            self.note(place, code, f"the labels of {subject}, {shown}, are no mapping of texts", hint)
        return labels

    def read_effect(self, value: str, place: Place, subject: str) -> Effect:
        """An effect by its name."""
        if value in tuple(Effect):
            return Effect(value)
        hint = did_you_mean(str(value), Effect) or f"use one of {', '.join(Effect)}"
        self.note(place, "E026", f"{subject} has the unknown effect {value!r}", hint)
        return Effect.IDEMPOTENT

    def read_run_on(self, value: str, node: DraftNode) -> RunOn:
        """The ends that a finalizer runs on."""
        subject = f"finalizer `{node.name}` runs on the unknown end"
        return self._read_word(value, RunOn, node.place, subject) or RunOn.ALWAYS

    def read_on_item_failure(self, value: str, node: DraftNode) -> OnItemFailure | None:
        """What a map does when an item fails. None stands for `fail`, as in a definition that says nothing."""
        found = self._read_word(value, OnItemFailure, node.place, f"map `{node.name}` has the unknown on_item_failure")
        return None if found is OnItemFailure.FAIL else found

    def read_items(self, items: object, node: DraftNode) -> str:
        """The expression of a map's items; of a node that gives them, the key that it writes."""
        if isinstance(items, str):
            return items
        found = self.find_node(items, node.place)
        key = None if found is None else self.nodes[found].output_key
        if found is not None and key is None:
            message = f"`{node.name}` takes its items from `{found}`, which has no `output_key`"
            self.note(node.place, "E034", message, "say where its list goes, or give a path: `state.items`")
        return f"state.{key}" if key else "[]"

    def _read_word(self, value: object, words: type[W], place: Place, what: str) -> W | None:
        if value in tuple(words):
            return words(value)
        hint = did_you_mean(str(value), words) or f"use one of {', '.join(words)}"
        self.note(place, "E017", f"{what} {quote(value)}", hint)
        return None

    def read_number(self, value: object, place: Place, code: str, what: str) -> int | None:
        """A whole number, or None after noting that it is none. Which numbers will do is the core's to check."""
        if value is None or type(value) is int:
            return value
        self.note(place, code, f"{what}, {quote(value)}, is no whole number", "write one from 1 on")
        return None

    def read_nodes(self, value: object, place: Place, what: str) -> tuple[str, ...]:
        """The names of the nodes in a list, after noting what is wrong with them."""
        if not isinstance(value, list | tuple):
            self.note(place, "E036", f"{what} is no list", "name the nodes in one, such as `[a, b]`")
            value = [value]
        found = [self.find_node(node, place) for node in cast("Sequence[object]", value)]
        return tuple(name for name in found if name is not None)

    def read_branches(self, value: object, place: Place, what: str) -> Sequence[tuple[Any, object]]:
        """Pairs of an expression and a target, after noting what is none."""
        return self.read_pairs(value, place, f"the branches of {what}", '[("state.total > 0", pay)]')

    def read_pairs(self, value: object, place: Place, what: str, example: str) -> Sequence[tuple[Any, Any]]:
        """Pairs, after noting what is none. A mapping is read as if it were them."""
        is_list = isinstance(value, list | tuple)
        given = cast("Sequence[object]", value if is_list else value.items() if isinstance(value, Mapping) else [None])
        pairs = [(cast("Any", pair)[0], cast("Any", pair)[1]) for pair in given if _is_pair(pair)]
        if not is_list or len(pairs) != len(given):
            self.note(place, "E017", f"{what} are no list of pairs", f"write one, such as `{example}`")
        return pairs

    def read_expression(self, value: object, place: Place, what: str) -> str | None:
        """An expression, or None after noting that it is no text."""
        if value is None or isinstance(value, str):
            return value
        hint = "write it in quotes: it is kept and shown with the workflow"
        self.note(place, "E014", f"{what}, {quote(value)}, is no expression", hint)
        return None


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(cast("Sequence[object]", value)) == 2


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
