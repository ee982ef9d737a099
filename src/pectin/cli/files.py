"""Files that a command reads and writes as text: documents, and what is made of them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from pectin.cli.exit import BadUsage

STDIN: Final = "-"
"""The file that is standard input."""


def read_document(file: str) -> tuple[str, str]:
    """What places call a document's file, and its text. Raises `BadUsage`, or `DefinitionError` for what is no text."""
    from pectin.authoring.document.reading import SUFFIXES
    from pectin.authoring.document.syntax import decode

    if file == STDIN:
        text = decode(sys.stdin.buffer.read(), "<stdin>")
        return ("<stdin>.json" if text.lstrip().startswith(("{", "[")) else "<stdin>"), text
    path = Path(file)
    if path.suffix not in SUFFIXES:
        raise BadUsage(f"{file} is no document: name a file that ends in {', '.join(SUFFIXES)}")
    try:
        return file, decode(path.read_bytes(), file)
    except OSError as error:
        raise BadUsage(f"{file} can't be read: {error.strerror}") from error


def plain_lines(text: str) -> str:
    """The text with lines that all end in one way."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def replace_file(path: Path, text: str) -> None:
    """Write a file at once or not at all: whoever looks sees the old text or the new one. Raises `BadUsage`."""
    place = path.resolve()  # a link stays one
    made: str | None = None
    try:
        descriptor, made = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if place.exists():
            shutil.copymode(place, made)
        else:
            Path(made).chmod(0o666 & ~_umask())
        Path(made).replace(place)
    except OSError as error:
        if made is not None:
            with suppress(OSError):
                Path(made).unlink()
        raise BadUsage(f"{path} can't be written: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
