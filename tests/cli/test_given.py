"""`--input`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from pectin.cli.exit import BadUsage
from pectin.cli.given import check_comment, check_name, read_input, spell_input
from pectin.core.error import BadValue
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


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\r", "\x7f", "\x9b"])
def test_control_characters_are_refused_wherever_people_read_them(sign: str) -> None:
    for check in (lambda: check_name(f"a{sign}b", "--by", 128), lambda: check_comment(f"a{sign}b", "--by")):
        with pytest.raises(BadValue, match=r"--by: has the control character .* at character 2"):
            check()


def test_a_comment_has_lines_and_a_name_has_none() -> None:
    check_comment("one\n\ttwo", "--comment")
    check_comment(None, "--comment")
    check_name("Zoë Ω", "--by", 128)
    for sign in "\n\t":
        with pytest.raises(BadValue, match="control character"):
            check_name(f"a{sign}b", "--key", 256)
