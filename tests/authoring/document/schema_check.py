"""What the published JSON Schema finds in a document."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from pectin.authoring.document.json_schema import json_schema


@cache
def validator() -> Any:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def complaints(document: object) -> list[str]:
    """The places that don't fit, with what is wrong there."""
    return [f"{error.json_path}: {error.message}" for error in validator().iter_errors(document)]
