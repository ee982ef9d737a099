"""Which store, and what a person calls an execution."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.cli.visit import Speller, name_of, person, visiting
from pectin.ports.store import StoreError
from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, write


async def names() -> list[str]:
    from pectin.ports.store import Find

    async with visiting("work.db") as visitor:
        return [await name_of(visitor, summary) for summary in await visitor.list(Find())]


def test_the_key_if_it_can_be_typed_and_means_nothing_else(pectin: Pectin, folder: Path) -> None:
    import asyncio

    file = write(folder, "add.py", ADD)
    write(folder, "plus.py", ADD.replace('"add"', '"plus"'))
    for key in ("mine", "-x", "Ä", "last"):
        assert pectin("run", file, "--store", "work.db", f"--key={key}").code == 0
    last, umlaut, dash, mine = asyncio.run(names())
    assert mine == "mine"
    assert all(len(name) == 6 and set(name) <= set("0123456789abcdef") for name in (umlaut, dash))
    pectin("run", "plus.py", "--store", "work.db", "--key", "mine")
    assert "mine" not in asyncio.run(names())
    assert pectin("show", "mine", "--store", "work.db").code == 2
    assert pectin("show", last, "--store", "work.db").code == 0


async def test_a_store_that_is_not_there(folder: Path) -> None:
    with pytest.raises(StoreError, match=r"no store at work\.db: run a workflow first"):
        async with visiting("work.db"):
            pass
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("url", ["memory:", ":memory:", "MEMORY:"])
def test_a_store_in_memory_is_refused(pectin: Pectin, folder: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    file = write(folder, "add.py", ADD)
    for command in (("run", file), ("worker", file), ("list",), ("show", "last"), ("cancel", "last")):
        said = pectin(*command, "--store", url)
        assert said.code == 2
        assert "lives in one process only" in said.err
    monkeypatch.setenv("PECTIN_STORE", url)
    assert pectin("list").code == 2


def test_a_store_without_a_name_is_refused(pectin: Pectin, folder: Path) -> None:
    said = pectin("list", "--store", "")
    assert (said.code, said.err) == (2, "--store is empty: write a path, or leave it out\n")


def test_commands_name_the_store_only_if_it_was_named(folder: Path) -> None:
    assert Speller("A", "refund", None)(("why", "EXEC")) == "pectin why A"
    assert Speller("A", "refund", "x.db")(("why", "EXEC")) == "pectin why A --store x.db"
    assert Speller("A", "refund", "x.db").plain(["run", "EXEC"]) == "pectin run EXEC --store x.db"


def test_somebody_sits_here() -> None:
    assert person()
