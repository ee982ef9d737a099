"""Numbered migrations."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.ports.store import StoreError
from pectin.store.migrate import Migration, pending, read_migrations

ONE = Migration(1, "0001_one", "create table one (a)")
TWO = Migration(2, "0002_two", "create table two (a)")


def test_files_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "0002_two.sql").write_text(TWO.sql)
    (tmp_path / "0001_one.sql").write_text(ONE.sql)
    (tmp_path / "statements.sql").write_text("select 1")
    assert read_migrations(tmp_path) == (ONE, TWO)


def test_what_was_not_applied_is_pending() -> None:
    assert pending([ONE, TWO], {}, "x.db") == [ONE, TWO]
    assert pending([ONE, TWO], {1: ONE.checksum}, "x.db") == [TWO]
    assert pending([ONE, TWO], {1: ONE.checksum, 2: TWO.checksum}, "x.db") == []


def test_a_newer_store_is_refused() -> None:
    with pytest.raises(StoreError, match=r"x\.db was written by a newer Pectin: it has migration 2.*knows 1"):
        pending([ONE], {1: ONE.checksum, 2: TWO.checksum}, "x.db")


def test_a_changed_migration_is_refused() -> None:
    with pytest.raises(StoreError, match="another migration 0001_one"):
        pending([ONE], {1: TWO.checksum}, "x.db")
