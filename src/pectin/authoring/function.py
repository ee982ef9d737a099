"""A plain function as the worker calls it: JSON in, what it changed out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import UNSET

from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.returns import Concludes, conclude
from pectin.authoring.signature import Signature, type_name
from pectin.authoring.state_model import StateModel
from pectin.authoring.values import Values
from pectin.core.error import PectinError
from pectin.ports.function import Conclusion, Request


class BadState(PectinError):
    """The stored state is not of the type that the function takes: the type changed under the execution."""


class BadItem(PectinError):
    """An item of a map is not of the type that its function takes."""

    error_class = "bad_items"


class BadArguments(PectinError):
    """What a tool is called with is not of the types that its function takes."""

    error_class = "bad_arguments"


class AuthoredFunction:
    """A `ports.Function` made of an author's function; `keys` are those that it and its result need of the state.

    Each call gets an object of its own: what it does to it is no one else's concern.
    """

    __slots__ = ("_function", "_read", "_returns", "_subject", "_takes_context", "is_async", "keys")

    def __init__(
        self,
        function: Callable[..., Any],
        signature: Signature,
        subject: str,
        read: Callable[[Request], Any],
        returns: Concludes[Conclusion],
        *,
        keys: frozenset[str] | None = None,
    ) -> None:
        self.is_async = signature.is_async
        self.keys = keys
        self._function = function
        self._takes_context = signature.takes_context
        self._subject = subject
        self._read = read
        self._returns = returns

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        """Run it: what it concludes, or the awaitable of that if `is_async`."""
        given = self._read(request)
        returned = self._function(given, request.context) if self._takes_context else self._function(given)
        if self.is_async:
            return self._conclude_later(request, given, returned)
        return conclude(self._returns, self._subject, request, given, returned)

    async def _conclude_later(self, request: Request, given: Any, returned: Awaitable[Any]) -> Conclusion:
        return conclude(self._returns, self._subject, request, given, await returned)


def state_reader(model: StateModel[Any], subject: str, keys: frozenset[str] | None = None) -> Callable[[Request], Any]:
    """Reads the state of a request, or these keys of it. Raises `BadState`."""

    def read(request: Request) -> Any:
        state = request.state
        if keys is not None and not state.keys() <= keys:
            state = {key: state[key] for key in keys if key in state}
        try:
            return model.read(state)
        except TypeMismatch as error:
            raise BadState(f"the state is no {model.name} for {subject}: {error}") from None

    return read


def item_reader(items: Values, annotation: Any, subject: str) -> Callable[[Request], Any]:
    """Reads the item of a request. Raises `BadItem`."""

    def read(request: Request) -> Any:
        assert request.item is not UNSET, "the function of a map is called for an item"
        try:
            return items.read(request.item)
        except TypeMismatch as error:
            raise BadItem(f"the item is no {type_name(annotation)} for {subject}: {error}") from None

    return read
