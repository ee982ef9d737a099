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
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig

END = "end"
"""The reserved target of an edge that leads nowhere further."""

Json = Any
"""A JSON value: None, bool, int, float, str, list or dict with string keys."""


class Effect(StrEnum):
    """What a node does to the world, and so what the engine may do after a crash."""

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    KEYED = "keyed"


class Trigger(StrEnum):
    """When an edge is taken."""

    ALWAYS = "always"
    WHEN = "when"
    OTHERWISE = "otherwise"
    ERROR = "on_error"
    REPEAT = "repeat"


class Edge(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way from one node to another.

    `condition` belongs to `when` and `repeat`, and may stand with `on_error`. `max_iterations` belongs to
    `repeat`: how many iterations of its loop are allowed per entry.
    """

    source: str
    target: str
    trigger: Trigger = Trigger.ALWAYS
    condition: str | None = None
    max_iterations: int | None = None


class Each(msgspec.Struct, frozen=True, omit_defaults=True):
    """The trait of a node that runs another node once for each item of a list.

    `items` is an expression that gives the list, `node` the item node, `max_concurrency` how many items are
    unsettled at once.
    """

    items: str
    node: str
    max_concurrency: int | None = None


class Join(msgspec.Struct, frozen=True):
    """The trait of a node that collects what arrives; `wait_for` gives the order of the arrivals."""

    wait_for: tuple[str, ...]


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
    run_on: RunOn | None = None


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
