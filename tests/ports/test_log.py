"""What an attempt logs: told to the standard logger, and kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from pectin.core.limits import LIMITS, Limits
from pectin.ports.context import Context
from pectin.ports.log import STANDARD, AttemptLog


@pytest.fixture(autouse=True)
def standard() -> Iterator[None]:
    """The standard logger as an application leaves it that says nothing of it."""
    before = STANDARD.level
    STANDARD.setLevel(logging.NOTSET)
    yield
    STANDARD.setLevel(before)


def kept(limits: Limits = LIMITS) -> AttemptLog:
    return AttemptLog("pay", 1, lambda: 7, limits)


def messages(log: AttemptLog) -> list[str]:
    return [record.message for record in log.take(8)]


def test_information_is_kept_although_nobody_set_up_logging(caplog: pytest.LogCaptureFixture) -> None:
    log = kept()
    with caplog.at_level(logging.WARNING):
        log.debug("no")
        log.info("yes")
        log.error("also")
    assert messages(log) == ["yes", "also"]
    assert [record.getMessage() for record in caplog.records] == ["also"]


@pytest.mark.parametrize(("level", "expected"), [(logging.DEBUG, ["a", "b", "c"]), (logging.ERROR, ["c"])])
def test_a_level_of_the_standard_logger_counts_for_what_is_kept_too(level: int, expected: list[str]) -> None:
    log = kept()
    STANDARD.setLevel(level)
    log.debug("a")
    log.info("b")
    log.error("c")
    assert messages(log) == expected


def test_details_are_kept_where_the_application_wants_details(caplog: pytest.LogCaptureFixture) -> None:
    log = kept()
    with caplog.at_level(logging.DEBUG):
        log.debug("yes")
    assert messages(log) == ["yes"]


def test_the_caller_is_whoever_logs(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Context().log.info("here")
    assert caplog.records[0].funcName == "test_the_caller_is_whoever_logs"


def test_an_exception_is_kept_with_its_traceback() -> None:
    log = kept()
    try:
        raise ValueError("no such order")
    except ValueError:
        log.exception("failed")
    (message,) = messages(log)
    assert message.startswith("failed\nTraceback")
    assert message.endswith("ValueError: no such order")


def test_what_cannot_be_formatted_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(STANDARD, "propagate", False)
    monkeypatch.setattr(logging, "lastResort", None)
    log = kept()
    log.info("paid %d", "A-1042")
    assert messages(log) == ["'paid %d' (can't be formatted: TypeError)"]


def test_a_message_is_cut_and_made_storable() -> None:
    log = kept(Limits(message_characters_max=10))
    log.info("0123456789abcdef")
    log.info("\ud800")
    assert messages(log) == ["0123 … def", "?"]


def test_too_many_records_are_counted_and_left_out() -> None:
    log = kept(Limits(log_records_max=2))
    for n in range(5):
        log.info("record %d", n)
    first = log.take(8)
    assert [record.message for record in first] == [
        "record 0",
        "record 1",
        "and 3 more, left out: log_records_max is 2",
    ]
    assert (first[2].at, first[2].level) == (8, logging.WARNING)
    log.info("late")
    assert messages(log) == ["and 1 more, left out: log_records_max is 2"]


def test_many_threads_may_log_at_once() -> None:
    log = kept()
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        for _ in range(300):
            log.info("x")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = messages(log)
    assert told == ["x"] * 1_000 + ["and 200 more, left out: log_records_max is 1000"]
