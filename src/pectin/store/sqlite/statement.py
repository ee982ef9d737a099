"""The `.sql` files of the SQLite store, read once: statements by name, and the migrations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from pectin.store.migrate import read_migrations

_DIRECTORY: Final = Path(__file__).parent.parent / "sql" / "sqlite"
_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def _read_statements(file: Path) -> dict[str, str]:
    _, *parts = _NAME.split(file.read_text("utf-8"))
    return {name: _bare(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _bare(statement: str) -> str:
    """Without comments and line ends, which SQLite would read again at each preparation."""
    lines = (line.strip() for line in statement.splitlines())
    return " ".join(line for line in lines if line and not line.startswith("--")).removesuffix(";")


SQL: Final = _read_statements(_DIRECTORY / "statements.sql")
CHECKS: Final = _read_statements(_DIRECTORY / "soundness.sql")
MIGRATIONS: Final = read_migrations(_DIRECTORY)
