"""A workflow as data: what the engine runs, stores and hashes.

A `Definition` says nothing about functions' code, line numbers or libraries, so that its hash stays the same
through an upgrade. Where its parts were written (`Places`) stands beside it and isn't hashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

import msgspec

from pectin.core.codec import digest
from pectin.core.retry import RetryPolicy
from pectin.core.schema import Object, to_document
from pectin.core.status import SessionType, plain_members
from pectin.core.timeout import TimeoutConfig

END = "end"
"""The reserved target of an edge that leads nowhere further."""

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict with string keys."""


@plain_members
class Effect(StrEnum):
    """What a node does to the world, and so what the engine may do after a crash."""

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    KEYED = "keyed"
    TRANSACTIONAL = "transactional"
    ONCE = "once"


@plain_members
class Trigger(StrEnum):
    """When an edge is taken."""

    ALWAYS = "always"
    WHEN = "when"
    OTHERWISE = "otherwise"
    ERROR = "on_error"
    REPEAT = "repeat"
    LIMIT = "on_limit"


class Edge(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way from one node to another.

    `condition` belongs to `when` and `repeat`, and may stand with `on_error`. `max_iterations` belongs to
    `repeat`: how many iterations of its loop are allowed per entry. When they are used up, `on_limit` leads on from
    the loop's header.
    """

    source: str
    target: str
    trigger: Trigger = Trigger.ALWAYS
    condition: str | None = None
    max_iterations: int | None = None


@plain_members
class OnItemFailure(StrEnum):
    """What a map does when an item fails."""

    FAIL = "fail"
    WAIT = "wait"
    COLLECT = "collect"


class Each(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trait of a node that runs another node once for each item of a list.

    `items` is an expression that gives the list, `node` the item node, `max_concurrency` how many items are
    unsettled at once. An item that fails cancels the rest, unless `on_item_failure` says to wait for them, or to
    collect the error as its output.
    """

    items: str
    node: str
    max_concurrency: int | None = None
    on_item_failure: OnItemFailure | None = None


class Join(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trait of a node that collects what arrives; `wait_for` gives the order of the arrivals.

    It waits for all, or fires early: at the `at_least`-th arrival, or as soon as `fires_when`, an expression over
    `arrivals`, holds.
    """

    wait_for: tuple[str, ...]
    at_least: int | None = None
    fires_when: str | None = None

    @property
    def may_fire_early(self) -> bool:
        """Whether it may fire before all its edges are resolved."""
        return self.at_least is not None or self.fires_when is not None


class Child(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trait of a node that runs another workflow as an execution of its own.

    `input` gives the child's input, by its keys, as expressions over the parent's state (and `item`, `index`), `output`
    what the parent keeps, by the parent's keys, as expressions over the child's last state, `output`.
    """

    workflow: str
    version: str
    input: dict[str, str] = {}
    output: dict[str, str] = {}


@plain_members
class RunOn(StrEnum):
    """Which ends a finalizer runs on."""

    SUCCESS = "success"
    FAILURE = "failure"
    ALWAYS = "always"


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A point of the graph.

    `config` belongs to the kind. The rest are the traits that the core knows: it reads these and never `kind`.
    """

    id: str
    kind: str
    config: dict[str, Json] = {}
    effect: Effect = Effect.PURE
    retry: RetryPolicy | None = None
    timeout_ms: int | None = None
    output_key: str | None = None
    each: Each | None = None
    join: Join | None = None
    child: Child | None = None
    run_on: RunOn | None = None
    reconcile: str | None = None
    """The registered name of the function that says whether a `once` node's attempt in doubt has happened."""


@plain_members
class Reducer(StrEnum):
    """How what is written to a key becomes part of its value."""

    APPEND = "append"
    ADD = "add"
    MAX = "max"
    MIN = "min"
    UNION = "union"
    MERGE = "merge"


@plain_members
class OnFailure(StrEnum):
    """What an unhandled failure does: end the execution at once, or when all else has settled."""

    FAIL_FAST = "fail_fast"
    WAIT = "wait"


class WorkflowLimits(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one execution may use. n allows n; passing is more than n.

    `max_iterations` is for loops that don't say their own, `wall_time_ms` from the start, waiting included. `on_limit`
    is a node that is entered once instead of the end, with everything else cancelled.
    """

    max_iterations: int | None = None
    wall_time_ms: int | None = None
    on_limit: str | None = None


class Definition(msgspec.Struct, frozen=True, omit_defaults=True):
    """An immutable, versioned, directed graph: `(id, version)` names one for ever."""

    id: str
    version: str
    state: Object
    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    name: str | None = None
    description: str | None = None
    timeouts: TimeoutConfig = msgspec.field(default_factory=TimeoutConfig)
    session_type: SessionType = SessionType.RESUMABLE
    reducers: dict[str, Reducer] = {}
    limits: WorkflowLimits | None = None
    on_failure: OnFailure | None = None
    stop_grace_ms: int | None = None

    @property
    def wall_time_ms(self) -> int | None:
        """The limit on the time of an execution, wherever it is said."""
        own = self.limits.wall_time_ms if self.limits is not None else None
        return self.timeouts.workflow_timeout_ms if own is None else own

    @property
    def on_limit(self) -> str | None:
        """The node that is entered when a limit is passed."""
        return self.limits.on_limit if self.limits is not None else None

    def item_nodes(self) -> dict[str, str]:
        """The maps' item nodes, each with (the last of) its maps."""
        return {node.each.node: node.id for node in self.nodes if node.each is not None}


class Place(msgspec.Struct, frozen=True):
    """Where something was written: a file and a line (from 1), in a document also a column (from 1)."""

    file: str
    line: int
    column: int | None = None

    def __str__(self) -> str:
        column = "" if self.column is None else f":{self.column}"
        return f"{self.file}:{self.line}{column}"


Places = Mapping[tuple[str, ...], Place]
"""Places by subject: `("workflow",)`, `("node", id)`, `("edge", index as text)`."""


def definition_hash(definition: Definition) -> str:
    """SHA-256 (hex) of what the definition means. Name, description and the names of the state's types don't count."""
    return digest(_document(msgspec.structs.replace(definition, name=None, description=None)))


def _document(part: object) -> Json:
    """A part of a definition as JSON, made by us, because a library's output may change with its version.

    What is None or empty is left out, so that a field that a later version adds changes no hash. Every other default
    is written out: if one changes, so does what a definition means.
    """
    match part:
        case Object():
            return to_document(part, titles=False)
        case msgspec.Struct():
            fields = ((name, getattr(part, name)) for name in part.__struct_fields__)
            return {name: _document(value) for name, value in fields if value not in (None, (), {})}
        case tuple():
            return [_document(item) for item in cast("tuple[object, ...]", part)]
        case StrEnum():
            return part.value
        case _:
            return part
