"""JamJet's schemas, which are texts: a JSON Schema, the name of a type that is elsewhere, or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

from pectin.core.error import quote
from pectin.core.schema import Any as AnyValue
from pectin.core.schema import Object, Schema, SchemaError, from_document, to_document

_NAME: Final = re.compile(r"[A-Za-z_][\w.:/-]*", re.ASCII)
_KEYS: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "format", "anyOf", "title", "default"}
)


class BadSchema(ValueError):
    """A `state_schema` that nothing can be made of."""


def read_state_schema(text: str) -> Object:
    """The state that the text describes. A name stands for an open object of this name. Raises `BadSchema`."""
    return read_object(text, "the state")


def write_state_schema(state: Object) -> str:
    """The text that `read_state_schema` reads as this state."""
    return _name_of(state) if _is_named(state) else json.dumps(to_document(state), ensure_ascii=False)


def read_object(text: str | None, what: str) -> Object:
    """The object that the text describes; without one, or with a name, an open one. Raises `BadSchema`."""
    if not text or _NAME.fullmatch(text):
        return Object({}, open=True, name=text or "")
    document = _load(text)
    if not isinstance(document, dict) or cast("dict[str, object]", document).get("type") != "object":
        raise BadSchema('it is no JSON Schema of an object: it has no `"type": "object"`')
    found = _from(cast("dict[str, object]", document), what)
    if not isinstance(found, Object):
        raise BadSchema(f"it describes a map, and {what} has fields")
    return found


def read_value(text: str | None, what: str) -> Schema:
    """The values that the text describes; without one any value, with a name an open object. Raises `BadSchema`."""
    if not text:
        return AnyValue()
    if _NAME.fullmatch(text):
        return Object({}, open=True, name=text)
    document = _load(text)
    if not isinstance(document, dict):
        raise BadSchema("it is no JSON Schema")
    return _from(cast("dict[str, object]", document), what)


def write_object(given: Object) -> str | None:
    """The text that `read_object` reads as this object; None if nothing is said of it."""
    return write_state_schema(given) or None


def write_value(given: Schema) -> str | None:
    """The text that `read_value` reads as this schema; None if nothing is said of it."""
    if given == AnyValue():
        return None
    return (
        _name_of(given) if _is_named(given) and _name_of(given) else json.dumps(to_document(given), ensure_ascii=False)
    )


def _is_named(given: Schema) -> bool:
    """Whether a name says all of it, or nothing does."""
    is_name = isinstance(given, Object) and (not given.name or _NAME.fullmatch(given.name) is not None)
    return isinstance(given, Object) and given.open and not given.fields and is_name


def _name_of(given: Schema) -> str:
    return given.name if isinstance(given, Object) else ""


def _load(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        raise BadSchema("it is neither a JSON Schema nor a name") from None
    except RecursionError:
        raise BadSchema("it is nested too deep") from None


def _from(document: Mapping[str, Any], what: str) -> Schema:
    try:
        return from_document(_canonical(document, what))
    except (SchemaError, RecursionError) as error:
        raise BadSchema(str(error) or "it is nested too deep") from None


def _canonical(document: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The schema in the form of `to_document`, with what JSON Schema takes for granted written out."""
    for key in document:
        if key not in _KEYS or (key == "title" and document.get("type") != "object"):
            raise BadSchema(f"{where} has {quote(key)}, of which nothing would be kept")
    found = dict(document)
    if isinstance(found.get("type"), list):
        kinds = [kind for kind in cast("list[object]", found.pop("type")) if kind != "null"]
        if len(kinds) != 1 or len(cast("list[object]", document["type"])) != 2:
            raise BadSchema(f"{where} has several types")
        default = {"default": found.pop("default")} if "default" in found else {}
        return {"anyOf": [_canonical({**found, "type": kinds[0]}, where), {"type": "null"}], **default}
    if isinstance(options := found.get("anyOf"), list):
        found["anyOf"] = [_inner(option, where) for option in cast("list[object]", options)]
    if found.get("type") == "array":
        found["items"] = _inner(found.get("items", {}), f"{where}[]")
    if found.get("type") == "object":
        _complete(found, where)
    return found


def _complete(found: dict[str, Any], where: str) -> None:
    """Write out what an object leaves unsaid: without `additionalProperties` it is open."""
    more: object = found.get("additionalProperties", True)
    if "properties" not in found and isinstance(more, dict):
        found["additionalProperties"] = _inner(cast(object, more), f"{where}.*")
        return
    properties, required = found.get("properties", {}), found.get("required", [])
    if not isinstance(properties, dict):
        raise BadSchema(f"{where}: `properties` is no object")
    if not isinstance(required, list) or not all(isinstance(name, str) for name in cast("list[object]", required)):
        raise BadSchema(f"{where}: `required` is no list of names")
    entries = cast("dict[str, object]", properties).items()
    found["properties"] = {name: _inner(value, f"{where}.{name}") for name, value in entries}
    found["required"] = sorted(cast("list[str]", required))
    found["additionalProperties"] = more


def _inner(value: object, where: str) -> object:
    return _canonical(cast("Mapping[str, Any]", value), where) if isinstance(value, dict) else value
