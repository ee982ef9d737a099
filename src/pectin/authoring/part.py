"""Some fields of a state, where they can be checked without the others.

A class can do much with a field that its annotation doesn't say, and pydantic with an annotation. So this is only for
fields of plain types, in classes that add nothing to them; wherever there is more, the whole state is checked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypedDict, Union, cast, get_args, get_origin, is_typeddict
from uuid import UUID

from pydantic import BaseModel

from pectin.authoring.schema_of import fields_of
from pectin.authoring.values import Values
from pectin.core.definition import Json

_PLAIN: Final = (str, int, float, bool, NoneType, Decimal, datetime, date, UUID, Any)
_COMPOUND: Final = (list, dict, Union, UnionType)


class Part:
    """Fields of a state, by their annotations; `name` is that of the state's type."""

    __slots__ = ("_values", "keys")

    def __init__(self, name: str, annotations: Mapping[str, Any]) -> None:
        self.keys = frozenset(annotations)
        self._values = Values(TypedDict(name, dict(annotations), total=False), "state")  # type: ignore[operator]

    def settle(self, written: dict[str, Json]) -> dict[str, Json]:
        """Those of them that were written, as JSON, in the form in which they are stored. Raises `TypeMismatch`."""
        return cast("dict[str, Json]", self._values.write(self._values.read(written)))


def part_of(cls: Any, keys: Collection[str]) -> Part | None:
    """These fields of a class that has fields; None where they can't be checked without the rest."""
    annotations = {name: field.annotation for name, field in fields_of(cls).items() if name in keys}
    is_plain = all(map(_is_plain, annotations.values())) and _adds_nothing(cls)
    return Part(cls.__name__, annotations) if is_plain else None


def _is_plain(annotation: Any) -> bool:
    origin = get_origin(annotation)
    if origin is None or origin is Literal:
        return origin is Literal or annotation in _PLAIN
    return origin in _COMPOUND and all(map(_is_plain, get_args(annotation)))


def _adds_nothing(cls: Any) -> bool:
    """Whether nothing but annotations decides what a class lets pass, each for its field: it has no validators, no
    serializers, no settings and no code of its own."""
    if is_typeddict(cls):
        return not hasattr(cls, "__pydantic_config__")
    has_schema = any("__get_pydantic_core_schema__" in vars(each) for each in cls.__mro__ if each is not BaseModel)
    if has_schema or _is_decorated(cls):
        return False
    return _model_adds_nothing(cls) if issubclass(cls, BaseModel) else _dataclass_adds_nothing(cls)


def _is_decorated(cls: type) -> bool:
    found = getattr(cls, "__pydantic_decorators__", None)
    if found is not None:
        return any(getattr(found, kind.name) for kind in dataclasses.fields(found))
    members: list[object] = [member for each in cls.__mro__ for member in vars(each).values()]
    return any(hasattr(member, "decorator_info") for member in members)


def _model_adds_nothing(cls: type[BaseModel]) -> bool:
    settings = {**cls.model_config}
    if settings.pop("extra", "ignore") == "allow" or settings:
        return False
    has_own_init = cls.__pydantic_custom_init__ or cls.__pydantic_post_init__ is not None
    return not has_own_init and not any(getattr(info, "exclude_if", None) for info in cls.model_fields.values())


def _dataclass_adds_nothing(cls: Any) -> bool:
    if hasattr(cls, "__post_init__") or hasattr(cls, "__pydantic_config__"):
        return False
    return not any(field.metadata for field in dataclasses.fields(cls))
