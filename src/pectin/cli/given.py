"""What `--input` gives: JSON, a file that holds it, or standard input."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from pectin.cli.exit import BadUsage
from pectin.core.codec import decode_json
from pectin.core.definition import Json
from pectin.core.error import BadValue, quote
from pectin.core.limits import Limits

_SHOWN_CHARACTERS_MAX = 400
_EXAMPLE = shlex.quote('{"order": "A-1042"}')


def read_input(text: str | None) -> Json:
    """The JSON that is given, None without any. Raises `BadUsage`."""
    if text is None:
        return None
    if text == "-":
        return _decode(sys.stdin.buffer.read(Limits().payload_bytes_max + 1), "standard input")
    if text.startswith("@"):
        file = Path(text[1:])
        try:
            with file.open("rb") as stream:
                data = stream.read(Limits().payload_bytes_max + 1)
        except OSError as error:
            raise BadUsage(f"--input {text}: the file can't be read: {error.strerror}") from error
        return _decode(data, str(file))
    return _decode(text.encode("utf-8", "surrogatepass"), "--input")


def spell_input(text: str | None, given: Json, dumped: str) -> list[str]:
    """The words that give the same input once more."""
    if text is None or given is None:
        return []
    if text == "-" and len(dumped) <= _SHOWN_CHARACTERS_MAX:
        return ["--input", dumped]
    return ["--input", text]


def _decode(data: bytes, where: str) -> Json:
    try:
        return decode_json(data, Limits().payload_bytes_max)
    except BadValue as error:
        place = where if error.path == "input" else f"{where}, {error.path}"
        example = "" if where != "--input" else f"; write {_EXAMPLE}, @FILE or -"
        shown = f" ({quote(data.decode('utf-8', 'replace'))})" if where == "--input" and len(data) < 80 else ""
        raise BadUsage(f"{place}: {error.what}{shown}; {error.hint}{example}") from error
