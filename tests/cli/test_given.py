"""What the command line gives."""

from __future__ import annotations

import io
import shlex
from pathlib import Path

import pytest

from pectin.cli.exit import BadUsage
from pectin.cli.given import check_comment, check_name, read_edits, read_json, spell_input
from pectin.core.error import BadValue
from pectin.core.limits import Limits
from tests.cli.workflows import write


class Piped:
    """Standard input as a pipe."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_each_of_its_forms(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_json(None, "--input") is None
    assert read_json('{"a": 1}', "--input") == {"a": 1}
    assert read_json("@" + write(folder, "in.json", '{"a": 2}'), "--input") == {"a": 2}
    monkeypatch.setattr("sys.stdin", Piped(b'{"a": 3}'))
    assert read_json("-", "--input") == {"a": 3}


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
        read_json(text, "--input")


def test_what_is_too_large(folder: Path) -> None:
    write(folder, "in.json", '"' + "x" * Limits().payload_bytes_max + '"')
    with pytest.raises(BadUsage, match="bytes, and 8388608 are allowed"):
        read_json("@in.json", "--input")


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


def test_a_text_without_quotes_is_told_how_to_write_them() -> None:
    with pytest.raises(BadUsage) as bare:
        read_json("hello world", "--payload")
    assert str(bare.value).endswith("""; a text is written --payload '"hello world"'""")
    assert shlex.split(str(bare.value).rpartition("--payload ")[2]) == ['"hello world"']


def test_new_values_by_their_keys() -> None:
    assert read_edits(None) == {}
    assert read_edits(["amount=1299", 'note="a=b"', "tags=[1, 2]"]) == {"amount": 1299, "note": "a=b", "tags": [1, 2]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([f"a={'[' * 128}{']' * 128}"], "--set a: more than 128 levels deep"),
        (["amount"], "--set amount: write a key and its new value, such as --set amount=1299"),
        (["=5"], "--set =5: write a key and its new value, such as --set amount=1299"),
        (["a=1", "a=2"], "--set a: stands twice; keep one"),
        (["note=it's"], """a text is written --set 'note="it'"'"'s"'"""),
        (["note="], """a text is written --set 'note=""'"""),
        (["n=NaN"], "NaN is no JSON number"),
    ],
)
def test_new_values_that_cannot_be_read(given: list[str], message: str) -> None:
    with pytest.raises(BadUsage) as bad:
        read_edits(given)
    assert message in str(bad.value)


@pytest.mark.parametrize("given", ["@a\x00b", "@\ud800"])
def test_what_cannot_be_the_name_of_a_file(given: str) -> None:
    with pytest.raises(BadUsage, match="the file can't be read: it can't be the name of a file") as bad:
        read_json(given, "--input")
    assert str(bad.value).encode()


@pytest.mark.parametrize("given", ["\ud800=1", "a\udfff", f"{'k' * 129}=1", f"a={'x' * 5_000}"])
def test_what_is_said_of_new_values_can_be_written_down_and_is_short(given: str) -> None:
    with pytest.raises(BadUsage) as bad:
        read_edits([given])
    assert len(str(bad.value).encode()) < 600
