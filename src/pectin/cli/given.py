"""What the command line gives: JSON as text, as a file or on standard input, and the words of a person."""

from __future__ import annotations

import json
import re
import shlex
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pectin.cli.exit import BadUsage
from pectin.core.codec import check_text, check_value, decode_json
from pectin.core.definition import Json
from pectin.core.error import BadValue, clean, quote, shorten
from pectin.core.limits import LIMITS

_SHOWN_CHARACTERS_MAX: Final = 400
_EXAMPLE: Final = shlex.quote('{"order": "A-1042"}')
_WORDS: Final = re.compile(r"[^\W\d][^\"{}\[\]]{0,77}")
"""What is most likely a text that somebody forgot to quote."""


def read_json(text: str | None, option: str) -> Json:
    """The JSON that is given: itself, `@FILE`, or `-` for standard input; None without any. Raises `BadUsage`."""
    if text is None:
        return None
    if text == "-":
        return _decode(sys.stdin.buffer.read(LIMITS.payload_bytes_max + 1), "standard input")
    if text.startswith("@"):
        file = Path(text[1:])
        try:
            with file.open("rb") as stream:
                data = stream.read(LIMITS.payload_bytes_max + 1)
        except (OSError, ValueError) as error:  # the latter for what can't be a name
            why = error.strerror if isinstance(error, OSError) else "it can't be the name of a file"
            raise BadUsage(f"{option} {shorten(text, 200)}: the file can't be read: {why}") from error
        return _decode(data, str(file))
    return _decode(text.encode("utf-8", "surrogatepass"), option, text)


def read_edits(given: Sequence[str] | None, option: str = "--set") -> dict[str, Json]:
    """New values, given as KEY=JSON. Raises `BadUsage`, which says how a text is quoted."""
    edits: dict[str, Json] = {}
    for text in given or ():
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            example = shlex.quote(f"{shorten(key.strip(), 40) or 'amount'}=1299")
            what = shlex.quote(shorten(text, 200))
            raise BadUsage(f"{option} {what}: write a key and its new value, such as {option} {example}")
        if len(key) > LIMITS.identifier_characters_max or clean(key) != key:
            raise BadUsage(f"{option} {quote(key)}: that can't be a key; write the name of one and its new value")
        if key in edits:
            raise BadUsage(f"{option} {key}: stands twice; keep one")
        try:
            edits[key] = decode_json(value.encode("utf-8", "surrogatepass"), LIMITS.payload_bytes_max)
            check_value({key: edits[key]})  # it is one level deeper there
        except BadValue as error:
            example = f"; a text is written {option} {_as_text(value, f'{key}=')}" if len(value) < 80 else ""
            raise BadUsage(f"{option} {key}: {error.what} ({quote(value)}); {error.hint}{example}") from error
    return edits


def check_name(text: str | None, option: str, characters_max: int) -> None:
    """Raise `BadValue` for a name or a key that can't be kept, or couldn't be shown and typed again."""
    check_text(text, option, characters_max)
    _check_signs(text, option, "", "write it without")


def check_comment(text: str | None, option: str) -> None:
    """Raise `BadValue` for a comment or a reason that can't be kept. It may have lines and tabs."""
    check_text(text, option, LIMITS.comment_characters_max)
    _check_signs(text, option, "\n\t", "write text; line breaks and tabs are allowed")


def spell_input(text: str | None, given: Json, dumped: str) -> list[str]:
    """The words that give the same input once more."""
    if text is None or given is None:
        return []
    if text == "-" and len(dumped) <= _SHOWN_CHARACTERS_MAX:
        return ["--input", dumped]
    return ["--input", text]


def _check_signs(text: str | None, option: str, allowed: str, hint: str) -> None:
    for index, sign in enumerate(text or ""):
        if unicodedata.category(sign) == "Cc" and sign not in allowed:
            name = sign.encode("unicode_escape").decode()
            raise BadValue(option, f"has the control character {name} at character {index + 1}", hint)


def _decode(data: bytes, where: str, text: str | None = None) -> Json:
    """`text` is what stood on the command line itself."""
    try:
        return decode_json(data, LIMITS.payload_bytes_max)
    except BadValue as error:
        place = where if error.path == "input" else f"{where}, {error.path}"
        shown = f" ({quote(text)})" if text is not None and len(text) < 80 else ""
        example = "" if text is None else f"; write {_EXAMPLE}, @FILE or -"
        if text is not None and _WORDS.fullmatch(text):
            example = f"; a text is written {where} {_as_text(text)}"
        raise BadUsage(f"{place}: {error.what}{shown}; {error.hint}{example}") from error


def _as_text(value: str, before: str = "") -> str:
    return shlex.quote(before + json.dumps(value, ensure_ascii=False))
