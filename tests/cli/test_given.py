"""`--input`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pectin.cli.exit import BadUsage
from pectin.cli.given import read_input, spell_input
from pectin.core.limits import Limits
from tests.cli.workflows import write


class Piped:
    """Standard input as a pipe."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_each_of_its_forms(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_input(None) is None
    assert read_input('{"a": 1}') == {"a": 1}
    assert read_input("@" + write(folder, "in.json", '{"a": 2}')) == {"a": 2}
    monkeypatch.setattr("sys.stdin", Piped(b'{"a": 3}'))
    assert read_input("-") == {"a": 3}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "--input"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": NaN}', "NaN"),
        ("18446744073709551616", "64 bits"),
        ('"\\ud800"', "surrogate"),
        ('"\udc80"', "UTF-8"),
        ("@nix.json", "can't be read"),
        ("@.", "can't be read"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(folder: Path, text: str, message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        read_input(text)


def test_what_is_too_large(folder: Path) -> None:
    write(folder, "in.json", '"' + "x" * Limits().payload_bytes_max + '"')
    with pytest.raises(BadUsage, match="bytes, and 8388608 are allowed"):
        read_input("@in.json")


def test_the_same_once_more() -> None:
    assert spell_input(None, None, "null") == []
    assert spell_input("@in.json", {"a": 1}, '{"a": 1}') == ["--input", "@in.json"]
    assert spell_input("-", {"a": 1}, '{"a": 1}') == ["--input", '{"a": 1}']
    assert spell_input("-", {"a": 1}, "x" * 500) == ["--input", "-"]
