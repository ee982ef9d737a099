"""What is on disk stays readable: numbers of statuses never change."""

from __future__ import annotations

from pectin.core.status import WorkflowStatus
from pectin.store.sqlite.change import STATUS_NUMBER


def test_statuses_have_these_numbers_for_ever() -> None:
    assert {status.value: number for status, number in STATUS_NUMBER.items()} == {
        "pending": 0,
        "running": 1,
        "paused": 2,
        "completed": 3,
        "failed": 4,
        "cancelled": 5,
        "limit_exceeded": 6,
    }


def test_every_status_has_a_number() -> None:
    assert STATUS_NUMBER.keys() == set(WorkflowStatus)
