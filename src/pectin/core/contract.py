"""The tools of a definition as a JSON document, in which their schemas have the canonical form; and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import msgspec

from pectin.core.definition import Contract, Json
from pectin.core.error import quote
from pectin.core.schema import LEVELS_MAX, Null, Object, Schema, SchemaError, from_document, to_document


def to_json(tool: Contract) -> dict[str, Json]:
    """A tool as it is stored, and as a document may write it."""
    document = msgspec.to_builtins(tool)
    return {**document, "input": to_document(tool.input), "output": to_document(tool.output)}


def read_schema(given: object, path: str = "") -> Schema:
    """The schema that people write: an object has the fields that it lists and no others, and they may be missing,
    where it doesn't say. Raises `SchemaError` for every word that the canonical form hasn't."""
    return from_document(_spelled_out(given, LEVELS_MAX), path)


def _spelled_out(given: object, levels_max: int) -> object:
    if not isinstance(given, Mapping) or levels_max < 1:
        return cast("object", given)
    document = dict(cast("Mapping[str, object]", given))
    document.pop("description", None)
    if isinstance(properties := document.get("properties"), Mapping):
        fields = cast("Mapping[str, object]", properties)
        document["properties"] = {name: _spelled_out(field, levels_max - 1) for name, field in fields.items()}
        document.setdefault("additionalProperties", False)
        required: object = document.setdefault("required", [])
        if isinstance(required, list) and all(isinstance(name, str) for name in cast("list[object]", required)):
            document["required"] = sorted(cast("list[str]", required))
    for name in ("items", "additionalProperties"):
        if name in document:
            document[name] = _spelled_out(document[name], levels_max - 1)
    if isinstance(options := document.get("anyOf"), list):
        document["anyOf"] = [_spelled_out(option, levels_max - 1) for option in cast("list[object]", options)]
    return document


def read_contract(given: object, path: str = "tool") -> Contract:
    """The tool that a document says. Without an `input` it takes nothing, without an `output` it gives null.

    Raises `SchemaError` for a schema, and `msgspec.ValidationError` for anything else that is wrong.
    """
    if not isinstance(given, Mapping):
        raise msgspec.ValidationError(f"{quote(given)} is no tool, at `{path}`")
    document = dict(cast("Mapping[str, object]", given))
    input, output = document.pop("input", None), document.pop("output", None)
    taken = Object({}) if input is None else read_schema(input, f"{path}.input")
    if not isinstance(taken, Object):
        raise SchemaError(f"{path}.input: what a tool takes is an object")
    gives = Null() if output is None else read_schema(output, f"{path}.output")
    nothing = msgspec.to_builtins(Object({}))
    shell = msgspec.convert({**document, "input": nothing, "output": nothing}, Contract)
    return msgspec.structs.replace(shell, input=taken, output=gives)
