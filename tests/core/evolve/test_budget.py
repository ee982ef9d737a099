"""The fold of what is reserved and spent: a history that doesn't add up stops."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pectin.core.budget import Amount
from pectin.core.event import AnyEvent, BudgetReserved, BudgetReturned, decode_events, encode_events
from pectin.core.evolve import evolve, fold
from pectin.core.state import Run, decode_snapshot, encode_snapshot
from tests.core.case import Case
from tests.core.world import fan, step

CEILING = Amount("0.4")


def played(slots: int = 1) -> Case:
    nodes = [fan("s"), step("a", ceiling=CEILING), step("b", ceiling=CEILING)]
    return Case("s -> a", "s -> b", nodes=nodes, slots=slots)


def test_the_history_of_what_was_spent_folds_to_it() -> None:
    case = played()
    case.done("a", spent=Amount("0.123456789012"))
    run = fold(Run(), decode_events(encode_events(case.events)))
    assert run == case.run
    assert (run.spent, run.reserve, list(run.reserved)) == (Amount("0.123456789012"), CEILING, ["b"])


def test_a_snapshot_keeps_the_line_and_what_is_reserved() -> None:
    run = played().run
    again = decode_snapshot(encode_snapshot(run))
    assert again == run
    assert (list(again.line), again.reserved) == (["b"], {"a": CEILING})
    again.line.pop("b")
    assert list(again.line) == []


@pytest.mark.parametrize(
    "event",
    [
        BudgetReserved(at=1, activation="a", amount=CEILING),
        BudgetReserved(at=1, activation="nobody", amount=CEILING),
        BudgetReturned(at=1, activation="a", amount=CEILING),
    ],
)
def test_what_doesn_t_follow_stops(event: AnyEvent) -> None:
    with pytest.raises((AssertionError, KeyError)):
        evolve(played().run, event)


def test_an_old_history_has_spent_nothing() -> None:
    rows: Sequence[bytes] = [
        b'[{"type":"execution_created","at":1,"execution_id":"e","workflow_id":"w","workflow_version":"1.0.0",'
        b'"definition":"d","input":{},"state":{}},{"type":"execution_started"},'
        b'{"type":"node_scheduled","activation":"a","node":"a"}]'
    ]
    run = fold(Run(), [event for row in rows for event in decode_events(row)])
    assert (run.spent, run.budget, list(run.ready), list(run.line)) == (Amount(), None, ["a"], [])
