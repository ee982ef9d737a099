"""The audit keys of a process: given to the engine, or in its environment, and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final, cast

from pectin.core.chain import KEY_BYTES_MIN, AuditKey, Keyring
from pectin.core.error import BadValue

VARIABLE: Final = "PECTIN_AUDIT_KEY"

_HINT: Final = f"draw one, with `openssl rand -hex {KEY_BYTES_MIN}` say, and keep it in a safe place"


def audit_keys(given: bytes | Sequence[bytes] | None = None, *, variable: str = VARIABLE) -> Keyring:
    """The keys that are given, or if that is None those of the environment. Raises `BadValue`, which shows none."""
    if given is None:
        return _of_environment(variable)
    is_one = isinstance(given, bytes | str) or not isinstance(cast("object", given), Sequence)
    secrets: Sequence[object] = [given] if is_one else given
    return Keyring(_key(secret, "audit_key", "give bytes, or a list of them") for secret in secrets)


def _of_environment(variable: str) -> Keyring:
    """Hex digits, and where there are several keys, commas between them."""
    text = os.environ.get(variable, "").strip()
    hint = "write hex digits, and commas between several keys"
    return Keyring(_key(_read_hex(part.strip()), variable, hint) for part in text.split(",") if text)


def _read_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None


def _key(secret: object, where: str, hint: str) -> AuditKey:
    if not isinstance(secret, bytes):
        raise BadValue(where, "has a key that can't be read", hint)
    if len(secret) < KEY_BYTES_MIN:
        raise BadValue(where, f"has a key of {len(secret)} bytes; it has to have {KEY_BYTES_MIN} or more", _HINT)
    return AuditKey(secret)
