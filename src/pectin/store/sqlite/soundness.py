"""Whether the file is sound: by SQLite's own account, and by what the tables must say to each other.

It looks through a connection of its own, in a thread: a full check takes as long as the file is big, and the loop goes
on meanwhile. What is mended is what can be lost without a loss; nothing here touches a history.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import apsw
import msgspec

from pectin.core.audit import Finding, found
from pectin.core.identity import ExecutionId
from pectin.store.sqlite.change import STATUS_NUMBER
from pectin.store.sqlite.connection import Connection, layout_of, open_reader, read_layout
from pectin.store.sqlite.failure import explained
from pectin.store.sqlite.statement import CHECKS, MIGRATIONS

FOUND_MAX = 100
"""Findings of one sort; more would say no more."""

_RESET_BUG = ((3, 7, 0), (3, 51, 2))
_STATUSES = msgspec.json.encode(sorted(STATUS_NUMBER.values())).decode()


def check(path: str) -> list[Finding]:
    """Everything that is not sound in the file at `path`. Raises `StoreError` for one that can't be read at all."""
    findings = list(check_version(apsw.sqlite_lib_version()))
    with explained(path):
        reader = open_reader(path)
        try:
            findings += _check_file(reader)
            findings += _check_layout(reader)
            findings += _check_tables(reader)
        except apsw.CorruptError as error:
            findings.append(found("damaged_file", "the file", str(error)))
        finally:
            reader.close()
    return findings


def check_version(version: str) -> Iterator[Finding]:
    """Whether this SQLite can damage the file."""
    first, last = _RESET_BUG
    if first <= tuple(int(part) for part in version.split(".")) <= last:
        yield found("old_sqlite", "SQLite", f"this is SQLite {version}")


def mend(connection: Connection) -> None:
    """Delete what belongs to no execution, and mark the messages anew."""
    for what in ("waits", "snapshots", "logs", "marks"):
        connection.execute(CHECKS[f"sweep_{what}"])


def _check_file(reader: Connection) -> Iterator[Finding]:
    """SQLite's own check of pages, rows, indexes and constraints."""
    for (complaint,) in reader.execute(f"pragma integrity_check({FOUND_MAX})").fetchall():
        if complaint != "ok":
            yield found("damaged_file", "the file", complaint.removeprefix("*** in database main ***\n"))


def _check_layout(reader: Connection) -> Iterator[Finding]:
    """Whether somebody has dropped what the store relies on: it would go on, and keep fewer promises."""
    for kind, name in sorted(layout_of(MIGRATIONS) - read_layout(reader)):
        yield found("layout_differs", f"`{name}`", f"the {kind} `{name}` is missing")


def _check_tables(reader: Connection) -> Iterator[Finding]:
    """What no constraint of a table says."""
    for (id,) in _ask(reader, "gaps"):
        yield found("gap", _name(id), "the rows of its history don't follow one another")
    for id, settles in _ask(reader, "outcomes"):
        yield found("second_outcome", _name(id), f"two rows of its history settle `{settles}`")
    for (x,) in _ask(reader, "heads"):
        yield found("headless", f"history of x = {x}", "there is a history, and no execution that it belongs to")
    for (id,) in _ask(reader, "definitions"):
        yield found("definition_missing", _name(id), "its definition is not in the store")
    for id, fence in _ask(reader, "fences"):
        yield found("fence_ahead", _name(id), f"it has the fence {fence}, which no engine has had")
    for id, status in _ask(reader, "statuses", _STATUSES):
        yield found("status_unknown", _name(id), f"its status is {status}")
    for what, x in _ask(reader, "orphans"):
        yield found("orphaned", f"{what} of x = {x}", f"there is {what} of an execution that is not there")
    for name, correlation in _ask(reader, "marks"):
        yield found(
            "mark_wrong", f"{name}, {correlation}", f"messages {name!r} with {correlation!r} are marked wrongly"
        )


def _ask(reader: Connection, query: str, *values: str) -> list[tuple[object, ...]]:
    return reader.execute(CHECKS[query], (FOUND_MAX, *values)).fetchall()


def _name(id: object) -> str:
    return str(ExecutionId(UUID(bytes=id))) if isinstance(id, bytes) and len(id) == 16 else repr(id)
