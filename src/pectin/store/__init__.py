"""Stores, and how one is named. Only what a name asks for is imported."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from pectin.ports.store import StoreError

if TYPE_CHECKING:
    from pectin.ports.store import Store

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://(.*)", re.IGNORECASE | re.DOTALL)
_SQLITE_FORM = "sqlite:///PATH?durability=full or fast"


def open_store(url: str | os.PathLike[str], *, must_exist: bool = False) -> Store:
    """Open the store that `url` names; with `must_exist` none is created.

    - `refunds.db`, any path: SQLite, where a commit survives the loss of power.
    - `sqlite:///refunds.db?durability=fast`: SQLite with options; `sqlite:////var/refunds.db` is absolute.
    - `memory:`: for tests, and gone with the process.

    Raises `StoreError`.
    """
    text = os.fspath(url)
    if text in ("memory:", ":memory:"):
        return _open_memory(must_exist)
    if match := _SCHEME.fullmatch(text):
        return _open_url(match[1].lower(), match[2], must_exist)
    if not text or "?" in text:
        raise StoreError(f"{text!r} is no path; a store with options is written {_SQLITE_FORM}.")
    return _open_sqlite(text, "full", must_exist)


def _open_url(scheme: str, rest: str, must_exist: bool) -> Store:
    if scheme in ("postgres", "postgresql"):
        raise StoreError("PostgreSQL is not there yet; name a path for SQLite.")
    if scheme != "sqlite":
        raise StoreError(f"There is no store of the kind {scheme!r}; write a path, {_SQLITE_FORM}, or memory:.")
    path, _, query = rest.partition("?")
    if not path.startswith("/") or path == "/":
        raise StoreError(f"sqlite://{rest} names no file; write {_SQLITE_FORM}.")
    durability = "full"
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name != "durability" or value not in ("full", "fast"):
            raise StoreError(f"{name}={value} is no option of a SQLite store; write {_SQLITE_FORM}.")
        durability = value
    return _open_sqlite(unquote(path[1:]), durability, must_exist)


def _open_memory(must_exist: bool) -> Store:
    from pectin.store.memory import MemoryStore

    if must_exist:
        raise StoreError("A memory store is always new; name the file of a store that exists.")
    return MemoryStore()


def _open_sqlite(path: str, durability: str, must_exist: bool) -> Store:
    from pectin.store.sqlite import SqliteStore

    return SqliteStore(path, fast=durability == "fast", must_exist=must_exist)
