"""The chain of a governed execution: marks that only who has the audit key can make, over the bytes that are stored.

Each row of the history bears a link: the mark of the link before it and of the row. The head bears a seal: the mark of
the last link, and of what else is kept beside the history. `docs/adr/0008-governed.md` says what that shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from hmac import compare_digest, digest
from struct import pack
from typing import Final

KEY_BYTES_MIN: Final = 32
"""A key is drawn, not thought of: as long as what it makes."""

_ID_DIGITS: Final = 16


class AuditKey:
    """A secret, and the `id` by which what it has marked names it. Nothing shows the secret."""

    __slots__ = ("_secret", "id")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.id = sha256(b"pectin audit key\0" + secret).hexdigest()[:_ID_DIGITS]

    def __repr__(self) -> str:
        return f"<AuditKey {self.id}>"

    def mark(self, what: bytes, *parts: bytes) -> bytes:
        """HMAC-SHA-256 of these parts, each behind its length, so that no two lists of parts look the same."""
        return digest(
            self._secret, b"".join([what, *(each for part in parts for each in (_number(len(part)), part))]), sha256
        )


class Keyring:
    """The audit keys of a process: the first one marks, and all of them are known when marks are checked."""

    def __init__(self, keys: Iterable[AuditKey] = ()) -> None:
        self._keys = {key.id: key for key in keys}

    @property
    def signing(self) -> AuditKey | None:
        """The key for new marks."""
        return next(iter(self), None)

    def __iter__(self) -> Iterator[AuditKey]:
        return iter(self._keys.values())

    def find(self, id: str) -> AuditKey | None:
        """The key of this id."""
        return self._keys.get(id)


NO_KEYS: Final = Keyring()
"""Of whoever has nothing to do with governed executions."""


def is_same(one: bytes, other: bytes) -> bool:
    """Whether two marks are the same, in a time that doesn't tell where they differ."""
    return compare_digest(one, other)


def beginning(execution: bytes) -> bytes:
    """What the first link of an execution (its 16 bytes) goes on from: so no history is another's."""
    return sha256(b"pectin chain 1\0" + execution).digest()


def link_mark(key: AuditKey, before: bytes, seq: int, count: int, settles: str | None, body: bytes) -> bytes:
    """The link of a row of history, on the link before it."""
    return key.mark(b"link", before, _number(seq), _number(count), (settles or "").encode(), body)


def snapshot_digest(link: bytes, version: int, body: bytes) -> bytes:
    """What a seal says of a snapshot: it is of this version, at which the history had this link."""
    return sha256(b"pectin snapshot 1\0" + link + _number(version) + body).digest()


def seal_mark(
    key: AuditKey, version: int, link: bytes, snapshot: tuple[int, bytes, bytes], keep_until: int | None
) -> bytes:
    """The seal of a head: its version and last link; the version, the link and the digest of the snapshot (0 and
    nothing without one); and until when it is kept (None: for ever)."""
    of, at, digested = snapshot
    until = b"" if keep_until is None else _number(keep_until)
    return key.mark(b"seal", _number(version), link, _number(of), at, digested, until)


def _number(value: int) -> bytes:
    return pack(">q", value)
