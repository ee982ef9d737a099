"""Recorded histories mean what they meant when they were recorded: no change of the code may change the past.

An event leaves out what has its default, so a default is part of each history that was written with it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pectin.core.event import EVENTS, decode_events
from tests.histories.record import read, tell_events
from tests.histories.scenarios import SCENARIOS

HERE = Path(__file__).parent


def rows_of(name: str) -> list[bytes]:
    return (HERE / f"{name}.jsonl").read_bytes().splitlines()


def meaning_of(name: str) -> Any:
    return json.loads((HERE / f"{name}.read.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_recorded_history_means_what_it_meant(name: str) -> None:
    assert msgspec.to_builtins(read(rows_of(name))) == meaning_of(name)


def test_an_event_with_the_least_that_it_can_say_means_what_it_meant() -> None:
    events = [event for row in rows_of("least") for event in decode_events(row)]
    assert tuple(type(event) for event in events) == EVENTS
    assert msgspec.to_builtins(tell_events(events)) == meaning_of("least")


def test_every_kind_of_event_stands_in_some_history() -> None:
    found = {event["type"] for name in SCENARIOS for event in meaning_of(name)["events"]}
    assert found == {kind.__name__ for kind in EVENTS}
