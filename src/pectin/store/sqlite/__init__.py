"""SQLite: everything in one file, durable, nothing to install or run."""

from pectin.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
