"""Pydantic as the reader and writer of values of declared types, behind one function.

On Python 3.11 pydantic reads no `typing.TypedDict`, only the one of `typing_extensions`, which means the same; such
types are rebuilt here, so that authors need not know.
"""

from __future__ import annotations

import sys
import types
from typing import Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import typing_extensions
from pydantic import TypeAdapter

_OWN_TYPED_DICTS = sys.version_info >= (3, 12)


def adapter_of(annotation: Any) -> TypeAdapter[Any]:
    """The reader and writer of a type. Raises pydantic's own errors for types that it can't handle."""
    return TypeAdapter(annotation if _OWN_TYPED_DICTS else _rebuilt(annotation, ()))


def _rebuilt(annotation: Any, inside: tuple[Any, ...]) -> Any:
    """The type with each `typing.TypedDict` in it made anew. A recursive one is read as any object."""
    if is_typeddict(annotation):
        if annotation in inside:
            return dict[str, Any]
        hints = get_type_hints(annotation, include_extras=True)
        required: frozenset[str] = annotation.__required_keys__
        fields = {
            name: _rebuilt(hint, (*inside, annotation))
            if name in required or get_origin(hint) is NotRequired
            else NotRequired[_rebuilt(hint, (*inside, annotation))]
            for name, hint in hints.items()
        }
        return typing_extensions.TypedDict(annotation.__name__, fields)  # pyright: ignore[reportArgumentType, reportUnknownVariableType, reportGeneralTypeIssues]
    origin, arguments = get_origin(annotation), get_args(annotation)
    rebuilt = tuple(_rebuilt(argument, inside) for argument in arguments)
    if rebuilt == arguments:
        return annotation
    if origin in (Union, types.UnionType):
        return Union[rebuilt]  # noqa: UP007 # the options are known at run time only
    return annotation.copy_with(rebuilt) if hasattr(annotation, "copy_with") else origin[rebuilt]
