"""Recorded histories mean what they meant when they were recorded: no change of the code may change the past.

An event leaves out what has its default, so a default is part of each history that was written with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from pectin.core.event import EVENTS, AnyEvent, Route, decode_events
from tests.histories.meaning import changes
from tests.histories.record import LEAST, meaning_of, meant_now, record, rows_of
from tests.histories.scenarios import SCENARIOS

NEVER_WRITTEN = {("node_skipped", "unresolved"), ("node_cancelled", "unresolved"), ("child_scheduled", "at")}
"""All events that settle an activation have it, but only a join that fires early leaves ways behind. What a child is
scheduled by stands before it, with the same time."""


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_recorded_history_means_what_it_meant(name: str) -> None:
    assert meant_now(name) == meaning_of(name)


def test_an_event_with_the_least_that_it_can_say_means_what_it_meant() -> None:
    events = [event for row in rows_of(LEAST) for event in decode_events(row)]
    assert tuple(type(event) for event in events) == EVENTS
    assert meant_now(LEAST) == meaning_of(LEAST)


def test_every_kind_of_event_says_everything_that_it_can_in_some_history() -> None:
    events = [event for name in SCENARIOS for row in rows_of(name) for event in json.loads(row)]
    written = {(event["type"], field) for event in events for field in event.keys() - {"type"}}
    assert written == {(_tag(kind), field) for kind in EVENTS for field in kind.__struct_fields__} - NEVER_WRITTEN
    ways = {way for event in events for way in event.get("route", ())}
    assert ways == set(Route.__struct_fields__)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_nothing_is_written_that_goes_without_saying(name: str) -> None:
    for row in await record(SCENARIOS[name]):
        for event, written in zip(decode_events(row), json.loads(row), strict=True):
            assert [field for field in _at_their_defaults(event) if field in written] == []


def test_a_meaning_may_say_more_and_nothing_else() -> None:
    then: dict[str, Any] = {"events": [{"type": "NodeSkipped", "loop": None}], "fired": {}}
    assert list(changes(then, {"events": [{"type": "NodeSkipped", "loop": None, "unresolved": 0}], "fired": {}})) == []
    now = {"events": [{"type": "NodeSkipped", "loop": "g"}]}
    assert list(changes(then, now)) == ["$.events[0].loop was None and is 'g'", "$.fired is gone"]
    assert list(changes(then, {**then, "events": []})) == [f"$.events was {then['events']!r} and is []"]


def _tag(kind: type[msgspec.Struct]) -> Any:
    return kind.__struct_config__.tag


def _at_their_defaults(event: AnyEvent) -> Iterator[str]:
    for field in msgspec.structs.fields(event):
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        if getattr(event, field.name) == default:
            yield field.name
