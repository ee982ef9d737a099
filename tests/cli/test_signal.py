"""`pectin signal`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import SHIP, write


@pytest.fixture
def shipped(pectin: Pectin, folder: Path) -> str:
    """An execution that waits for an event or a signal, whichever comes first."""
    file = write(folder, "ship.py", SHIP)
    assert pectin("run", file, "--key", "A").code == 4
    return file


def test_it_ends_the_wait_for_it(pectin: Pectin, shipped: str) -> None:
    said = pectin("signal", "A", "go", "--payload", '{"by": "sea"}', "--by", "depot")
    assert said.code == 0
    assert said.out.startswith("A: got the signal go\nWaits for the signal `inspected` since ")
    shown = pectin("show", "A").out
    assert "✓ signal go came by depot: {1 key}" in shown
    assert pectin("why", "A", "--json").json["code"] == "signal"


def test_its_payload_goes_where_the_wait_says(pectin: Pectin, folder: Path, shipped: str) -> None:
    write(folder, "texts.json", '["fine"]')
    pectin("signal", "A", "go")
    assert pectin("signal", "A", "inspected", "--payload", "@texts.json").code == 0
    assert pectin("show", "A", "--json").json["execution"]["current_state"]["texts"] == ["fine"]


def test_an_early_one_is_kept(pectin: Pectin, shipped: str) -> None:
    assert pectin("signal", "A", "inspected", "--payload", '["early"]', "--by", "depot").code == 0
    shown = pectin("show", "A").out
    assert "⏸ signal inspected came by depot: [1 item]; it is kept" in shown
    assert "\ninbox   inspected by depot: [1 item]\n" in shown
    assert pectin("signal", "A", "go").code == 0
    assert pectin("show", "A", "--json").json["execution"]["current_state"]["texts"] == ["early"]


def test_once_for_each_key(pectin: Pectin, shipped: str) -> None:
    command = ("signal", "A", "inspected", "--dedup", "mail-7", "--payload", "[]")
    assert pectin(*command).code == 0
    again = pectin(*command)
    assert again.code == 0
    assert again.out.startswith("nothing to do: the signal inspected was received under this key before\n")
    assert pectin(*command, "--json").json["answer"]["type"] == "already"
    other = pectin("signal", "A", "inspected", "--dedup", "mail-7", "--payload", '["x"]')
    assert (other.code, other.err) == (
        5,
        "refused: another signal was received under the key `mail-7`\n  pectin why A\n",
    )


def test_for_programs(pectin: Pectin, shipped: str) -> None:
    document = pectin("signal", "A", "go", "--json").json
    assert document["answer"] == {"type": "done"}
    assert document["execution"]["status"] == "paused"
