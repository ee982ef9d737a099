"""Fields are read with an error that names them."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.document import Document, Reader, anything, boolean, integer, one_of, read_document, text
from pectin.core.error import BadValue
from pectin.core.status import SessionType


def test_fields_are_read_and_unknown_ones_ignored() -> None:
    document = Document({"a": "x", "n": 1, "b": False, "s": "stateless", "v": None, "unknown": 1})
    assert document.required("a", text) == "x"
    assert document.required("n", integer) == 1
    assert document.required("b", boolean) is False
    assert document.required("s", one_of(SessionType)) is SessionType.STATELESS
    assert document.required("v", anything) is None
    assert document.optional("v", text) is None
    assert document.optional("missing", text) is None


def test_a_document_is_read_from_text_too() -> None:
    for given in ('{"a": 1}', b'{"a": 1}', {"a": 1}):
        assert read_document(given).required("a", integer) == 1
    with pytest.raises(BadValue, match=r"^line 1, column 1: not JSON: "):
        read_document("fixed")
    with pytest.raises(BadValue, match=r"^\$: a list instead of an object"):
        read_document("[]")


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(BadValue, match=r"^\$: .* instead of an object; write the fields between { and }$"):
        Document(value)


@pytest.mark.parametrize(
    ("value", "read", "message"),
    [
        (1, text, "a number instead of text; write it in double quotes"),
        (None, text, "null instead of text; write it in double quotes"),
        (1, boolean, "a number instead of a boolean; write true or false"),
        (True, integer, "a boolean instead of an integer; write a whole number without quotes"),
        (1.0, integer, "a number instead of an integer; write a whole number without quotes"),
        ([], integer, "a list instead of an integer; write a whole number without quotes"),
        ({}, one_of(SessionType), "an object instead of text; write it in double quotes"),
        ("x", one_of(SessionType), "'x' is unknown; write one of stateless, resumable, persistent_governed"),
    ],
)
def test_a_field_of_another_type_is_refused(value: Any, read: Reader[object], message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        Document({"f": value}, "$.inner").required("f", read)
    assert str(refusal.value).startswith(f"$.inner.f: {message}")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(BadValue, match=r"^\$\.f: is missing; add it$"):
        Document({}).required("f", text)
