"""What an entered node asks for. The core knows these and not the kinds that return them."""

from __future__ import annotations

import msgspec

from pectin.core.definition import Json


class Run(msgspec.Struct, frozen=True):
    """A worker is to run the node."""


class Resolve(msgspec.Struct, frozen=True):
    """The output follows now, without a worker.

    `only` narrows the edges taken to those that lead to this target.
    """

    output: Json = None
    only: str | None = None


class Await(msgspec.Struct, frozen=True):
    """Wait for a person (`decisions` is not empty) or for the time `until` (milliseconds since the epoch).

    An approval's `prompt` is what the person is shown. Passing `until` is a timer's end and an approval's deadline.
    """

    prompt: str | None = None
    decisions: tuple[str, ...] = ()
    until: int | None = None


class Spawn(msgspec.Struct, frozen=True):
    """Run the item node once for each of `items`."""

    items: list[Json]


Action = Run | Resolve | Await | Spawn
