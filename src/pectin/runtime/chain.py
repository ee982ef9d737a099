"""The chain of one execution in a process: it goes on with each row, and is checked before anything is folded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from msgspec.structs import replace

from pectin.core.chain import (
    AuditKey,
    Keyring,
    beginning,
    is_same,
    link_mark,
    seal_mark,
    snapshot_digest,
)
from pectin.core.identity import ExecutionId
from pectin.ports.seal import Link, Seal
from pectin.ports.store import Row, Stored
from pectin.runtime.audit_key import VARIABLE
from pectin.runtime.error import AuditKeyMissing, ChainBroken

_GIVE: Final = f"give the engine `audit_key=`, or set {VARIABLE}"


class Chain:
    """The end of a chain, from which the next row goes on, and the snapshot that counts."""

    def __init__(self, key: AuditKey, link: bytes, snapshot: tuple[int, bytes, bytes] = (0, b"", b"")) -> None:
        self._key = key
        self._link = link
        self._snapshot = snapshot

    @classmethod
    def begin(cls, keys: Keyring, execution: ExecutionId) -> Chain:
        """The chain of a new execution. Raises `AuditKeyMissing`."""
        return cls(signing_key(keys, execution), beginning(execution.bytes))

    def beget(self, execution: ExecutionId) -> Chain:
        """The chain of a child."""
        return Chain(self._key, beginning(execution.bytes))

    def extend(self, row: Row) -> Row:
        """The row with its link."""
        mark = link_mark(self._key, self._link, row.seq, row.count, row.settles, row.body)
        self._link = mark
        return replace(row, link=Link(self._key.id, mark))

    def seal(self, version: int, snapshot: bytes | None = None, keep_until: int | None = None) -> Seal:
        """The seal of the head at this version, with a new snapshot of it if there is one."""
        if snapshot is not None:
            self._snapshot = (version, self._link, snapshot_digest(self._link, version, snapshot))
        mark = seal_mark(self._key, version, self._link, self._snapshot, keep_until)
        return Seal(version, self._link, self._key.id, mark, *self._snapshot, keep_until)


def signing_key(keys: Keyring, who: object) -> AuditKey:
    """The key for new marks. Raises `AuditKeyMissing`."""
    if keys.signing is None:
        raise AuditKeyMissing(f"{who} is governed, and there is no audit key: {_GIVE}")
    return keys.signing


def check_stored(stored: Stored, rows: Sequence[Row], keys: Keyring, *, from_snapshot: bool) -> Chain:
    """The chain of a governed execution, from which it goes on; its rows are all of them, or those after the snapshot.
    Raises `ChainBroken`, with the first event that can't be trusted, and `AuditKeyMissing`."""
    execution, seal = stored.execution, stored.seal
    signing = signing_key(keys, execution)
    if seal is None:
        raise ChainBroken(execution, 1, "its seal is gone")
    before, seq = beginning(execution.bytes), 1
    if from_snapshot:
        check_seal(execution, seal, keys)
        if not is_sealed(stored):
            raise ChainBroken(execution, 1, f"its snapshot at version {stored.snapshot_version} is not the one it had")
        before, seq = seal.snapshot_link, stored.snapshot_version + 1
    for row in rows:
        if row.seq != seq or not follows(row, before, execution, keys):
            raise ChainBroken(execution, min(row.seq, seq), "its history is not what was written")
        assert row.link is not None, "it follows by its link"
        before, seq = row.link.mark, row.seq + row.count
    check_seal(execution, seal, keys)
    if (seal.version, stored.version) != (seq - 1, seq - 1) or not is_same(seal.link, before):
        raise ChainBroken(execution, seq, "its last events are gone, or its seal is of another time")
    return Chain(signing, before, seal.snapshot)


def follows(row: Row, before: bytes, execution: ExecutionId, keys: Keyring) -> bool:
    """Whether a row is the one that was written after the link before it. Raises `AuditKeyMissing`."""
    if row.link is None:
        return False
    key = find_key(keys, row.link.key, execution)
    return is_same(link_mark(key, before, row.seq, row.count, row.settles, row.body), row.link.mark)


def belongs(row: Row, before: bytes, seq: int, keys: Keyring, marks: Collection[bytes]) -> bool:
    """Whether a row is the one that was written as `seq` after this link, by one of the marks that there are."""
    return any(link_mark(key, before, seq, row.count, row.settles, row.body) in marks for key in keys)


def check_seal(execution: ExecutionId, seal: Seal, keys: Keyring) -> None:
    """Raises `ChainBroken` if the seal is not one of ours, and `AuditKeyMissing`."""
    key = find_key(keys, seal.key, execution)
    if not is_same(seal_mark(key, seal.version, seal.link, seal.snapshot, seal.keep_until), seal.mark):
        raise ChainBroken(execution, seal.version, "its seal is not what was written")


def is_sealed(stored: Stored) -> bool:
    """Whether the snapshot is the one that the seal, which is ours, speaks of."""
    seal, body = stored.seal, stored.snapshot
    if seal is None or body is None or stored.snapshot_version != seal.snapshot_version:
        return False
    return is_same(snapshot_digest(seal.snapshot_link, seal.snapshot_version, body), seal.snapshot_digest)


def find_key(keys: Keyring, id: str, execution: ExecutionId) -> AuditKey:
    """The key with this id. Raises `AuditKeyMissing`."""
    key = keys.find(id)
    if key is None:
        missing = f"{execution} is marked with the audit key {id}, which is not given"
        raise AuditKeyMissing(f"{missing}: {_GIVE}; the first key marks, those after it are old ones")
    return key
