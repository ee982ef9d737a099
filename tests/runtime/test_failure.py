"""Exceptions as data."""

from __future__ import annotations

import pytest

from pectin.core.limits import LIMITS, Limits
from pectin.runtime.failure import classify, describe, retry_after_ms


class WithStatus(Exception):
    def __init__(self, **attributes: object) -> None:
        super().__init__("refused")
        for name, value in attributes.items():
            setattr(self, name, value)


class Response:
    def __init__(self, status_code: int, headers: dict[str, str] | None = None) -> None:
        self.status_code = status_code
        self.headers = headers or {}


class Headers:
    def get(self, name: str) -> str:
        raise LookupError(name)


@pytest.mark.parametrize(
    ("error", "error_class"),
    [
        (OSError("disk"), "io_error"),
        (FileNotFoundError("x"), "io_error"),
        (TimeoutError(), "timeout"),
        (ConnectionResetError(), "connection_reset"),
        (WithStatus(status_code=429), "rate_limit"),
        (WithStatus(status=503), "server_error"),
        (WithStatus(code=500), "server_error"),
        (WithStatus(response=Response(502)), "server_error"),
        (WithStatus(status_code=404), "WithStatus"),
        (WithStatus(status_code="429"), "WithStatus"),
        (WithStatus(error_class="declined", status_code=500), "declined"),
        (ValueError("no"), "ValueError"),
    ],
)
def test_an_exception_has_a_class_for_the_retry_policy(error: Exception, error_class: str) -> None:
    assert classify(error) == error_class


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (WithStatus(retry_after=2.5), 2_500),
        (WithStatus(response=Response(429, {"retry-after": "7"})), 7_000),
        (WithStatus(headers={"retry-after": "0"}), 0),
        (WithStatus(retry_after="tomorrow"), None),
        (WithStatus(retry_after=-1), None),
        (WithStatus(retry_after=float("nan")), None),
        (WithStatus(retry_after=float("inf")), None),
        (WithStatus(retry_after=10**400), None),
        (WithStatus(headers=Headers()), None),
        (ValueError(), None),
    ],
)
def test_what_the_callee_asks_for_is_heeded_if_it_is_a_time(error: Exception, asked: int | None) -> None:
    assert retry_after_ms(error) == asked


def test_the_authors_frames_are_kept_and_everything_is_bounded_and_json() -> None:
    def fail() -> None:
        raise ValueError("half a pair: \ud800 " + "x" * 10_000)

    with pytest.raises(ValueError, match="half a pair") as raised:
        fail()
    told = describe(raised.value, 3, LIMITS)
    short = describe(raised.value, 1, Limits(traceback_characters_max=20))
    assert (told.error_class, told.type, told.attempt) == ("ValueError", "ValueError", 3)
    assert told.message.startswith("half a pair: ?")
    assert len(told.message) == LIMITS.message_characters_max
    assert told.traceback is not None
    assert told.traceback.splitlines()[-1].startswith(f"{__file__}:")
    assert " in fail: raise ValueError" in told.traceback
    assert len(short.traceback or "") == 20


def test_a_class_of_errors_is_bounded_and_json() -> None:
    told = describe(WithStatus(error_class="a\ud800" + "x" * 5_000), 1, LIMITS)
    assert told.error_class.startswith("a?x")
    assert len(told.error_class) == LIMITS.identifier_characters_max


def test_an_exception_whose_text_fails_is_described_all_the_same() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

        @property
        def response(self) -> str:
            raise RuntimeError

    told = describe(Mute(), 1, LIMITS)
    assert (told.type, told.message) == ("Mute", "(its message can't be read: RuntimeError)")
    assert retry_after_ms(Mute()) is None
