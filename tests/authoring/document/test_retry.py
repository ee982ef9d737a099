"""Retry policies."""

from __future__ import annotations

import pytest

from pectin import RetryPolicy
from pectin.authoring.document.reading import read_text
from pectin.core.retry import PRESETS, Backoff
from tests.authoring.document.transcript import HEAD


@pytest.mark.parametrize(
    ("said", "policy"),
    [
        *PRESETS.items(),
        ("{max_attempts: 3}", RetryPolicy(max_attempts=3)),
        (
            "{max_attempts: 2, backoff: fixed, initial_delay: 0, max_delay: 1m, jitter: false, retryable_on: [x, y]}",
            RetryPolicy(
                max_attempts=2,
                backoff=Backoff.FIXED,
                initial_delay_ms=0,
                max_delay_ms=60_000,
                jitter=False,
                retryable_on=("x", "y"),
            ),
        ),
    ],
)
def test_presets_and_policies(said: str, policy: RetryPolicy) -> None:
    draft = read_text(f"{HEAD}nodes: {{a: {{run: f, retry: {said}}}}}\n", "w.yaml")[0].draft
    assert draft.problems == []
    assert draft.nodes["a"].retry == policy
