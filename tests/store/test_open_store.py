"""How a store is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pectin.ports.store import StoreError
from pectin.store import open_store
from pectin.store.memory import MemoryStore
from pectin.store.sqlite import SqliteStore


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite:///{}?durability=full", "sqlite:///{}?durability=fast"])
async def test_a_path_and_a_sqlite_url_open_a_file(form: str, tmp_path: Path) -> None:
    store = open_store(form.format(tmp_path / "pectin.db"))
    assert isinstance(store, SqliteStore)
    assert (tmp_path / "pectin.db").exists()
    await store.close()


async def test_urls_are_relative_with_three_slashes_and_may_be_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await open_store("sqlite:///a%20b%3F.db").close()
    assert (tmp_path / "a b?.db").exists()


@pytest.mark.parametrize("name", ["memory:", ":memory:"])
def test_memory_is_named_either_way(name: str) -> None:
    assert isinstance(open_store(name), MemoryStore)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgres://host/db", "PostgreSQL is not there yet"),
        ("postgresql://host/db", "PostgreSQL is not there yet"),
        ("mysql://host/db", "no store of the kind 'mysql'"),
        ("sqlite://pectin.db", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///x.db?durability=none", "durability=none is no option"),
        ("sqlite:///x.db?cache=1", "cache=1 is no option"),
        ("x.db?durability=fast", "written sqlite:///PATH"),
        ("", "is no path"),
    ],
)
def test_what_names_no_store_is_refused(url: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert words in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_must_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store at"):
        open_store(tmp_path / "pectin.db", must_exist=True)
    with pytest.raises(StoreError, match="always new"):
        open_store("memory:", must_exist=True)
    assert list(tmp_path.iterdir()) == []


def test_naming_a_store_imports_no_database() -> None:
    code = "import sys, pectin.store; pectin.store.open_store('memory:'); sys.exit('apsw' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
