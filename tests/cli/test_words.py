"""Times and values, for people and for programs."""

from __future__ import annotations

import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pectin.cli.words import (
    event_document,
    local_clock,
    local_date_time,
    local_time,
    one_line,
    show_patch,
    show_path,
    show_state,
    show_value,
    spell,
    utc,
)
from pectin.core.error import ErrorData
from pectin.core.event import AttemptFailed, ClosingBegan, NodeWaiting
from pectin.core.status import WorkflowStatus

AT = int(datetime(2026, 11, 26, 8, 14, 2, 114_000, UTC).timestamp() * 1000)
DAY = 86_400_000


@pytest.fixture(autouse=True)
def _in_vienna(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_times_are_of_this_place_for_people_and_utc_for_programs() -> None:
    assert local_time(AT, AT) == "09:14"
    assert local_time(AT, AT - 3 * DAY) == "Thu 26 Nov 09:14"
    assert local_time(AT, AT + 365 * DAY) == "Thu 26 Nov 2026 09:14"
    assert local_date_time(AT) == "26 Nov 2026 09:14:02"
    assert local_clock(AT) == "09:14:02.114"
    assert utc(AT) == "2026-11-26T08:14:02.114Z"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1299.00", "1299.00"),
        ("high", "high"),
        ("two words", '"two words"'),
        ("", '""'),
        ("x" * 50, '"' + "x" * 17 + '…"'),
        ("a\nb", '"a\\nb"'),
        (None, "null"),
        (True, "true"),
        (3.5, "3.5"),
        ([], "[]"),
        ([1], "[1 item]"),
        ({"a": 1, "b": 2}, "{2 keys}"),
        ({}, "{}"),
    ],
)
def test_values(value: Any, shown: str) -> None:
    assert show_value(value) == shown


def test_patches() -> None:
    assert show_patch({"amount": "5", "risk": "high"}, ["note"]) == "amount 5, risk high, note removed"
    assert show_patch({"amount": "5", "new": 1}, [], {"amount": "0"}) == "amount 0 → 5, new 1"


def test_all_times_of_an_event_are_utc() -> None:
    error = ErrorData("timeout", "TimeoutError", "")
    for event, name in (
        (NodeWaiting(at=AT, activation="a", node="a", until=AT), "until"),
        (AttemptFailed(at=AT, activation="a", attempt=1, error=error, not_before=AT), "not_before"),
        (ClosingBegan(at=AT, to=WorkflowStatus.FAILED, cause="failed", grace_until=AT), "grace_until"),
    ):
        document = event_document(9, event)
        assert next(iter(document)) == "type"
        assert (document["seq"], document["at"], document[name]) == (9, utc(AT), utc(AT))


def test_commands_can_be_pasted() -> None:
    assert spell(("run", "FILE", "--resume", "EXEC"), "A 1", ["my file.py"], ["--store", "x"]) == (
        "pectin run 'my file.py' --resume 'A 1' --store x"
    )


def test_one_line_is_one_line() -> None:
    assert one_line("a\n  b\tc") == "a b c"
    assert len(one_line("x" * 500)) == 200


def test_a_path_in_this_folder_is_shown_short(folder: Path) -> None:
    assert show_path(str(folder / "a/b.db")) == "a/b.db"
    assert show_path("/elsewhere/b.db") == "/elsewhere/b.db"
    assert show_path("sqlite:///b.db") == "sqlite:///b.db"


def test_a_short_state_is_shown_as_it_is_stored_and_a_long_one_by_its_keys() -> None:
    assert show_state({"b": [1], "a": "x"}, 96) == ['{"a": "x", "b": [1]}']
    long = show_state({"draft": "# Notes " * 100, "commits": list(range(200))}, 40)
    assert long == ["commits  [200 items]", 'draft    "# Notes # Notes # No…"']
    wide = show_state({f"key_{n:03}": n for n in range(100)}, 96)
    assert (len(wide), wide[0], wide[-1]) == (21, "key_000  0", "and 80 more")
