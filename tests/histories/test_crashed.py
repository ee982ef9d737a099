"""What was recorded of processes that died folds for ever, means what it meant, and is sound."""

from __future__ import annotations

import pytest

from pectin.core.audit import Audit
from pectin.core.event import AnyEvent, AttemptInterrupted, DoubtRaised, decode_events
from tests.crash.every_write.scenarios import SCENARIOS
from tests.histories.crashed import Recorded, meanings, means_now, recorded
from tests.histories.record import rows_of
from tests.histories.scenarios import SCENARIOS as PLAYS

RECORDED = recorded()
MEANT = meanings()


def test_every_scenario_is_recorded() -> None:
    assert {each.scenario for each in RECORDED} >= SCENARIOS.keys()
    assert {(each.scenario, each.role) for each in RECORDED} == MEANT.keys()


@pytest.mark.parametrize("each", RECORDED, ids=lambda each: f"{each.scenario}, {each.role}")
def test_a_recorded_history_folds_and_means_what_it_meant(each: Recorded) -> None:
    assert means_now(each) == MEANT[each.scenario, each.role]


def test_most_of_them_were_cut_off() -> None:
    cut = {each.scenario for each in RECORDED for event in events_of(each.rows) if isinstance(event, CUTS)}
    assert len(cut) > len(SCENARIOS) / 2


CUTS = (AttemptInterrupted, DoubtRaised)


@pytest.mark.parametrize("rows", [each.rows for each in RECORDED] + [tuple(rows_of(name)) for name in PLAYS])
def test_the_audit_finds_nothing_in_any_recorded_history(rows: tuple[bytes, ...]) -> None:
    audit = Audit()
    for seq, event in enumerate(events_of(rows), start=1):
        audit.take(seq, event)
    assert audit.folds
    assert audit.findings == []


def events_of(rows: tuple[bytes, ...]) -> list[AnyEvent]:
    return [event for row in rows for event in decode_events(row)]
