"""`pectin doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin.cli.doctor import _Lines  # pyright: ignore[reportPrivateUsage]
from pectin.runtime.doctor import Seen
from tests.cli.conftest import Pectin
from tests.cli.workflows import ADD, REFUND, write
from tests.runtime.ward import break_off, damage

STORE = ".pectin/pectin.db"


@pytest.fixture
def filled(pectin: Pectin, folder: Path) -> Path:
    """A store with one that waits for a person and one that is done."""
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A-1042")
    pectin("run", write(folder, "add.py", ADD))
    return folder / STORE


def heading(pectin: Pectin) -> str:
    """How the one that waits is called."""
    (id,) = [one["execution_id"] for one in pectin("list", "--json").json if one["key"] == "A-1042"]
    return f"exec_{id.replace('-', '')}  refund 1.0.0 · A-1042"


def test_a_sound_store(pectin: Pectin, filled: Path) -> None:
    said = pectin("doctor")
    assert (said.code, said.out, said.err) == (0, f"{STORE} is sound: 2 executions, 14 events\n", "")
    (outcome,) = pectin("doctor", "--json").lines
    assert outcome == {
        "type": "outcome",
        "exit_code": 0,
        "findings": 0,
        "left": 0,
        "executions": 2,
        "events": 14,
        "overdue": 0,
        "undelivered": 0,
        "served": False,
    }


def test_what_is_wrong_is_told_and_mended_if_asked(pectin: Pectin, filled: Path) -> None:
    damage(filled, "update executions set status = 1, due = null where start_key = 'A-1042'")
    shown = heading(pectin)
    said = pectin("doctor")
    status, hint, due, again, _, end = said.out.splitlines()[1:]
    assert (said.code, said.out.splitlines()[0]) == (1, shown)
    assert status == "  ✗ status_differs: the row says running, and the history paused (status)"
    assert hint == again == "      Let `pectin doctor --repair` write it anew from the history."
    assert due.startswith("  ✗ due_differs: the row says never; it should be 20")
    assert end == "2 findings in 2 executions, 14 events"
    mended = pectin("doctor", "--repair")
    assert mended.code == 0
    assert mended.out.splitlines()[1] == status.replace("✗ status_differs", "✓ status_differs, mended")
    assert mended.out.splitlines()[-1] == "2 findings in 2 executions, 14 events: all mended"
    assert pectin("doctor").code == 0


def test_what_can_not_be_mended_is_left(pectin: Pectin, filled: Path) -> None:
    damage(filled, "update executions set status = 1 where start_key = 'A-1042'")
    damage(filled, "update executions set created_at = 7 where start_key is null")
    said = pectin("doctor", "--repair")
    assert said.code == 1
    assert said.out.splitlines()[-1] == "2 findings in 2 executions, 14 events, 1 of them mended"
    finding, outcome = pectin("doctor", "--json").lines
    assert (outcome["exit_code"], outcome["findings"], outcome["left"]) == (1, 1, 1)
    assert (finding["code"], finding["where"], finding["mended"]) == ("another_execution", "created_at", False)
    assert finding["hint"].startswith("A history is never rewritten: ")
    assert finding["execution_id"] in [one["execution_id"] for one in pectin("list", "--json").json]


def test_damage_of_the_store_itself(pectin: Pectin, filled: Path) -> None:
    damage(filled, "insert into waits (x, activation, name, correlation) values (9, 'a', 'paid', 'B')")
    assert pectin("doctor").out == (
        f"{STORE}\n"
        "  ✗ orphaned: there is a wait of an execution that is not there (a wait of x = 9)\n"
        "      Let `pectin doctor --repair` clear it up.\n"
        "\n"
        "1 finding in 2 executions, 14 events\n"
    )
    (finding, _) = pectin("doctor", "--json").lines
    assert finding["execution_id"] is None
    assert pectin("doctor", "--repair").out.splitlines()[-1] == "1 finding in 2 executions, 14 events: all mended"
    assert pectin("doctor").code == 0


def test_who_is_stranded_goes_on(pectin: Pectin, filled: Path) -> None:
    damage(filled, "delete from executions where start_key is null; delete from history where x = 2")
    break_off(filled, 6)
    said = pectin("doctor")
    assert said.out.splitlines()[1:] == [
        "  ✗ stranded: it has not ended, and nothing of it runs, waits, is due or is held (the execution)",
        "      Let `pectin doctor --repair` wake it; if it is found again, cancel it and report it.",
        "",
        "1 finding in 1 execution, 6 events",
    ]
    assert pectin("doctor", "--repair").code == 0
    assert pectin("why", "A-1042").out.startswith("Waits for a person: ")
    assert "held" in pectin("events", "A-1042").out


def test_a_history_that_was_changed_on_the_disk(pectin: Pectin, filled: Path) -> None:
    flip = "update history set body = cast(replace(body, 'look_up', 'look_in') as blob) where seq = 1 and x = 1"
    damage(filled, flip, signed=False)
    lines = pectin("doctor", "--repair").out.splitlines()
    assert lines[0] == heading(pectin)
    assert lines[1].startswith("  ✗ damaged_row: exec_")
    assert lines[1].endswith("is damaged: its history from 1 on is not")
    assert lines[2] == "  what was written. Restore a backup. (the history)"
    assert lines[-1] == "1 finding in 2 executions, 6 events"


def test_what_waits_for_an_engine_is_told_and_is_no_finding(pectin: Pectin, filled: Path) -> None:
    damage(filled, "update executions set due = due - 100 * 3600000 where due > 0")
    damage(
        filled,
        "update history set body = cast(replace(body, '\"until\":' || (select due + 100 * 3600000 from executions"
        " where x = 1), '\"until\":' || (select due from executions where x = 1)) as blob) where x = 1",
    )
    said = pectin("doctor")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "no engine has this store open: 1 execution to wake"


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("--store", "nope.db"), 6, "There is no store at nope.db: run a workflow first, or name one with --store.\n"),
        (("--store", "memory:"), 2, "'memory:' is a store that lives in one process only,"),
        (("--repare",), 2, "No such option: --repare"),
        (("exec",), 2, "Got unexpected extra argument(s) (exec)"),
    ],
)
def test_bad_usage(pectin: Pectin, folder: Path, args: tuple[str, ...], code: int, message: str) -> None:
    said = pectin("doctor", *args)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith(message)


def test_a_file_of_another_program(pectin: Pectin, folder: Path) -> None:
    (folder / "notes.txt").write_text("These are notes, and long enough for a header of a database." * 100)
    said = pectin("doctor", "--store", "notes.txt")
    assert (said.code, said.out) == (6, "")
    assert "notes.txt is no SQLite database. Name another file." in " ".join(said.err.split())


def test_how_far_it_is_stands_on_a_terminal_only(
    pectin: Pectin, filled: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    lines = _Lines(STORE)
    lines.go_on(Seen(executions=1_204))
    lines.end(Seen(executions=1_204), 0)
    told = capsys.readouterr()
    assert told.err == (f"checking {STORE}\n\x1b[1A\x1b[Jchecking {STORE}: 1,204 executions\n\x1b[1A\x1b[J")
    assert told.out == f"{STORE} is sound: 1,204 executions, 0 events\n"
