"""Functions of the application, as a worker calls them, and what a `reconcile` may answer."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import msgspec

from pectin.core.definition import Contract, Json
from pectin.core.error import PectinError
from pectin.ports.context import Context

R_co = TypeVar("R_co", covariant=True)


class BadResult(PectinError):
    """What a function returned can't be a result. Its effect has happened: it is not run again.

    `output` is what was returned, as far as JSON can say it.
    """

    def __init__(self, message: str, output: Json = None, *, error_class: str = "bad_result") -> None:
        super().__init__(message)
        self.output = output
        self.error_class = error_class


class Unanswered(PectinError):
    """Another system was asked to do something, and nobody knows whether it did. For a `once` node that is a doubt, for
    others a failure of this class."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


# -- what a reconcile returns ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Happened(Generic[R_co]):
    """The attempt in doubt has happened; `result` is what the node's function would have returned."""

    result: R_co


@dataclass(frozen=True, slots=True)
class DidNot:
    """The attempt in doubt has not happened and never will: it may be made again."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell: a person is asked."""


# -- what a worker gives and gets ------------------------------------------------------------------------------


class Request(msgspec.Struct, frozen=True, gc=False):
    """One call: `state` is what the activation sees, the callee must not change it. `item` only for a map's item.

    It `asks` whether an attempt in doubt has happened, if the function is a node's `reconcile`. `arguments` only where
    a tool is called.
    """

    state: Mapping[str, Json]
    context: Context
    item: Json | msgspec.UnsetType = msgspec.UNSET
    asks: bool = False
    arguments: Mapping[str, Json] | None = None


class Result(msgspec.Struct, frozen=True, gc=False):
    """What a call changed: whole keys of the state that are set, keys removed, and its output if it isn't the patch.

    For a key with a reducer, the patch says what the call adds.
    """

    patch: dict[str, Json] = {}
    unset: tuple[str, ...] = ()
    output: Json | msgspec.UnsetType = msgspec.UNSET


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a `reconcile` says: it `happened`, with this result, or it did not (False), or nobody knows (None)."""

    happened: bool | None
    result: Result = Result()


Conclusion = Result | Verdict
"""What comes of a call: a node's function gives a result, its `reconcile` a verdict."""


class Function(Protocol):
    """A registered function with its conversions from and to JSON."""

    @property
    def is_async(self) -> bool:
        """Whether `call` returns an awaitable; if not it may block, and belongs in a thread."""
        ...

    @property
    def keys(self) -> frozenset[str] | None:
        """The keys of the state that it reads: its requests need no others. None: all."""
        ...

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        """Run it. Raises what the function raises, or `BadResult`."""
        ...


class Functions(Protocol):
    """An application's functions, by workflow and registered name; never by a module path found in data."""

    def find(self, workflow_id: str, name: str) -> Function | None:
        """The function, or None if this application doesn't have it."""
        ...

    def endpoint(self, tool: Contract) -> Function:
        """What calls a tool that is an endpoint: the application needs no function for it."""
        ...
