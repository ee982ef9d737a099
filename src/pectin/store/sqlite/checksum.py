"""Checksums: what was changed on the disk is found when it is read.

SQLite has none of its own, so a bit that flips there would be read as data. These cover histories and the snapshots
that stand for them, and whose they are. They are for accidents: who can write to the file can write a checksum too.
"""

from __future__ import annotations

from zlib import crc32


def history_checksum(execution: bytes, seq: int, count: int, settles: str | None, body: bytes) -> int:
    """That of a row of history."""
    return crc32(body, crc32(f"{seq} {count} {settles}".encode(), crc32(execution)))


def snapshot_checksum(execution: bytes, version: int, body: bytes) -> int:
    """That of a snapshot."""
    return crc32(body, crc32(f"{version}".encode(), crc32(execution)))
