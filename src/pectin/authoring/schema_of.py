"""From Python's types to our own canonical schema.

It walks annotations and never asks a library for a schema, so that an upgrade of pydantic changes no definition's
hash. What the schema can't say is `Any`, and is checked by the type itself when a value is read.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.json import encode
from pydantic import BaseModel, PlainSerializer, ValidationError, WrapSerializer

from pectin.authoring.adapter import adapter_of
from pectin.core import schema
from pectin.core.codec import check_value
from pectin.core.error import BadValue, quote

_PLAIN: Mapping[Any, schema.Schema] = {
    bool: schema.Bool(),
    int: schema.Integer(),
    float: schema.Float(),
    str: schema.String(),
    Decimal: schema.Decimal(),
    datetime: schema.String(format="date-time"),
    date: schema.String(format="date"),
    time: schema.String(format="time"),
    UUID: schema.String(format="uuid"),
    None: schema.Null(),
    types.NoneType: schema.Null(),
    list: schema.List(schema.Any()),
    dict: schema.Map(schema.Any()),
}


class NoSchema(ValueError):
    """The type can't be stored without loss. The message says where and what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class FieldType:
    """A declared field: its annotation with metadata, and its default as JSON or UNSET."""

    annotation: Any
    required: bool
    default: Any = UNSET
    opaque: bool = False
    """It has a serializer of its own, so its type doesn't say what its JSON is."""


def schema_of(annotation: Any, path: str = "", inside: tuple[Any, ...] = ()) -> schema.Schema:
    """The schema of the JSON that values of a type are written as. `NoSchema` for what would be lost.

    `path` names the value in errors, `inside` are the classes around it: a recursive one is `Any`.
    """
    annotation, metadata = unwrap(annotation)
    if any(isinstance(mark, PlainSerializer | WrapSerializer) for mark in metadata):
        return schema.Any()
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _union(arguments, path, inside)
    if origin is Literal:
        return _values(arguments)
    if origin is not None:
        return _generic(origin, arguments, path, inside)
    if isinstance(annotation, type) and has_fields(annotation):
        return schema.Any() if annotation in inside else object_of(annotation, path, inside)
    if isinstance(annotation, type) and issubclass(annotation, set | frozenset):
        raise NoSchema(f"{_at(path)}a set has no order, and JSON has no sets: use a list")
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _values(tuple(member.value for member in annotation))
    plain = _PLAIN.get(annotation) if isinstance(annotation, type) or annotation is None else None
    return plain or schema.Any()


def object_of(cls: Any, path: str = "", inside: tuple[Any, ...] = (), defaults: bool = False) -> schema.Object:
    """The schema of a class with fields. With `defaults` it says which ones an input may leave out.

    A stored value has all of them, so in nested objects every field is required. `NoSchema` also for a default that
    can't be stored.
    """
    fields: dict[str, schema.Field] = {}
    for name, field in fields_of(cls, path).items():
        place = _join(path, name)
        inner = schema.Any() if field.opaque else schema_of(field.annotation, place, (*inside, cls))
        given = defaults and field.default is not UNSET
        if given:
            _refuse_unreadable(field.annotation, field.default, place)
        fields[name] = schema.Field(inner, not given, field.default if given else UNSET)
    return schema.Object(fields, _is_open(cls), cls.__name__)


def has_fields(annotation: Any) -> bool:
    """Whether it is a pydantic model, a dataclass or a TypedDict."""
    if is_typeddict(annotation):
        return True
    cls: Any = annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "root" not in cls.model_fields and not cls.__pydantic_decorators__.model_serializers
    return isinstance(annotation, type) and dataclasses.is_dataclass(cls)


def fields_of(cls: Any, path: str = "") -> dict[str, FieldType]:
    """The fields of a class that has some, in the order of their declaration. `NoSchema` for one that is lost."""
    if is_typeddict(cls):
        return _typed_dict_fields(cls, path)
    if issubclass(cls, BaseModel):
        return _model_fields(cls, path)
    return _dataclass_fields(cls, path)


def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type without its `Annotated`, `NewType`, `type` statement, `Required` and so on; and its metadata."""
    metadata: tuple[Any, ...] = ()
    while True:
        if get_origin(annotation) is Annotated:
            metadata = (*metadata, *annotation.__metadata__)
            annotation = annotation.__origin__
        elif get_origin(annotation) in (Required, NotRequired):
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation, metadata


def has_any(found: schema.Schema) -> bool:
    """Whether some part of it is checked at run time only."""
    match found:
        case schema.Any():
            return True
        case schema.List():
            return has_any(found.item)
        case schema.Map():
            return has_any(found.value)
        case schema.Nullable():
            return has_any(found.inner)
        case schema.Object():
            return found.open or any(has_any(field.schema) for field in found.fields.values())
        case _:
            return False


def fits(given: schema.Schema, wanted: schema.Schema) -> bool:
    """Whether every value of the one schema is a value of the other, as far as the schemas can say."""
    match given, wanted:
        case (schema.Any(), _) | (_, schema.Any()):
            return True
        case schema.Nullable() | schema.Null(), schema.Nullable():
            return isinstance(given, schema.Null) or fits(given.inner, wanted.inner)
        case _, schema.Nullable():
            return fits(given, wanted.inner)
        case schema.Integer(), schema.Float():
            return True
        case schema.List(), schema.List():
            return fits(given.item, wanted.item)
        case schema.Map(), schema.Map():
            return fits(given.value, wanted.value)
        case schema.Object(), schema.Map():
            return all(fits(field.schema, wanted.value) for field in given.fields.values())
        case schema.Object(), schema.Object():
            return _object_fits(given, wanted)
        case schema.String(), schema.String():
            return _values_fit(given.values, wanted.values) and wanted.format in ("", given.format)
        case (schema.Integer(), schema.Integer()) | (schema.Bool(), schema.Bool()):
            return _values_fit(given.values, wanted.values)
        case _:
            return type(given) is type(wanted)


def _object_fits(given: schema.Object, wanted: schema.Object) -> bool:
    shared = [
        (field.schema, wanted.fields[name].schema) for name, field in given.fields.items() if name in wanted.fields
    ]
    return (
        (wanted.open or given.fields.keys() <= wanted.fields.keys())
        and all(name in given.fields for name, field in wanted.fields.items() if field.required)
        and all(fits(one, other) for one, other in shared)
    )


def _values_fit(given: Sequence[object], wanted: Sequence[object]) -> bool:
    return not wanted or (bool(given) and all(value in wanted for value in given))


def _union(options: Sequence[Any], path: str, inside: tuple[Any, ...]) -> schema.Schema:
    found = [schema_of(option, path, inside) for option in options]
    others = [option for option in found if not isinstance(option, schema.Null)]
    inner = others[0] if others and all(option == others[0] for option in others) else schema.Any()
    return schema.nullable(inner) if len(others) < len(found) else inner


def _values(values: Sequence[Any]) -> schema.Schema:
    """The schema of a Literal or an Enum: of one plain type, perhaps with None."""
    plain = tuple(value.value if isinstance(value, Enum) else value for value in values if value is not None)
    found: schema.Schema = schema.Any()
    if plain and all(type(value) is str for value in plain):
        found = schema.String(plain)
    elif plain and all(type(value) is int for value in plain):
        found = schema.Integer(plain)
    elif plain and all(type(value) is bool for value in plain):
        found = schema.Bool(plain)
    return schema.nullable(found) if None in values else found


def _generic(origin: Any, arguments: Sequence[Any], path: str, inside: tuple[Any, ...]) -> schema.Schema:
    if not isinstance(origin, type):
        return schema.Any()
    if issubclass(origin, set | frozenset):
        raise NoSchema(f"{_at(path)}a set has no order, and JSON has no sets: use a list")
    if issubclass(origin, tuple):
        alike = len(arguments) == 2 and arguments[1] is Ellipsis
        return schema.List(schema_of(arguments[0], f"{path}[]", inside) if alike else schema.Any())
    if issubclass(origin, Mapping) and len(arguments) == 2:
        return schema.Map(schema_of(arguments[1], f"{path}.*", inside))
    if issubclass(origin, Sequence) and len(arguments) == 1:
        return schema.List(schema_of(arguments[0], f"{path}[]", inside))
    return schema.Any()


def _model_fields(cls: type[BaseModel], path: str) -> dict[str, FieldType]:
    serializers = cls.__pydantic_decorators__.field_serializers.values()
    serialized = {name for decorator in serializers for name in decorator.info.fields}
    fields: dict[str, FieldType] = {}
    for name, info in cls.model_fields.items():
        where = _at(_join(path, name))
        if info.exclude:
            raise NoSchema(f"{where}the field is left out of the model's JSON, and would be lost")
        if any(alias not in (None, name) for alias in (info.alias, info.validation_alias, info.serialization_alias)):
            raise NoSchema(f"{where}a field with an alias has two names; a state knows its own name only")
        annotation = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
        opaque = bool(serialized & {name, "*"})
        default = _default(annotation, info.default, info.default_factory, info.is_required() or opaque)
        fields[name] = FieldType(annotation, info.is_required(), default, opaque)
    return fields


def _dataclass_fields(cls: Any, path: str) -> dict[str, FieldType]:
    hints = get_type_hints(cls, include_extras=True)
    fields: dict[str, FieldType] = {}
    for field in dataclasses.fields(cls):
        if not field.init:
            where = _at(_join(path, field.name))
            raise NoSchema(f"{where}a field with init=False can't be read back")
        missing = dataclasses.MISSING
        factory = None if field.default_factory is missing else field.default_factory
        required = field.default is missing and factory is None
        default = _default(hints[field.name], field.default, factory, required)
        fields[field.name] = FieldType(hints[field.name], required, default)
    return fields


def _typed_dict_fields(cls: Any, path: str) -> dict[str, FieldType]:
    hints = get_type_hints(cls, include_extras=True)
    # With postponed annotations Python itself doesn't see `NotRequired` when it makes the class.
    return {
        name: FieldType(hint, name in cls.__required_keys__ and get_origin(hint) is not NotRequired)
        for name, hint in hints.items()
    }


def _default(annotation: Any, value: Any, factory: Any, required: bool) -> Any | UnsetType:
    """The default as JSON where it is one value for ever. Others are made anew for each execution."""
    if required or factory not in (None, list, dict):
        return UNSET
    return adapter_of(annotation).dump_python(value if factory is None else factory(), mode="json", warnings=False)


def _refuse_unreadable(annotation: Any, default: Any, path: str) -> None:
    """Refuse a default that is no JSON, or that the field's own type doesn't read."""
    try:
        check_value(default, path)
        adapter_of(annotation).validate_json(encode(default))
    except BadValue as error:
        raise NoSchema(f"{_at(path)}the default can't be stored: {error.what}; {error.hint}") from None
    except ValidationError as error:
        what = error.errors(include_url=False)[0]["msg"].removeprefix("Input ")
        raise NoSchema(f"{_at(path)}the default {quote(default)} can't be read back: it {what}") from None


def _is_open(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, BaseModel) and cls.model_config.get("extra") == "allow"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _at(path: str) -> str:
    return f"`{path}`: " if path else ""
