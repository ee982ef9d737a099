"""SQLite's errors, as the store's: which file, what it means, what to do."""

from __future__ import annotations

import apsw
import pytest

from pectin.ports.store import Damaged, StoreBroken, StoreError
from pectin.store.sqlite.failure import decoded, explain, explained, is_of_the_file


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (apsw.NotADBError(), "x.db is no SQLite database. Name another file."),
        (apsw.FullError(), "The disk of x.db is full. Make room"),
        (apsw.BusyError(), "Another process has been writing to x.db for too long"),
        (apsw.CantOpenError(), "x.db can't be opened"),
        (apsw.ReadOnlyError(), "x.db can't be written to"),
        (apsw.IOError("disk I/O error"), "x.db can't be read or written (disk I/O error)"),
        (apsw.SQLError("no such table: t"), "SQLite refused to work on x.db: no such table: t."),
    ],
)
def test_each_error_says_where_what_and_what_to_do(error: apsw.Error, words: str) -> None:
    explanation = explain(error, "x.db")
    assert type(explanation) is StoreError
    assert str(explanation).startswith(words)


def test_damage_is_told_apart() -> None:
    explanation = explain(apsw.CorruptError(), "x.db")
    assert type(explanation) is Damaged
    assert str(explanation).startswith("x.db is damaged. Stop what uses it, copy it with its -wal file, and restore")
    with (
        pytest.raises(Damaged, match=r"x\.db is damaged: it holds a value that can't be read \('utf-8'"),
        decoded("x.db"),
    ):
        b"\xff".decode()


@pytest.mark.parametrize("code", [apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC])
def test_a_sync_that_failed_breaks_the_store(code: int) -> None:
    error = apsw.IOError()
    error.extendedresult = code  # type: ignore[attr-defined]
    assert type(explain(error, "x.db")) is StoreBroken


def test_who_can_not_even_begin_to_read_on_a_full_disk_is_told_so() -> None:
    error = apsw.IOError("disk I/O error")
    error.extendedresult = apsw.SQLITE_IOERR_SHMSIZE  # type: ignore[attr-defined]
    assert str(explain(error, "x.db")).startswith("The disk of x.db is full. Make room")


def test_only_errors_of_sqlite_are_explained() -> None:
    with pytest.raises(StoreError, match="is full"), explained("x.db"):
        raise apsw.FullError
    with pytest.raises(KeyError), explained("x.db"):
        raise KeyError


def test_a_file_fails_otherwise_than_a_statement() -> None:
    of_the_file = (apsw.FullError, apsw.IOError, apsw.CorruptError, apsw.BusyError, apsw.NoMemError, apsw.ReadOnlyError)
    of_the_statement = (apsw.SQLError, apsw.ConstraintError, apsw.AuthError, apsw.BindingsError, apsw.MismatchError)
    assert [is_of_the_file(kind()) for kind in of_the_file] == [True] * 6
    assert [is_of_the_file(kind()) for kind in of_the_statement] == [False] * 5
    assert not is_of_the_file(OverflowError())
