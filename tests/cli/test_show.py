"""`pectin show`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import BOOM, FAMILY, REFUND, SLOW, SPEND, write

Spawn = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def refunded(pectin: Pectin, folder: Path) -> None:
    file = write(folder, "refund.py", REFUND)
    pectin("run", file, "--input", '{"order": "A-1042"}', "--key", "A-1042", "--by", "shop")
    pectin("approve", "A-1042", "--by", "finance", "--comment", "ok")
    pectin("run", file, "--resume", "A-1042")


@pytest.mark.usefixtures("refunded")
def test_what_happened_and_where_it_stands(pectin: Pectin) -> None:
    said = pectin("show", "A-1042")
    assert said.code == 0
    lines = said.out.splitlines()
    receipt = pectin("show", "A-1042", "--json").json["execution"]["current_state"]["receipt"]
    assert lines[0].startswith("refund 1.0.0 · A-1042 · exec_")
    assert lines[1].startswith("completed in ")
    assert " by shop · resumable · definition " in lines[1]
    assert lines[3].split() == ["seq", "activation", "took", "what", "happened"]
    assert [line.split("✓ ")[1] for line in lines[4:9]] == [
        "amount 0 → 1299.00",
        "risk unknown → high",
        "approved by finance: ok",
        f'receipt null → "paid 1299.00, {receipt[14:17]}…"',
        "completed",
    ]
    assert lines[10:12] == ["look_up ✓ ── assess ✓ ─┬─ review ✓ ── pay ✓", "                       └╌ otherwise ╌ pay"]
    assert lines[12].startswith('state   {"amount": "1299.00", ')
    assert all(pectin(*command).code == 0 for command in said.commands())
    assert len(said.commands()) == 3


@pytest.mark.usefixtures("refunded")
def test_as_it_was(pectin: Pectin) -> None:
    said = pectin("show", "A-1042", "--at", "8")
    assert "paused · started" in said.out
    assert "  now  review       –        ● waits for a person until " in said.out
    assert '"risk": "high"' in said.out
    assert pectin("show", "A-1042", "--at", "4", "--json").json["execution"]["current_state"]["risk"] == "unknown"
    assert pectin("show", "A-1042", "--at", "99").code == 2


def test_for_programs(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "boom.py", BOOM))
    document = pectin("show", "last", "--json").json
    assert document["execution"]["status"] == "failed"
    assert document["error"]["type"] == "ValueError"
    assert document["waiting_for"] == []


def test_a_failure_and_its_frames(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "boom.py", BOOM))
    shown = pectin("show", "last").out
    assert "✗ ValueError: no such \\x1b[31morder at all (attempt 2 of 2)" in shown
    assert "  boom.py:" in shown


def test_what_nobody_runs_does_not_look_as_if_it_ran(pectin: Pectin, spawn: Spawn, folder: Path) -> None:
    file = write(folder, "slow.py", SLOW.replace("await asyncio.sleep(600)", "os._exit(9)"))
    assert spawn("run", file).wait() == 9
    assert "↻ nothing runs it now" in pectin("show", "last").out


def test_a_child_its_parent_and_all_that_failed(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "family.py", FAMILY) + ":outer", "--key", "F")
    said = pectin("show", "F")
    assert "● began its child inner 2.0.0 …" in said.out
    assert "● waits for its child …" in said.out
    assert "\nsub ●\nchild   sub  inner 2.0.0  pectin show exec_" in said.out
    child = next(command for command in said.commands() if command[1].startswith("exec_"))
    assert "\nparent  sub of it waits for this one  pectin show exec_" in pectin(*child).out
    document = pectin("show", "F", "--json").json
    assert document["waiting_for"][0]["kind"] == "child"
    parent = pectin("show", document["children"]["sub"], "--json").json["parent"]
    assert parent == {"execution": document["execution"]["execution_id"], "activation": "sub", "depth": 2}


def test_all_failures_where_others_went_on(pectin: Pectin, folder: Path) -> None:
    both = (
        BOOM.replace('version="1.0.0"', 'version="1.0.0", on_failure="wait"')
        + """

@boom.node
def burst(state: State) -> State:
    raise OSError("too full")


both = boom.parallel("both")
both.then(bang, burst)
"""
    )
    assert pectin("run", write(folder, "both.py", both), "--key", "k").code == 1
    shown = pectin("show", "k").out
    assert "; what doesn't need it goes on" in shown
    assert "\nfailed  " in shown
    told = shown[shown.index("\nfailed  ") :].splitlines()[1:3]
    assert sorted(line[8:].split(":")[0] for line in told) == ["bang", "burst"]
    assert ", one of 2 failures" in pectin("why", "k").out.replace("\n", " ")
    assert set(pectin("show", "k", "--json").json["failures"]) == {"bang", "burst"}


def test_what_is_spent_of_the_budget(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "bill.py", SPEND), "--input", '{"sums": []}', "--key", "B-1")
    said = pectin("show", "B-1")
    assert "\nbudget  spent $0.0125 of $0.25 · 900 of 5,000 tokens\n" in said.out
    assert "✗ max_cost_usd" in said.out or "limit exceeded" in said.out
    told = pectin("show", "B-1", "--json").json
    assert told["spent"] == {"cost_usd": "0.0125", "input_tokens": 0, "output_tokens": 900, "total_tokens": 900}
    assert told["limits"] == {"max_cost_usd": "0.25", "total_tokens": 5_000}
    assert (
        told["error"]["message"]
        == "`ask_more` may spend $0.25 in an attempt, and $0.0125 is spent; max_cost_usd is $0.25"
    )
