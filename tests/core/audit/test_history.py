"""The audit takes whatever comes, folds it as long as it folds, and finds nothing in what our own code has made."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pectin.core.audit import Audit
from pectin.core.command import AnyCommand
from pectin.core.decide import Decision
from pectin.core.event import AnyEvent, decode_events
from pectin.core.evolve import fold
from pectin.core.state import Run
from pectin.nodes import bind
from tests.core.audit.histories import BEGIN, audited, codes
from tests.core.chance import random_definition
from tests.core.play import Play
from tests.histories.record import rows_of
from tests.histories.scenarios import SCENARIOS

PLAYS = settings().max_examples


def test_events_that_are_missing_are_a_gap() -> None:
    audit = Audit()
    for seq, event in ((1, BEGIN[0]), (3, BEGIN[1])):
        audit.take(seq, event)
    assert [(finding.code, finding.message) for finding in audit.findings] == [("gap", "event 3 follows event 1")]


# -- and nothing else -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
def test_recorded_histories_are_sound(name: str) -> None:
    events = [event for row in rows_of(name) for event in decode_events(row)]
    audit = audited(events)
    assert audit.findings == []
    assert audit.run == fold(Run(), events)


class AuditedPlay(Play):
    """After every command the history is sound."""

    def send(self, command: AnyCommand) -> Decision:
        if not self.sent:
            self.audit = Audit(self.program)
        decision = super().send(command)
        for event in decision.events:
            self.audit.take(self.audit.seq + 1, event)
        assert self.audit.findings == [], command
        assert self.audit.run == self.run
        return decision


def test_random_plays_are_sound() -> None:
    for seed in range(PLAYS):
        calm = seed % 2 == 0
        AuditedPlay(bind(random_definition(seed, calm)), seed, Random(seed), calm).play()


# -- damage raises nothing --------------------------------------------------------------------------------------

EVERYTHING = [decode_events(row) for name in SCENARIOS for row in rows_of(name)]
ANY = st.sampled_from([event for events in EVERYTHING for event in events])


@given(st.lists(ANY, max_size=30))
def test_whatever_a_history_holds_it_raises_nothing(events: list[AnyEvent]) -> None:
    audit = audited(events)
    assert audit.folds or audit.findings
    assert audit.seq == len(events)


@given(st.sampled_from(list(SCENARIOS)), st.data())
def test_a_history_with_an_event_too_few_or_too_many_raises_nothing(name: str, data: st.DataObject) -> None:
    events = [event for row in rows_of(name) for event in decode_events(row)]
    place = data.draw(st.integers(0, len(events) - 1))
    codes([*events[:place], *events[place + 1 :]])
    codes([*events[:place], data.draw(ANY), *events[place:]])
