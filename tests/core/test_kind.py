"""What kinds have in common: settings that are read strictly, and durations."""

from __future__ import annotations

import msgspec
import pytest

from pectin.core.definition import Node
from pectin.core.duration import DURATION_MS_MAX
from pectin.core.kind import Scope, check_config, check_duration, read_config
from pectin.core.schema import Object


class Config(msgspec.Struct, frozen=True):
    prompt: str
    deadline_ms: int | None = None


def complaints(**config: object) -> list[str]:
    """What is wrong with these settings."""
    return [f"{p.message}; {p.hint}" if p.hint else p.message for p in check_config(Node("a", "ask", config), Config)]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"prompt": "x"}, []),
        ({"prompt": "x", "deadline_ms": None}, []),
        ({}, ["ask `a` needs the setting `prompt`"]),
        ({"prompt": 5}, ["ask `a`, `prompt`: expected `str`, got `int`"]),
        ({"prompt": "x", "deadline_ms": True}, ["ask `a`, `deadline_ms`: expected `int | null`, got `bool`"]),
        ({"prompt": "x", "deadline": 5}, ["ask `a` has no setting 'deadline'; did you mean `deadline_ms`?"]),
        ({"prompt": "x", "zzz": 5}, ["ask `a` has no setting 'zzz'; it has `prompt`, `deadline_ms`"]),
    ],
)
def test_settings_are_read_strictly(config: dict[str, object], told: list[str]) -> None:
    assert complaints(**config) == told
    read = read_config(Node("a", "ask", config), Config)
    assert (read is None) == bool(told)


def test_all_is_told_at_once() -> None:
    assert len(complaints(promt="x", deadline_ms="5")) == 3


@pytest.mark.parametrize(
    ("duration_ms", "fine"),
    [(None, True), (1, True), (DURATION_MS_MAX, True), (0, False), (-1, False), (DURATION_MS_MAX + 1, False)],
)
def test_durations_are_more_than_nothing(duration_ms: int | None, fine: bool) -> None:
    assert (check_duration(Node("a", "ask"), "deadline", duration_ms) == []) == fine


def test_the_iteration_is_a_variable_in_loops_only() -> None:
    assert Scope(Object({})).variables().keys() == {"state"}
    assert Scope(Object({}), in_loop=True).variables().keys() == {"state", "iteration"}
