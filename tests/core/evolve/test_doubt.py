"""The fold of doubt: a worker's affair while somebody is asked, a person's after that."""

from __future__ import annotations

import pytest

from pectin.core.event import (
    AnyEvent,
    DoubtLeft,
    DoubtRaised,
    DoubtResolved,
    NodeCompleted,
    ReconcileBegun,
    ReconcileInterrupted,
)
from pectin.core.evolve import fold
from pectin.core.status import NodeStatus
from tests.core.evolve.test_evolve import BEGUN, SCHEDULED, begin

RAISED = DoubtRaised(at=4, activation="a", attempt=1, reason="crash")
ASKED = DoubtRaised(at=4, activation="a", attempt=1, reason="crash", asks=True)
ASKING = ReconcileBegun(at=5, activation="a", by="w")
LEFT = DoubtLeft(at=6, activation="a")


@pytest.mark.parametrize(
    ("events", "busy", "waits", "ready"),
    [
        ([RAISED], 0, 1, []),
        ([ASKED], 1, 0, ["a"]),
        ([ASKED, ASKING], 1, 0, []),
        ([ASKED, ASKING, ReconcileInterrupted(at=6, activation="a", reason="crash")], 1, 0, ["a"]),
        ([ASKED, ASKING, LEFT], 0, 1, []),
        ([ASKED, LEFT], 0, 1, []),
        ([RAISED, DoubtResolved(at=7, activation="a", happened=False)], 1, 0, ["a"]),
        ([ASKED, DoubtResolved(at=7, activation="a", happened=False)], 1, 0, ["a"]),
        ([ASKED, ASKING, LEFT, DoubtResolved(at=7, activation="a", happened=False)], 1, 0, ["a"]),
        ([RAISED, NodeCompleted(at=7, activation="a", attempt=1)], 0, 0, []),
        ([ASKED, ASKING, NodeCompleted(at=7, activation="a", attempt=1)], 0, 0, []),
    ],
)
def test_what_is_counted(events: list[AnyEvent], busy: int, waits: int, ready: list[str]) -> None:
    run = begin(SCHEDULED, BEGUN, *events)
    assert (run.busy, run.waits, list(run.ready)) == (busy, waits, ready)


@pytest.mark.parametrize(
    "events",
    [
        [ASKING],
        [LEFT],
        [DoubtResolved(at=7, activation="a", happened=False)],
        [RAISED, RAISED],
        [RAISED, ASKING],
        [RAISED, LEFT],
        [DoubtRaised(at=4, activation="a", attempt=2, reason="crash")],
    ],
)
def test_what_can_t_be(events: list[AnyEvent]) -> None:
    with pytest.raises(AssertionError):
        fold(begin(SCHEDULED, BEGUN), events)


def test_who_said_so_is_kept() -> None:
    run = begin(SCHEDULED, BEGUN, RAISED, DoubtResolved(at=7, activation="a", happened=False, by="finance"))
    assert (run.resolved["a"].decision, run.resolved["a"].by) == ("did_not", "finance")
    assert run.activations["a"].status is NodeStatus.SCHEDULED
