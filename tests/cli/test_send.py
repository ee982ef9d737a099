"""`pectin send`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import SHIP, write


@pytest.fixture
def shipped(pectin: Pectin, folder: Path) -> str:
    """An execution that waits for the event `parcel` with the key `C-1`."""
    file = write(folder, "ship.py", SHIP)
    assert pectin("run", file, "--key", "A").code == 4
    return file


def test_it_reaches_who_waits(pectin: Pectin, shipped: str) -> None:
    said = pectin("send", "parcel", "C-1", "--payload", '{"weight": 3}')
    assert said.code == 0
    assert said.out == ("accepted: A waited for it, and has it\n  pectin why A\n")
    assert pectin(*said.commands()[0]).out.startswith("Waits for the signal `inspected` since ")
    assert "✓ event parcel came: {1 key}" in pectin("show", "A").out


def test_one_that_nobody_waits_for_is_kept_and_a_near_one_named(pectin: Pectin, shipped: str) -> None:
    assert pectin("send", "letter", "C-1").out == "accepted: nobody waits for it yet, and it is kept for 7 d\n"
    for name, key in (("parcell", "C-1"), ("parcel", "C-7")):
        said = pectin("send", name, key)
        assert said.code == 0
        assert "Did you mean one that is waited for?" in said.out.replace("\n", " ")
        assert said.out.endswith("\n  pectin send parcel C-1\n")
    assert pectin(*said.commands()[0]).out.startswith("accepted: A waited for it")


def test_once_for_each_key(pectin: Pectin, shipped: str) -> None:
    command = ("send", "parcel", "C-1", "--dedup", "mail-7")
    assert pectin(*command).code == 0
    assert pectin(*command).out == "nothing to do: the same message was accepted under this key before\n"
    assert pectin(*command, "--payload", "1").code == 5


def test_for_programs(pectin: Pectin, shipped: str) -> None:
    first = ("send", "parcel", "C-1", "--dedup", "k", "--json")
    assert pectin(*first).json == {"answer": {"type": "done"}, "waits": ["A"]}
    assert pectin(*first).json == {"answer": {"type": "already"}, "waits": []}


def test_a_key_that_looks_like_an_option(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "ship.py", SHIP.replace('key="C-', 'key="-')), "--key", "A", "--store", "s.db")
    said = pectin("why", "A", "--store", "s.db")
    send = said.commands()[0]
    assert send == ["send", "--payload", "{}", "--store", "s.db", "--", "parcel", "-1"]
    assert pectin(*send).out.startswith("accepted: A waited for it")
