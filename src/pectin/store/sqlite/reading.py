"""What is read of one execution: sound, or as it lies there.

Where bits have flipped, what is read may be anything. A row that was not written so is damage; a snapshot is only a
cache, and one that was not written so is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pectin.core.identity import ExecutionId
from pectin.ports.seal import Link, Seal
from pectin.ports.store import Damaged, Row, Stored
from pectin.store import refusal
from pectin.store.sqlite.checksum import history_checksum, snapshot_checksum
from pectin.store.sqlite.connection import Connection
from pectin.store.sqlite.statement import SQL

_HEAD: Final = (int, int, int | None, str)
_SEAL: Final = (int, bytes, str, bytes, int, bytes, bytes, int | None)
_LINK: Final = (str, bytes)
_SNAPSHOT_COLUMNS: Final = 3
_ALL_ROWS: Final = -1


def load(reader: Connection, execution: ExecutionId) -> Stored | None:
    """What is needed to fold the execution, checked. Raises `Damaged`."""
    heads = reader.execute(SQL["head"], (execution.bytes,)).fetchall()
    if not heads:
        return None
    x, version, fence, due, definition, *snapshot, seal = _head(heads[0])
    snapshot_version, body = _sound_snapshot(execution, *snapshot)
    rows = list(sound_rows(reader, execution, (x, snapshot_version, _ALL_ROWS), seal is not None))
    return Stored(execution, version, fence, due, definition, body, snapshot_version, rows, seal)


def evidence(reader: Connection, execution: ExecutionId, after: int, limit: int) -> Stored | None:
    """What lies there, whatever it is."""
    heads = reader.execute(SQL["head"], (execution.bytes,)).fetchall()
    if not heads:
        return None
    x, version, fence, due, definition, snapshot_version, body, _, seal = _head(heads[0])
    rows = [
        Row(seq, count, row, settles, _link(link))
        for seq, count, row, settles, *link in reader.execute(SQL["evidence"], (x, after, limit))
    ]
    return Stored(execution, version, fence, due, definition, body, snapshot_version or 0, rows, seal)


def sound_rows(reader: Connection, execution: ExecutionId, page: tuple[int, int, int], linked: bool) -> Iterator[Row]:
    """Rows of history that are as they were written, and follow one another: of `x`, after a seq, so many. Raises
    `Damaged`."""
    _, end, _ = page
    is_first = True
    rows = reader.execute(SQL["linked_rows_after" if linked else "rows_after"], page)
    for seq, count, settles, body, checksum, *link in rows:
        if history_checksum(execution.bytes, seq, count, settles, body) != checksum:
            raise refusal.damaged(execution, f"its history from {seq} on is not what was written")
        if seq != end + 1 and not (is_first and seq <= end):  # the first may begin before what is asked for
            raise refusal.damaged(execution, f"its history lacks what is between {end} and {seq}")
        yield Row(seq, count, body, settles, _link(link)) if linked else Row(seq, count, body, settles)
        is_first = False
        end = seq + count - 1


def before_damage(rows: Iterator[Row]) -> list[Row]:
    """Those before the first that is damaged, which whoever asks for more is told of. Raises `Damaged` if that is at
    once."""
    sound: list[Row] = []
    try:
        for row in rows:
            sound.append(row)  # noqa: PERF402 - what came before the damage stays
    except Damaged:
        if not sound:
            raise
    return sound


def typed(values: Sequence[Any], kinds: Sequence[Any]) -> Sequence[Any]:
    """The values of a row, of these types: where bits have flipped, they may have become others."""
    for value, kind in zip(values, kinds, strict=True):
        if not isinstance(value, kind):
            raise TypeError(f"{value!r} where there can be none")
    return values


def _head(row: Sequence[Any]) -> tuple[Any, ...]:
    """The number of an execution, its head, its snapshot as it lies there, and its seal."""
    x, *head = row[: 1 + len(_HEAD)]
    rest = row[1 + len(_HEAD) :]
    snapshot, seal = rest[:_SNAPSHOT_COLUMNS], rest[_SNAPSHOT_COLUMNS:]
    return x, *typed(head, _HEAD), *snapshot, None if seal[0] is None else Seal(*typed(seal, _SEAL))


def _link(values: Sequence[Any]) -> Link | None:
    return None if values[0] is None else Link(*typed(values, _LINK))


def _sound_snapshot(
    execution: ExecutionId, version: int | None, body: bytes | None, checksum: int | None
) -> tuple[int, bytes | None]:
    """The version of a snapshot and the snapshot; none of one that is not as it was written: it is only a cache."""
    if version is None or body is None or snapshot_checksum(execution.bytes, version, body) != checksum:
        return 0, None
    return version, body
