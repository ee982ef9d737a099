"""What an entered node asks for. The core knows these and not the kinds that return them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from pectin.core.definition import Json

TIMEOUT: Final = "timeout"
"""The decision of an approval that nobody decided in time; no person can decide so."""


APPROVED: Final = "approved"
"""The decision that lets what acts go on, where that needs an approval."""


class Run(msgspec.Struct, frozen=True):
    """A worker is to run the node, with these `arguments` if it calls a tool: the same for every attempt."""

    arguments: Mapping[str, Json] | None = None


class Resolve(msgspec.Struct, frozen=True):
    """The output follows now, without a worker.

    `only` narrows the edges taken to those that lead to this target. With a `limit` the execution ends as
    `limit_exceeded`, for that reason.
    """

    output: Json = None
    only: str | None = None
    limit: str | None = None


class Await(msgspec.Struct, frozen=True):
    """Wait for a person (`decisions` is not empty), a signal, an event, or the time `until` (milliseconds since the
    epoch): whichever comes first.

    An approval's `prompt` is what the person is shown, with the values of the keys that may be changed, `editable`.
    An `event` comes with its `correlation`. Passing `until` is a timer's end or, with `fails_late`, a failure.
    """

    prompt: str | None = None
    decisions: tuple[str, ...] = ()
    until: int | None = None
    editable: tuple[str, ...] = ()
    signal: str | None = None
    event: str | None = None
    correlation: str = ""
    fails_late: bool = False


class Spawn(msgspec.Struct, frozen=True):
    """Run children: the item node once for each of `items`, or, without items, the node's child execution."""

    items: list[Json] | None = None


Action = Run | Resolve | Await | Spawn
