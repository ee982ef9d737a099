"""What the JSON Schema is made of."""

from __future__ import annotations

from pectin.authoring.document.schema_parts import (
    TEXT,
    either,
    list_of,
    map_of,
    not_both,
    object_of,
    or_null,
    ref,
    words,
)


def test_what_they_are() -> None:
    assert ref("way") == {"$ref": "#/$defs/way"}
    assert words(("a", "b")) == {"enum": ["a", "b"]}
    assert or_null(TEXT) == either(TEXT, {"type": "null"}) == {"anyOf": [TEXT, {"type": "null"}]}
    assert list_of(TEXT)["items"] == map_of(TEXT)["additionalProperties"] == TEXT
    assert object_of({"a": TEXT}) == {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}
    assert object_of({"a": TEXT}, "a")["required"] == ["a"]
    assert not_both("a", "b") == {"not": {"required": ["a", "b"]}}
