"""Retry policies: their delays, their JSON, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.duration import DURATION_MS_MAX
from pectin.core.error import BadValue
from pectin.core.retry import NEVER_RETRIED, PRESETS, Backoff, ErrorClass, RetryPolicy

GOLDEN = Path(__file__).parent / "golden"
DRAWS = st.floats(0, 1, exclude_max=True)
DELAYS_MS = st.integers(0, 100_000) | st.integers(0, DURATION_MS_MAX)
CLASSES = st.sampled_from([name.value for name in ErrorClass]) | st.text(min_size=1)


@st.composite
def policies(draw: st.DrawFn) -> RetryPolicy:
    initial_delay_ms, max_delay_ms = sorted([draw(DELAYS_MS), draw(DELAYS_MS)])
    return RetryPolicy(
        max_attempts=draw(st.integers(1, 2**32 - 1)),
        backoff=draw(st.sampled_from(Backoff)),
        initial_delay_ms=initial_delay_ms,
        max_delay_ms=max_delay_ms,
        jitter=draw(st.booleans()),
        retryable_on=tuple(draw(st.lists(CLASSES, max_size=4))),
    )


def policy(backoff: str, jitter: bool = False) -> RetryPolicy:
    return RetryPolicy(
        max_attempts=9, backoff=Backoff(backoff), initial_delay_ms=1_500, max_delay_ms=20_000, jitter=jitter
    )


@pytest.mark.parametrize(
    ("backoff", "delays_ms"),
    [
        ("fixed", [1_500, 1_500, 1_500, 1_500, 1_500, 1_500]),
        ("linear", [1_500, 3_000, 4_500, 6_000, 7_500, 9_000]),
        ("exponential", [1_500, 3_000, 6_000, 12_000, 20_000, 20_000]),
    ],
)
def test_the_delays_of_every_backoff(backoff: str, delays_ms: list[int]) -> None:
    assert [policy(backoff).delay_ms(n, draw=0.7) for n in range(1, 7)] == delays_ms


@pytest.mark.parametrize(("draw", "delay_ms"), [(0.0, 3_000), (0.5, 4_500), (0.999999, 6_000)])
def test_jitter_takes_up_to_half_of_the_delay_away(draw: float, delay_ms: int) -> None:
    assert policy("exponential", jitter=True).delay_ms(3, draw) == delay_ms


@given(policies(), st.integers(1, 10**30), DRAWS)
def test_a_delay_stays_between_half_and_all_of_what_is_allowed(policy: RetryPolicy, n: int, draw: float) -> None:
    whole_ms = msgspec.structs.replace(policy, jitter=False).delay_ms(n, draw)
    delay_ms = policy.delay_ms(n, draw)
    assert whole_ms <= policy.max_delay_ms
    assert whole_ms <= 2 * delay_ms <= 2 * whole_ms
    assert policy.delay_ms(n + 1, draw) >= delay_ms


@pytest.mark.parametrize(("n", "draw"), [(0, 0.5), (1, 1.0), (1, -0.1)])
def test_a_retry_or_draw_that_cannot_be_is_a_bug(n: int, draw: float) -> None:
    with pytest.raises(AssertionError):
        policy("fixed").delay_ms(n, draw)


def test_classes_that_may_be_tried_again() -> None:
    some = RetryPolicy(max_attempts=2, retryable_on=("timeout", "bank_is_down"))
    assert [some.allows(name) for name in ("timeout", "bank_is_down", "io_error")] == [True, True, False]
    assert RetryPolicy(max_attempts=2).allows("anything")
    assert not any(RetryPolicy(max_attempts=2, retryable_on=(name,)).allows(name) for name in NEVER_RETRIED)


def test_presets() -> None:
    table = {
        name: (
            preset.max_attempts,
            preset.backoff.value,
            preset.initial_delay_ms,
            preset.max_delay_ms,
            preset.jitter,
            preset.retryable_on,
        )
        for name, preset in PRESETS.items()
    }
    assert table == {
        "io_default": (3, "exponential", 1_000, 30_000, True, ("io_error", "timeout", "connection_reset")),
        "llm_default": (3, "exponential", 2_000, 60_000, True, ("rate_limit", "timeout", "server_error")),
        "no_retry": (1, "fixed", 0, 0, False, ()),
    }


@pytest.mark.parametrize("name", ["retry_policy_io_default", "retry_policy_custom"])
def test_golden_documents(name: str) -> None:
    document = json.loads((GOLDEN / f"{name}.json").read_bytes())
    assert RetryPolicy.from_json(document).to_json() == document


def test_the_golden_preset_is_the_preset() -> None:
    document = json.loads((GOLDEN / "retry_policy_io_default.json").read_bytes())
    assert RetryPolicy.from_json(document) == PRESETS["io_default"]


@given(policies())
def test_both_forms_are_read_back(policy: RetryPolicy) -> None:
    written = json.dumps(policy.to_json())
    assert RetryPolicy.from_json(json.loads(written)) == policy
    assert RetryPolicy.from_json(written) == RetryPolicy.from_json(written.encode()) == policy
    assert msgspec.json.decode(msgspec.json.encode(policy), type=RetryPolicy) == policy


def test_delays_are_read_in_every_form() -> None:
    document = PRESETS["io_default"].to_json() | {
        "initial_delay": "250ms",
        "max_delay": {"secs": 1, "nanos": 500_000_000},
    }
    read = RetryPolicy.from_json(document)
    assert (read.initial_delay_ms, read.max_delay_ms) == (250, 1_500)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_attempts": 0}, "$.max_attempts: 0 attempts; write 1 or more: the first counts"),
        ({"max_attempts": "3"}, "$.max_attempts: text instead of an integer"),
        ({"backoff": "quadratic"}, "$.backoff: 'quadratic' is unknown; write one of fixed, linear, exponential"),
        ({"initial_delay": -1}, "$.initial_delay: -1 is negative"),
        ({"initial_delay": 1.5}, "$.initial_delay: 1.5 is no duration"),
        ({"max_delay": 2**64 - 1}, "$.max_delay: 18446744073709551615 is longer than 100 years"),
        ({"initial_delay": 60}, "$.max_delay: 30 s is less than initial_delay, 1 min; write 1 min or more"),
        ({"jitter": 1}, "$.jitter: a number instead of a boolean"),
        ({"retryable_on": "timeout"}, "$.retryable_on: 'timeout' is no list"),
        ({"retryable_on": ["timeout", 1]}, "$.retryable_on[1]: a number instead of text"),
        ({"retryable_on": [{"customs": "x"}]}, "$.retryable_on[0].custom: is missing"),
        ({"retryable_on": [""]}, "$.retryable_on: ('',) is no tuple of classes"),
    ],
)
def test_bad_documents(change: dict[str, Any], message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        RetryPolicy.from_json(PRESETS["io_default"].to_json() | change)
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize("name", PRESETS["io_default"].to_json())
def test_every_field_is_required(name: str) -> None:
    document = PRESETS["io_default"].to_json()
    del document[name]
    with pytest.raises(BadValue, match=rf"^\$\.{name}: is missing; add it$"):
        RetryPolicy.from_json(document)


@pytest.mark.parametrize(
    "change",
    [
        {"max_attempts": 0},
        {"backoff": "no"},
        {"initial_delay_ms": -1},
        {"max_delay_ms": 1.5},
        {"initial_delay_ms": 9, "max_delay_ms": 8},
        {"retryable_on": "timeout"},
    ],
)
def test_bad_arguments(change: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"max_attempts": 3, **change}
    with pytest.raises(BadValue):
        RetryPolicy(**arguments)


def test_a_backoff_may_be_given_by_name() -> None:
    linear: Any = "linear"
    assert RetryPolicy(max_attempts=2, backoff=linear).backoff is Backoff.LINEAR
