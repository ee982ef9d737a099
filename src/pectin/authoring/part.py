"""Fields of a state, where they can be checked without the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypedDict, cast

from pectin.authoring.plain import adds_nothing, is_plain
from pectin.authoring.schema_of import fields_of
from pectin.authoring.values import Values
from pectin.core.definition import Json


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
    by_themselves = all(map(is_plain, annotations.values())) and adds_nothing(cls)
    return Part(cls.__name__, annotations) if by_themselves else None
