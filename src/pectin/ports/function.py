"""Functions of the application, as a worker calls them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Protocol

import msgspec

from pectin.core.definition import Json
from pectin.core.error import PectinError
from pectin.ports.context import Context


class BadResult(PectinError):
    """What a function returned can't be a result. Its effect has happened: it is not run again.

    `output` is what was returned, as far as JSON can say it.
    """

    def __init__(self, message: str, output: Json = None) -> None:
        super().__init__(message)
        self.output = output


class Request(msgspec.Struct, frozen=True, gc=False):
    """One call: `state` is what the activation sees, the callee must not change it. `item` only for a map's item."""

    state: Mapping[str, Json]
    context: Context
    item: Json | msgspec.UnsetType = msgspec.UNSET


class Result(msgspec.Struct, frozen=True, gc=False):
    """What a call changed: whole keys of the state that are set, keys removed, and its output if it isn't the patch."""

    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Json | msgspec.UnsetType = msgspec.UNSET


class Function(Protocol):
    """A registered function with its conversions from and to JSON."""

    @property
    def is_async(self) -> bool:
        """Whether `call` returns an awaitable; if not it may block, and belongs in a thread."""
        ...

    def call(self, request: Request) -> Result | Awaitable[Result]:
        """Run it. Raises what the function raises, or `BadResult`."""
        ...


class Functions(Protocol):
    """An application's functions, by workflow and registered name; never by a module path found in data."""

    def find(self, workflow_id: str, name: str) -> Function | None:
        """The function, or None if this application doesn't have it."""
        ...
