"""A workflow as data: what the engine runs, stores and hashes.

A `Definition` says nothing about functions' code, line numbers or libraries, so that its hash stays the same
through an upgrade. Where its parts were written (`Places`) stands beside it and isn't hashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

import msgspec

from pectin.core.budget import Amount, Budget
from pectin.core.codec import digest
from pectin.core.policy import Policy
from pectin.core.retry import RetryPolicy
from pectin.core.schema import Object, Schema, to_document
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
    what the parent keeps, by the parent's keys, as expressions over the child's last state, `output`. `gated` says that
    the workflow is `approval_gated`, and lets the child run only if it is.
    """

    workflow: str
    version: str
    input: dict[str, str] = {}
    output: dict[str, str] = {}
    gated: bool | None = None


@plain_members
class RunOn(StrEnum):
    """Which ends a finalizer runs on."""

    SUCCESS = "success"
    FAILURE = "failure"
    ALWAYS = "always"


class Node(msgspec.Struct, frozen=True, omit_defaults=True):
    """A point of the graph.

    `config` belongs to the kind. The rest are the traits that the core knows: it reads these and never `kind`.
    `description` and `labels` are notes, which mean nothing to the engine.
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
    policy: Policy | None = None
    ceiling: Amount | None = None
    """The most that one attempt may spend; of a node with a child, the child's budget."""
    description: str | None = None
    labels: dict[str, str] = {}


class Secret(msgspec.Struct, frozen=True, omit_defaults=True):
    """A secret by its name: the engine that makes the call looks it up then. Its value is nowhere in a definition."""

    name: str
    prefix: str = ""


class Endpoint(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A tool that is called over HTTP.

    `{names}` in the path of `url` and the values of `query` (by parameter) are fields of the tool's input; the others
    are sent as a JSON object. A call of a `keyed` tool has its idempotency key in `key_header`.
    """

    method: str
    url: str
    query: dict[str, str] = {}
    headers: dict[str, str | Secret] = {}
    key_header: str = "Idempotency-Key"
    timeout_ms: int | None = None
    request_bytes_max: int = 1024 * 1024
    response_bytes_max: int = 1024 * 1024


class Contract(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a tool promises to who calls it: the shape of what goes in and comes out, and what it does to the world.

    Without an `endpoint` it is a function that the application has registered under the tool's name.
    """

    name: str
    input: Object
    output: Schema
    effect: Effect = Effect.ONCE
    description: str | None = None
    endpoint: Endpoint | None = None


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

    `max_iterations` is for loops that don't say their own, `wall_time_ms` from the start, waiting included. Money is a
    decimal as text, and `total_tokens` counts input and output. `on_limit` is a node that is entered once instead of
    the end, with everything else cancelled.
    """

    max_iterations: int | None = None
    wall_time_ms: int | None = None
    on_limit: str | None = None
    max_cost_usd: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


class Definition(msgspec.Struct, frozen=True, omit_defaults=True):
    """An immutable, versioned, directed graph: `(id, version)` names one for ever.

    `name`, `description` and `labels` are notes, which mean nothing to the engine.
    """

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
    policy: Policy | None = None
    retention_days: int | None = None
    tools: tuple[Contract, ...] = ()
    labels: dict[str, str] = {}

    @property
    def wall_time_ms(self) -> int | None:
        """The limit on the time of an execution, wherever it is said."""
        own = self.limits.wall_time_ms if self.limits is not None else None
        return self.timeouts.workflow_timeout_ms if own is None else own

    @property
    def on_limit(self) -> str | None:
        """The node that is entered when a limit is passed."""
        return self.limits.on_limit if self.limits is not None else None

    @property
    def budget(self) -> Budget | None:
        """The limits on what is spent."""
        limits = self.limits
        if limits is None:
            return None
        own = Budget(limits.max_cost_usd, limits.input_tokens, limits.output_tokens, limits.total_tokens)
        return None if own == Budget() else own

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
"""Places by subject: `("workflow",)`, `("node", id)`, `("edge", index as text)`, `("tool", name)`; in a document also
of its parts, with the path of a field after it: `("node", id, "timeout_ms")`."""


_NOTES: Mapping[type, tuple[str, ...]] = {
    Definition: ("name", "description", "labels"),
    Node: ("description", "labels"),
    Contract: ("description",),
}
"""What doesn't count for the hash."""


def definition_hash(definition: Definition) -> str:
    """SHA-256 (hex) of what the definition means. Notes and the names of types don't count."""
    return digest(_document(definition))


def _document(part: object) -> Json:
    """A part of a definition as JSON, made by us, because a library's output may change with its version.

    What is None or empty is left out, so that a field that a later version adds changes no hash. Every other default
    is written out: if one changes, so does what a definition means.
    """
    match part:
        case _ if isinstance(part, Schema):
            return to_document(part, titles=False)
        case msgspec.Struct():
            notes = _NOTES.get(type(part), ())
            fields = ((name, getattr(part, name)) for name in part.__struct_fields__ if name not in notes)
            return {name: _document(value) for name, value in fields if value not in (None, (), {})}
        case tuple():
            return [_document(item) for item in cast("tuple[object, ...]", part)]
        case dict():
            return {name: _document(value) for name, value in cast("dict[str, object]", part).items()}
        case StrEnum():
            return part.value
        case _:
            return part
