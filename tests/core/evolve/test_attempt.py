"""The fold of attempts: who may begin them, and who may not any more."""

from __future__ import annotations

import pytest

from pectin.core.event import AttemptInterrupted, NodeQuarantined, QuarantineReleased
from pectin.core.evolve import evolve
from tests.core.evolve.test_evolve import BEGUN, SCHEDULED, begin

QUARANTINED = NodeQuarantined(at=5, activation="a", interruptions=3)


def test_what_is_in_quarantine_is_not_ready_until_it_is_released() -> None:
    run = begin(SCHEDULED, BEGUN, AttemptInterrupted(at=4, activation="a", attempt=1, reason="crash"), QUARANTINED)
    assert (run.ready, run.quarantined, run.busy) == ({}, {"a": 5}, 1)
    evolve(run, QuarantineReleased(at=6, activation="a"))
    assert (run.ready, run.quarantined) == ({"a": None}, {})
    assert run.activations["a"].interruptions == 0


def test_only_what_could_be_begun_is_put_in_quarantine() -> None:
    with pytest.raises(AssertionError):
        begin(SCHEDULED, BEGUN, QUARANTINED)
    with pytest.raises(KeyError):
        begin(SCHEDULED, QuarantineReleased(at=6, activation="a"))
