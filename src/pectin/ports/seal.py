"""What a store keeps of a governed execution beside its rows. It means something only to who has the audit key; a
store keeps it as it is, and looks at `keep_until` alone."""

from __future__ import annotations

import msgspec

from pectin.core.error import PectinError


class Retained(PectinError):
    """A governed execution is kept for longer; nothing was deleted."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """A row's link in the chain: a mark, and the id of the key that made it."""

    key: str
    mark: bytes


class Seal(msgspec.Struct, frozen=True, gc=False):
    """What a head is sealed with: its `version` and last `link`, the snapshot that counts, and until when all of it is
    kept (None: for ever). `mark` is that of the key with the id `key`.

    Without a snapshot its version is 0. `snapshot_link` is the link at its version, `snapshot_digest` its own.
    """

    version: int
    link: bytes
    key: str
    mark: bytes
    snapshot_version: int = 0
    snapshot_link: bytes = b""
    snapshot_digest: bytes = b""
    keep_until: int | None = None

    @property
    def snapshot(self) -> tuple[int, bytes, bytes]:
        """What it says of the snapshot."""
        return self.snapshot_version, self.snapshot_link, self.snapshot_digest
