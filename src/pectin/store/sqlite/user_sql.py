"""SQL of a `transactional` node, which runs on our own connection: in the commit that it belongs to, or not at all.

So it is held to its own tables. SQLite asks before it prepares each step of a statement, and what isn't known to be
harmless is refused: our tables, other files, settings, and whatever begins or ends a transaction. Temporary tables too:
one would hide a table of ours that has its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import apsw

from pectin.ports.store import Statement
from pectin.store import refusal
from pectin.store.sqlite.connection import Connection
from pectin.store.sqlite.failure import is_of_the_file

OWN_TABLES: Final = frozenset(
    (
        "chain",
        "definitions",
        "engine",
        "executions",
        "history",
        "inbox",
        "logs",
        "migrations",
        "received",
        "seals",
        "snapshots",
        "waits",
    )
)
OWN_INDEXES: Final = frozenset(
    (
        "addressed",
        "agenda",
        "awaited",
        "expiring",
        "forgetting",
        "logged",
        "outcome",
        "registered",
        "start",
        "suffix",
        "waiting",
    )
)

# Which of the two names that SQLite gives with an action is the table's.
_TABLE: Final = {
    apsw.SQLITE_READ: 0,
    apsw.SQLITE_INSERT: 0,
    apsw.SQLITE_UPDATE: 0,
    apsw.SQLITE_DELETE: 0,
    apsw.SQLITE_CREATE_TABLE: 0,
    apsw.SQLITE_CREATE_VIEW: 0,
    apsw.SQLITE_CREATE_INDEX: 1,
    apsw.SQLITE_CREATE_TRIGGER: 1,
    apsw.SQLITE_ALTER_TABLE: 1,
    apsw.SQLITE_DROP_TABLE: 0,
    apsw.SQLITE_DROP_VIEW: 0,
    apsw.SQLITE_DROP_INDEX: 1,
    apsw.SQLITE_DROP_TRIGGER: 1,
}
STEPS_MAX: Final = 20_000_000
"""Steps of SQLite's machine that one commit's statements may take: a fraction of a second, in which all others wait."""

_STEPS_A_LOOK: Final = 100_000

_HARMLESS: Final = {apsw.SQLITE_SELECT, apsw.SQLITE_FUNCTION, apsw.SQLITE_RECURSIVE}

# SQLite writes these itself when a table is made, and lets nobody else.
_CATALOG: Final = {"sqlite_master", "sqlite_temp_master"}

_NOTHING: Final = re.compile(r"(?>\s|;|--[^\n]*|/\*.*?\*/)*+", re.DOTALL)
"""Never tried in another way: there are as many as a power of the number of comments."""


class UserSql:
    """Runs users' statements on the connection that writes, and guards it meanwhile.

    The guard stays in place and is idle between statements: to set one makes SQLite prepare all of ours anew.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._guards = False
        self._looks_left = 0
        self._reason: str | None = None
        connection.authorizer = self._authorize

    def run(self, statements: Sequence[Statement]) -> None:
        """Run them in order; raises `StatementFailed` for the first that fails, and it alone tells which."""
        self._guards = True
        self._looks_left = STEPS_MAX // _STEPS_A_LOOK
        self._connection.set_progress_handler(self._look, _STEPS_A_LOOK)
        try:
            for number, statement in enumerate(statements, 1):
                self._reason = None
                try:
                    self._run(statement)
                except (apsw.Error, ArithmeticError, TypeError, ValueError) as error:
                    if is_of_the_file(error):
                        raise
                    why = self._reason or str(error)
                    raise refusal.statement_failed(number, len(statements), why) from error
        finally:
            self._connection.set_progress_handler(None)
            self._guards = False

    def _run(self, statement: Statement) -> None:
        cursor = self._connection.cursor()
        cursor.exec_trace = _Single(self)
        # From the cache could come one of ours, which was prepared unguarded.
        cursor.execute(statement.sql, statement.parameters, can_cache=False)
        for _ in cursor:
            pass

    def _look(self) -> bool:
        """Whether a statement that is running is to be cut off."""
        self._looks_left -= 1
        if self._looks_left >= 0:
            return False
        steps = f"{STEPS_MAX:,} of SQLite's steps"
        self._reason = f"it takes more than {steps}, and keeps everybody waiting; do less in one node"
        return True

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if not self._guards or action in _HARMLESS:
            return apsw.SQLITE_OK
        if action == apsw.SQLITE_REINDEX:  # a part of making an index
            return self._allow(first or "", OWN_INDEXES)
        if action in _TABLE:
            return self._allow((first, second)[_TABLE[action]] or "", OWN_TABLES)
        name: Any = apsw.mapping_authorizer_function[action]
        return self.refuse(f"{str(name).removeprefix('SQLITE_').replace('_', ' ')} is not allowed in a node")

    def _allow(self, name: str, ours: frozenset[str]) -> int:
        plain = name.lower()
        if plain in ours or (plain.startswith("sqlite_") and plain not in _CATALOG):
            return self.refuse(f"{name} is Pectin's own; use tables of your own")
        return apsw.SQLITE_OK

    def refuse(self, reason: str) -> int:
        """Say why, in place of SQLite's general answer."""
        self._reason = reason
        return apsw.SQLITE_DENY


class _Single:
    """Lets through one statement, and whatever comment follows it."""

    def __init__(self, sql: UserSql) -> None:
        self._sql = sql
        self._seen = False

    def __call__(self, _cursor: object, text: str, _bindings: object) -> bool:
        if self._seen and not _NOTHING.fullmatch(text):
            self._sql.refuse("it holds more than one statement; give each by itself")
            return False
        self._seen = True
        return True
