"""The shape of a workflow's data: our own canonical schema, in a few plain types.

A definition's hash is made from it, so it is ours and not a library's: an upgrade of pydantic must not change
a hash. It is small on purpose: what the expression checker can reason about, and nothing else. A shape that
does not fit (a union without a null, a recursive model) is `Any` and is checked at run time only.

A decimal is a JSON *string* in the data and a number in expressions. `required` and `default` are a field's.
"""

from collections.abc import Mapping
from typing import assert_never, cast

from msgspec import UNSET, Struct, UnsetType

from pectin.core.error import PectinError, quote, shorten

LEVELS_MAX = 128
"""How many schemas may stand in one another."""

_PATH_LENGTH_MAX = 200

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


def from_document(document: object, path: str = "", levels_max: int = LEVELS_MAX) -> Schema:
    """The schema that `to_document` wrote. `SchemaError` for anything else, naming the place."""
    if not isinstance(document, dict):
        raise SchemaError(f"{path or 'the schema'} is not an object but {quote(document)}")
    if levels_max < 1:
        raise SchemaError(f"{shorten(path, 80)} is more than {LEVELS_MAX} levels deep")
    given = cast("dict[str, object]", document)
    schema = _schema_of(given, path, levels_max - 1)
    if _outline_of(given) != to_document(_outline(schema)):
        raise SchemaError(f"{path or 'the schema'} is not in the canonical form: {quote(given)}")
    return schema


def _outline(schema: Schema) -> Schema:
    """The schema with `Any` in place of its parts, which are looked at by themselves."""
    match schema:
        case List():
            return List(Any())
        case Map():
            return Map(Any())
        case Object():
            fields = {name: Field(Any(), field.required) for name, field in schema.fields.items()}
            return Object(fields, schema.open, schema.name)
        case Nullable():
            return Nullable(Any())
        case _:
            return schema


def _outline_of(document: Mapping[str, object]) -> dict[str, object]:
    """The document of the outline, if this is in the canonical form."""
    outline = dict(document)
    properties = document.get("properties")
    if isinstance(properties, dict):
        outline["properties"] = {name: {} for name in cast("dict[str, object]", properties)}
    options = _list(document.get("anyOf"))
    if options and isinstance(options[0], dict):
        outline["anyOf"] = [{}, *options[1:]]
    for name in ("items", "additionalProperties"):
        if isinstance(document.get(name), dict):
            outline[name] = {}
    return outline


def _schema_of(document: Mapping[str, object], path: str, levels_max: int) -> Schema:
    if "anyOf" in document:
        options = _list(document["anyOf"])
        return Nullable(from_document(options[0] if options else None, path, levels_max))
    values = _list(document.get("enum"))
    match document.get("type"), document.get("format", ""):
        case None, _:
            return Any()
        case "null", _:
            return Null()
        case "boolean", _ if all(type(value) is bool for value in values):
            return Bool(cast("tuple[bool, ...]", tuple(values)))
        case "integer", _ if all(type(value) is int for value in values):
            return Integer(cast("tuple[int, ...]", tuple(values)))
        case "number", _:
            return Float()
        case "string", "decimal":
            return Decimal()
        case "string", str(form) if (not form or form in FORMATS) and all(type(value) is str for value in values):
            return String(cast("tuple[str, ...]", tuple(values)), form)
        case "array", _:
            return List(from_document(document.get("items"), f"{path}[]", levels_max))
        case "object", _ if "properties" in document:
            return _object_of(document, path, levels_max)
        case "object", _:
            return Map(from_document(document.get("additionalProperties"), f"{path}.*", levels_max))
        case _ if values:
            raise SchemaError(f"{path or 'the schema'} is not in the canonical form: {quote(dict(document))}")
        case kind, form:
            raise SchemaError(f"{path or 'the schema'}: no type {quote(kind)} with format {quote(form)}")


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _object_of(document: Mapping[str, object], path: str, levels_max: int) -> Object:
    properties, required = document["properties"], _list(document.get("required"))
    if not isinstance(properties, dict):
        raise SchemaError(f"{path or 'the schema'}: `properties` is not an object")
    known = {name for name in required if isinstance(name, str)}
    fields: dict[str, Field] = {}
    for name, entry in cast("dict[str, object]", properties).items():
        place = shorten(f"{path}.{name}".lstrip("."), _PATH_LENGTH_MAX)
        if not isinstance(entry, dict):
            raise SchemaError(f"{place} is not an object but {quote(entry)}")
        own = dict(cast("dict[str, object]", entry))
        default = own.pop("default", UNSET)
        fields[name] = Field(from_document(own, place, levels_max), name in known, default)
    title = document.get("title", "")
    return Object(fields, document.get("additionalProperties") is True, title if isinstance(title, str) else "")
