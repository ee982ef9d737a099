"""What the command line gives: the input as JSON, a file or standard input, and the words of a person."""

from __future__ import annotations

import shlex
import sys
import unicodedata
from pathlib import Path

from pectin.cli.exit import BadUsage
from pectin.core.codec import check_text, decode_json
from pectin.core.definition import Json
from pectin.core.error import BadValue, quote
from pectin.core.limits import LIMITS

_SHOWN_CHARACTERS_MAX = 400
_EXAMPLE = shlex.quote('{"order": "A-1042"}')


def read_input(text: str | None) -> Json:
    """The JSON that is given, None without any. Raises `BadUsage`."""
    if text is None:
        return None
    if text == "-":
        return _decode(sys.stdin.buffer.read(LIMITS.payload_bytes_max + 1), "standard input")
    if text.startswith("@"):
        file = Path(text[1:])
        try:
            with file.open("rb") as stream:
                data = stream.read(LIMITS.payload_bytes_max + 1)
        except OSError as error:
            raise BadUsage(f"--input {text}: the file can't be read: {error.strerror}") from error
        return _decode(data, str(file))
    return _decode(text.encode("utf-8", "surrogatepass"), "--input")


def check_name(text: str | None, option: str, characters_max: int) -> None:
    """Raise `BadValue` for a name or a key that can't be kept, or couldn't be shown and typed again."""
    check_text(text, option, characters_max)
    _check_signs(text, option, "", "write it without")


def check_comment(text: str | None, option: str) -> None:
    """Raise `BadValue` for a comment or a reason that can't be kept. It may have lines and tabs."""
    check_text(text, option, LIMITS.comment_characters_max)
    _check_signs(text, option, "\n\t", "write text; line breaks and tabs are allowed")


def _check_signs(text: str | None, option: str, allowed: str, hint: str) -> None:
    for index, sign in enumerate(text or ""):
        if unicodedata.category(sign) == "Cc" and sign not in allowed:
            name = sign.encode("unicode_escape").decode()
            raise BadValue(option, f"has the control character {name} at character {index + 1}", hint)


def spell_input(text: str | None, given: Json, dumped: str) -> list[str]:
    """The words that give the same input once more."""
    if text is None or given is None:
        return []
    if text == "-" and len(dumped) <= _SHOWN_CHARACTERS_MAX:
        return ["--input", dumped]
    return ["--input", text]


def _decode(data: bytes, where: str) -> Json:
    try:
        return decode_json(data, LIMITS.payload_bytes_max)
    except BadValue as error:
        place = where if error.path == "input" else f"{where}, {error.path}"
        example = "" if where != "--input" else f"; write {_EXAMPLE}, @FILE or -"
        shown = f" ({quote(data.decode('utf-8', 'replace'))})" if where == "--input" and len(data) < 80 else ""
        raise BadUsage(f"{place}: {error.what}{shown}; {error.hint}{example}") from error
