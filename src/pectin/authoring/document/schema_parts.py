"""What the JSON Schema of documents is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

Schema = dict[str, Any]


def says(description: str, schema: Schema) -> Schema:
    """A schema with what it is for."""
    return {"description": description, **schema}


def ref(name: str) -> Schema:
    """A schema that has a name."""
    return {"$ref": f"#/$defs/{name}"}


def words(words: Iterable[str]) -> Schema:
    """One of several words."""
    return {"enum": [str(word) for word in words]}


def either(*schemas: Schema) -> Schema:
    """One of several schemas."""
    return {"anyOf": list(schemas)}


def list_of(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


def map_of(value: Schema) -> Schema:
    """An object with keys of any name."""
    return {"type": "object", "additionalProperties": value}


def object_of(properties: Schema, *required: str) -> Schema:
    """An object with known keys."""
    must = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **must, "additionalProperties": False}


def not_both(one: str, other: str) -> Schema:
    """Only one of two keys."""
    return {"not": {"required": [one, other]}}


TEXT: Final[Schema] = {"type": "string"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 1}


def or_null(schema: Schema) -> Schema:
    """Null, too."""
    return either(schema, {"type": "null"})
