"""The shape of a workflow's data: our own canonical schema, in a few plain types.

A definition's hash is made from it, so it is ours and not a library's: an upgrade of pydantic must not change
a hash. It is small on purpose: what the expression checker can reason about, and nothing else. A shape that
does not fit (a union without a null, a recursive model) is `Any` and is checked at run time only.

A decimal is a JSON *string* in the data and a number in expressions. `required` and `default` are a field's.
"""

from collections.abc import Mapping
from typing import assert_never, cast

from msgspec import UNSET, Struct, UnsetType

from pectin.core.error import PectinError

FORMATS = frozenset({"date-time", "date", "time", "uuid"})
"""The formats that a string may have."""


class Any(Struct, frozen=True, tag="any"):
    """Any JSON value: checked at run time only."""


class Null(Struct, frozen=True, tag="null"):
    """Only null: the type of the literal. A field that may be null is `Nullable`."""


class Bool(Struct, frozen=True, tag="bool"):
    values: tuple[bool, ...] = ()


class Integer(Struct, frozen=True, tag="integer"):
    """A whole number of 64 bits, signed."""

    values: tuple[int, ...] = ()


class Float(Struct, frozen=True, tag="float"):
    """A JSON number, read as a double; `3` is read as 3.0."""


class Decimal(Struct, frozen=True, tag="decimal"):
    """An exact number, written as a JSON string ("1299.00")."""


class String(Struct, frozen=True, tag="string"):
    """Text. `values` are the only ones allowed, () means any; `format` is one of `FORMATS`."""

    values: tuple[str, ...] = ()
    format: str = ""


class List(Struct, frozen=True, tag="list"):
    item: "Schema"


class Map(Struct, frozen=True, tag="map"):
    """An object with keys of any name and values of one schema."""

    value: "Schema"


class Field(Struct, frozen=True):
    schema: "Schema"
    required: bool = True
    default: object | UnsetType = UNSET

    @property
    def may_be_missing(self) -> bool:
        return not self.required and self.default is UNSET


class Object(Struct, frozen=True, tag="object"):
    """Named fields. An `open` one may have others, of any value."""

    fields: dict[str, Field]
    open: bool = False
    name: str = ""


class Nullable(Struct, frozen=True, tag="nullable"):
    inner: "Schema"


Schema = Any | Null | Bool | Integer | Float | Decimal | String | List | Map | Object | Nullable


class SchemaError(PectinError, ValueError):
    """A document that is not in the canonical form."""


def nullable(inner: Schema) -> Schema:
    """`inner` or null, without wrapping twice."""
    return inner if isinstance(inner, Any | Null | Nullable) else Nullable(inner)


def without_null(schema: Schema) -> Schema:
    return schema.inner if isinstance(schema, Nullable) else schema


# In words


def describe(schema: Schema) -> str:
    """The schema in words, for errors: "a decimal", "a list of strings", "'low' or 'high'"."""
    match schema:
        case Bool(values=()):
            return "a bool"
        case String(values=()):
            return f"a string ({schema.format})" if schema.format else "a string"
        case Integer(values=()):
            return "an int"
        case Bool() | String() | Integer():
            words = [write_literal(value) for value in schema.values]
            return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
        case List():
            article, _, noun = describe(schema.item).partition(" ")
            return f"a list of {noun}s" if article in ("a", "an") and noun.isalpha() else "a list"
        case Map():
            return "a map"
        case Object():
            return f"a {schema.name}" if schema.name else "an object"
        case Nullable():
            return f"{describe(schema.inner)} or null"
        case Any():
            return "any value"
        case Null():
            return "null"
        case Float():
            return "a double"
        case Decimal():
            return "a decimal"
    assert_never(schema)


def write_literal(value: bool | int | str) -> str:
    """A literal as it is written in an expression."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else f"'{value}'"


# The canonical document


def to_document(schema: Schema, *, titles: bool = True) -> dict[str, object]:
    """The schema as a JSON Schema document, the same for the same schema, fields in the order of names.

    Without `titles` the names of its objects are left out, which mean nothing.
    """
    match schema:
        case Any():
            return {}
        case Null():
            return {"type": "null"}
        case Bool():
            return {"type": "boolean", **_enum(schema.values)}
        case Integer():
            return {"type": "integer", **_enum(schema.values)}
        case Float():
            return {"type": "number"}
        case Decimal():
            return {"type": "string", "format": "decimal"}
        case String():
            form = {"format": schema.format} if schema.format else {}
            return {"type": "string", **_enum(schema.values), **form}
        case List():
            return {"type": "array", "items": to_document(schema.item, titles=titles)}
        case Map():
            return {"type": "object", "additionalProperties": to_document(schema.value, titles=titles)}
        case Object():
            return _object_document(schema, titles)
        case Nullable():
            return {"anyOf": [to_document(schema.inner, titles=titles), {"type": "null"}]}
    assert_never(schema)


def _enum(values: tuple[object, ...]) -> dict[str, object]:
    return {"enum": list(values)} if values else {}


def _object_document(schema: Object, titles: bool) -> dict[str, object]:
    properties: dict[str, object] = {}
    for name, field in sorted(schema.fields.items()):
        default = {} if field.default is UNSET else {"default": field.default}
        properties[name] = {**to_document(field.schema, titles=titles), **default}
    return {
        "type": "object",
        **({"title": schema.name} if titles and schema.name else {}),
        "properties": properties,
        "required": sorted(name for name, field in schema.fields.items() if field.required),
        "additionalProperties": schema.open,
    }


def from_document(document: object, path: str = "") -> Schema:
    """The schema that `to_document` wrote. `SchemaError` for anything else, naming the place."""
    if not isinstance(document, dict):
        raise SchemaError(f"{path or 'the schema'} is not an object but {document!r:.80}")
    given = cast("dict[str, object]", document)
    schema = _schema_of(given, path)
    if (plain := {key: value for key, value in given.items() if key != "default"}) != to_document(schema):
        raise SchemaError(f"{path or 'the schema'} is not in the canonical form: {plain!r:.200}")
    return schema


def _schema_of(document: Mapping[str, object], path: str) -> Schema:
    if "anyOf" in document:
        options = _list(document["anyOf"])
        return Nullable(from_document(options[0] if options else None, path))
    values = _list(document.get("enum"))
    match document.get("type"), document.get("format", ""):
        case None, _:
            return Any()
        case "null", _:
            return Null()
        case "boolean", _:
            return Bool(cast("tuple[bool, ...]", tuple(values)))
        case "integer", _:
            return Integer(cast("tuple[int, ...]", tuple(values)))
        case "number", _:
            return Float()
        case "string", "decimal":
            return Decimal()
        case "string", str(form) if not form or form in FORMATS:
            return String(cast("tuple[str, ...]", tuple(values)), form)
        case "array", _:
            return List(from_document(document.get("items"), f"{path}[]"))
        case "object", _ if "properties" in document:
            return _object_of(document, path)
        case "object", _:
            return Map(from_document(document.get("additionalProperties"), f"{path}.*"))
        case kind, form:
            raise SchemaError(f"{path or 'the schema'}: no type {kind!r} with format {form!r}")


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _object_of(document: Mapping[str, object], path: str) -> Object:
    properties, required = document["properties"], _list(document.get("required"))
    if not isinstance(properties, dict):
        raise SchemaError(f"{path or 'the schema'}: `properties` is not an object")
    fields = {
        name: Field(
            from_document(entry, f"{path}.{name}".lstrip(".")),
            name in required,
            cast("dict[str, object]", entry).get("default", UNSET),
        )
        for name, entry in cast("dict[str, object]", properties).items()
    }
    return Object(fields, document.get("additionalProperties") is True, str(document.get("title", "")))
