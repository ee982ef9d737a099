"""`pectin verify`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pectin.runtime.audit_key import VARIABLE
from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, write
from tests.runtime.governed import DELETE, read
from tests.runtime.governed import write as attack

STORE = ".pectin/pectin.db"
KEY = "0123456789abcdef" * 4

GOVERNED = """
from typing import TypedDict

from pectin import END, Policy, Workflow


class Payout(TypedDict):
    amount: int


payout = Workflow("payout", version="1.0.0", state=Payout, session_type="persistent_governed", policy=Policy())


@payout.node
def look_up(state: Payout) -> Payout:
    state["amount"] += 1
    return state


@payout.node
def pay(state: Payout) -> Payout:
    return state


review = payout.approval("review", "Pay {{ state.amount }}?")
look_up.then(review)
review.on(approved=pay, rejected=END)
"""


@pytest.fixture
def filled(pectin: Pectin, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a governed execution that waits, one that is done, and one that is not governed."""
    monkeypatch.setenv(VARIABLE, KEY)
    file = write(folder, "payout.py", GOVERNED)
    for key in ("A", "B"):
        assert pectin("run", file, "--input", '{"amount": 1}', "--key", key, "--by", "shop").code == 4
    assert pectin("approve", "B", "--by", "finance").code == 0
    assert pectin("run", file, "--resume", "B").code == 0
    assert pectin("run", write(folder, "add.py", ADD)).code == 0
    return folder / STORE


def edit(store: Path) -> None:
    attack(store, """update history set body = cast(replace(body, '"amount":2', '"amount":9') as blob) where x = 1""")


def test_what_is_as_it_was_written(pectin: Pectin, filled: Path) -> None:
    said = pectin("verify")
    events = sum(count for (count,) in read(filled, "select count from history where x < 3"))
    assert (said.code, said.err) == (0, "")
    assert said.out == f"2 governed executions, {events} events: all as they were written\n"
    assert pectin("verify", "A").out.startswith("1 governed execution, ")
    (outcome,) = pectin("verify", "--json").lines
    assert outcome == {"type": "outcome", "exit_code": 0, "executions": 2, "events": events, "broken": 0}


def test_what_is_not_is_named_with_its_first_event(pectin: Pectin, filled: Path) -> None:
    edit(filled)
    said = pectin("verify")
    head, what, end = said.out.splitlines()
    assert said.code == 1
    assert head.startswith("✗ exec_")
    assert head.endswith(" · A")
    assert what == "    event 4, edited: it is not what was written"
    assert end.endswith(": 1 broken")
    assert pectin("verify", "B").code == 0
    broken, outcome = pectin("verify", "A", "--json").lines
    assert (broken["type"], broken["code"], broken["seq"]) == ("broken", "edited", 4)
    assert (outcome["exit_code"], outcome["broken"]) == (1, 1)


def test_nothing_is_shown_or_done_of_what_was_changed(pectin: Pectin, filled: Path) -> None:
    edit(filled)
    why = pectin("why", "A")
    assert "is broken at event 4" in " ".join(why.out.split())
    assert why.commands()[0] == ["verify", "A"]
    for command in (("show", "A"), ("approve", "A", "--by", "finance")):
        said = pectin(*command)
        assert said.code == 6
        assert "is broken at event 4" in said.err
        assert ["verify"] in said.commands()
    assert pectin("show", "B").code == 0


def test_without_the_key_nothing_is_said(pectin: Pectin, filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    said = pectin("verify")
    assert (said.code, said.out) == (2, "")
    assert VARIABLE in said.err
    assert "--key-env" in said.err
    said = pectin("show", "A")
    assert said.code == 6
    assert "there is no audit key" in said.err
    monkeypatch.setenv("OTHER", KEY)
    assert pectin("verify", "--key-env", "OTHER").code == 0
    monkeypatch.setenv("OTHER", "x")
    said = pectin("verify", "--key-env", "OTHER")
    assert said.code == 2
    assert "OTHER" in said.err


def test_what_is_put_back_is_seen_against_an_anchor(pectin: Pectin, filled: Path, folder: Path) -> None:
    shutil.copy(filled, folder / "old.db")
    assert pectin("approve", "A", "--by", "finance").code == 0
    said = pectin("verify", "--anchor", "heads.jsonl")
    assert said.code == 0
    assert "anchored in heads.jsonl" in said.out
    assert len((folder / "heads.jsonl").read_text().splitlines()) == 2
    assert pectin("verify", "--against", "heads.jsonl").code == 0
    assert pectin("verify", "--store", "old.db").code == 0
    said = pectin("verify", "--store", "old.db", "--against", "heads.jsonl")
    assert said.code == 1
    assert "rolled_back" in said.out


def test_what_is_gone_is_seen_against_an_anchor(pectin: Pectin, filled: Path) -> None:
    assert pectin("verify", "--anchor", "heads.jsonl").code == 0
    attack(filled, *DELETE)
    assert pectin("verify").code == 0
    said = pectin("verify", "--against", "heads.jsonl")
    assert (said.code, said.out.splitlines()[-2].strip()[:8]) == (1, "missing:")


def test_what_is_broken_is_not_anchored(pectin: Pectin, filled: Path, folder: Path) -> None:
    edit(filled)
    assert pectin("verify", "--anchor", "heads.jsonl").code == 1
    assert not (folder / "heads.jsonl").exists()


def test_what_can_not_be_asked(pectin: Pectin, filled: Path, folder: Path) -> None:
    assert "leave out EXEC" in pectin("verify", "A", "--anchor", "x").err
    id = next(each["execution_id"] for each in pectin("list", "--json").json if each["workflow_id"] != "payout")
    said = pectin("verify", id)
    assert said.code == 2
    assert "is not governed" in said.err
    assert pectin("verify", "Z").code == 3
    (folder / "x").write_text(json.dumps({"a": 1}))
    assert "x:1 is no anchor" in pectin("verify", "--against", "x").err


def test_whoever_sits_at_the_terminal_is_named(pectin: Pectin, filled: Path, folder: Path) -> None:
    file = str(folder / "payout.py")
    assert pectin("run", file, "--input", '{"amount": 1}', "--key", "C").code == 4
    assert pectin("approve", "C").code == 0
    assert pectin("pause", "C", "--by", "engine").code == 5
