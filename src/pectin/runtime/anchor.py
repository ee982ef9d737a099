"""Anchors: the heads of governed executions in a file of the operator's, kept where who writes to the store can't.

A line of JSON for each. Against them it shows when a whole store, or one execution, is put back as it was.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from pectin.core.error import BadValue, PectinError
from pectin.core.identity import ExecutionId


class Head(msgspec.Struct, frozen=True):
    """An execution's last event, the link of its row, and until when all of it is kept (None: for ever)."""

    execution: ExecutionId
    version: int
    link: bytes
    keep_until: int | None = None


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    execution_id: str
    version: int
    link: str
    keep_until_ms: int | None = None


def write_anchor(file: Path, heads: Iterable[Head]) -> None:
    """Write the file anew, whole or not at all. Raises `PectinError`."""
    lines = [_Line(head.execution.to_json(), head.version, head.link.hex(), head.keep_until) for head in heads]
    text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    try:
        descriptor, beside = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            Path(beside).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(beside).unlink()
            raise
    except OSError as error:
        raise PectinError(f"{file} can't be written: {error.strerror}") from error


def read_anchor(file: Path) -> dict[ExecutionId, Head]:
    """The heads in a file, by execution. Raises `BadValue`."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise BadValue("--against", f"{file} can't be read: {error.strerror}", "name what --anchor wrote") from error
    heads: dict[ExecutionId, Head] = {}
    for number, line in enumerate(lines, 1):
        try:
            read = msgspec.json.decode(line, type=_Line)
            execution = ExecutionId.parse(read.execution_id)
            heads[execution] = Head(execution, read.version, bytes.fromhex(read.link), read.keep_until_ms)
        except (msgspec.DecodeError, ValueError, BadValue) as error:
            hint = "name a file that --anchor wrote, as it was written"
            raise BadValue("--against", f"{file}:{number} is no anchor", hint) from error
    return heads
