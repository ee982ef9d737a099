"""Timeouts: their JSON, and what is refused."""

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
from pectin.core.timeout import TimeoutConfig

GOLDEN = Path(__file__).parent / "golden"
SOME_MS = st.integers(1, 100_000) | st.integers(1, DURATION_MS_MAX)
CONFIGS = st.builds(
    TimeoutConfig,
    node_timeout_ms=st.none() | SOME_MS,
    workflow_timeout_ms=st.none() | SOME_MS,
    heartbeat_interval_ms=SOME_MS,
    approval_timeout_ms=st.none() | SOME_MS,
)


def test_the_default_is_the_golden_document() -> None:
    document = json.loads((GOLDEN / "timeout_config_default.json").read_bytes())
    assert TimeoutConfig().to_json() == document
    assert list(TimeoutConfig().to_json()) == list(document)
    assert TimeoutConfig.from_json(document) == TimeoutConfig()


@given(CONFIGS)
def test_both_forms_are_read_back(config: TimeoutConfig) -> None:
    assert TimeoutConfig.from_json(config.to_json()) == config
    assert TimeoutConfig.from_json(json.dumps(config.to_json())) == config
    assert msgspec.json.decode(msgspec.json.encode(config), type=TimeoutConfig) == config


def test_durations_are_read_in_every_form() -> None:
    document = {
        "node_timeout": {"secs": 1, "nanos": 500_000_000},
        "workflow_timeout": "PT1H30M",
        "heartbeat_interval": 5,
        "approval_timeout": "72h",
    }
    assert TimeoutConfig.from_json(document) == TimeoutConfig(
        node_timeout_ms=1_500,
        workflow_timeout_ms=5_400_000,
        heartbeat_interval_ms=5_000,
        approval_timeout_ms=259_200_000,
    )


def test_what_is_missing_is_as_in_jamjet() -> None:
    assert TimeoutConfig.from_json({}) == TimeoutConfig(node_timeout_ms=None, heartbeat_interval_ms=30_000)


@pytest.mark.parametrize("name", TimeoutConfig().to_json())
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (0, "a timeout of 0 ends everything at once; write a longer one, or null for none"),
        (-1, "-1 is negative"),
        (0.5, "0.5 is no duration"),
        ("soon", "'soon' is no duration"),
        ({"secs": 1}, "{'secs': 1} is no duration"),
    ],
)
def test_bad_documents(name: str, value: Any, message: str) -> None:
    with pytest.raises(BadValue) as refusal:
        TimeoutConfig.from_json({name: value}, "timeouts")
    assert str(refusal.value).startswith(f"timeouts.{name}: {message}")


@pytest.mark.parametrize("name", TimeoutConfig.__struct_fields__)
@pytest.mark.parametrize("value", [0, -1, 1.5, "30s", True, DURATION_MS_MAX + 1])
def test_bad_arguments(name: str, value: Any) -> None:
    with pytest.raises(BadValue, match=f"^{name}: "):
        TimeoutConfig(**{name: value})


def test_a_heartbeat_is_never_off() -> None:
    none: Any = None
    with pytest.raises(BadValue, match=r"^heartbeat_interval_ms: null instead of an integer"):
        TimeoutConfig(heartbeat_interval_ms=none)
