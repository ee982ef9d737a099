"""Some fields of a state, where they can be checked without the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, Final, TypedDict, cast, is_typeddict

from pydantic import BaseModel

from pectin.authoring.schema_of import fields_of
from pectin.authoring.values import Values
from pectin.core.definition import Json

_HARMLESS_SETTINGS: Final = {"extra", "frozen", "title"}
"""Settings of pydantic that no field's value depends on."""


class Part:
    """Fields of a state, by their annotations; `name` is that of the state's type."""

    __slots__ = ("_values", "keys")

    def __init__(self, name: str, annotations: Mapping[str, Any]) -> None:
        self.keys = frozenset(annotations)
        self._values = Values(TypedDict(name, dict(annotations), total=False), "state")  # type: ignore[operator]

    def settle(self, written: dict[str, Json]) -> dict[str, Json]:
        """Those of them that were written, in the form in which they are stored. Raises `TypeMismatch`."""
        return cast("dict[str, Json]", self._values.settle(written))


def part_of(cls: Any, keys: Collection[str]) -> Part | None:
    """These fields of a class that has fields; None where they can't be checked without the rest."""
    if not _judges_by_field(cls):
        return None
    return Part(cls.__name__, {name: field.annotation for name, field in fields_of(cls).items() if name in keys})


def _judges_by_field(cls: Any) -> bool:
    """Whether nothing but annotations decides what a class lets pass, each for its field."""
    settings = getattr(cls, "__pydantic_config__", None) or getattr(cls, "model_config", {})
    if settings.keys() - _HARMLESS_SETTINGS or settings.get("extra") == "allow" or _is_decorated(cls):
        return False
    if is_typeddict(cls):
        return True
    if not issubclass(cls, BaseModel):
        return not (hasattr(cls, "__post_init__") or hasattr(cls, "__get_pydantic_core_schema__"))
    has_own_init = cls.__pydantic_custom_init__ or cls.__pydantic_post_init__ is not None
    has_discriminator = any(info.discriminator for info in cls.model_fields.values())
    has_own_schema = any("__get_pydantic_core_schema__" in vars(each) for each in cls.__mro__ if each is not BaseModel)
    return not (has_own_init or has_discriminator or has_own_schema)


def _is_decorated(cls: Any) -> bool:
    found = getattr(cls, "__pydantic_decorators__", None)
    return found is not None and any(getattr(found, field.name) for field in dataclasses.fields(found))
