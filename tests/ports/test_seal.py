"""A seal says of the snapshot what its fields say."""

from __future__ import annotations

from pectin.ports.seal import Seal


def test_what_a_seal_says_of_the_snapshot() -> None:
    assert Seal(7, b"l", "key", b"m").snapshot == (0, b"", b"")
    assert Seal(7, b"l", "key", b"m", 4, b"s", b"d").snapshot == (4, b"s", b"d")
