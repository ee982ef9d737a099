"""What kinds have in common: settings that are read strictly, and durations."""

from __future__ import annotations

import msgspec
import pytest

from pectin.core.definition import Node
from pectin.core.duration import DURATION_MS_MAX
from pectin.core.kind import Scope, check_config, check_duration, check_key, check_written, read_config, waits
from pectin.core.program import Entry
from pectin.core.schema import Field, Integer, Null, Nullable, Object, Schema, String
from pectin.nodes import KINDS


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


NAMES = {"state", "iteration", "error"}


@pytest.mark.parametrize(
    ("scope", "entry", "edges", "inputs"),
    [
        (Scope(Object({})), {"state"}, {"state"}, {"state"}),
        (Scope(Object({}), in_loop=True), NAMES - {"error"}, NAMES - {"error"}, NAMES - {"error"}),
        (Scope(Object({}), by_limit=True), {"state", "error"}, {"state"}, {"state", "error"}),
        (Scope(Object({}), item=String()), {"state"}, {"state"}, {"state", "item", "index"}),
    ],
)
def test_each_place_has_its_variables(scope: Scope, entry: set[str], edges: set[str], inputs: set[str]) -> None:
    assert scope.variables().keys() == entry
    assert scope.edge_variables().keys() == edges
    assert scope.input_variables().keys() == inputs


def test_what_expressions_may_name_has_a_value_on_entry() -> None:
    everywhere = Scope(Object({}), in_loop=True, by_limit=True)
    assert everywhere.variables().keys() == Entry(state={}, at=0).variables().keys()


def test_kinds_that_neither_route_nor_are_run_wait() -> None:
    assert {kind.NAME for kind in KINDS if waits(kind)} == {"human_approval", "wait", "subgraph"}


STATE = Object({"order": Field(String()), "address": Field(Nullable(Object({"town": Field(String())}, name="Place")))})


@pytest.mark.parametrize(
    ("key", "given", "reduced", "told"),
    [
        ("order", String(), (), []),
        ("order", Integer(), (), ["ask `a` gives an int, and `state.order` is a string"]),
        ("order", Nullable(String()), (), ["ask `a` gives a string or null, and `state.order` is a string"]),
        ("unknown", Integer(), (), []),
        ("address", Null(), (), []),
        ("address", Object({}), (), ["ask `a` gives an object, and `state.address` is a Place or null"]),
        ("address", Object({}), ("address",), []),
        ("address", Integer(), ("address",), ["ask `a` gives an int, and `state.address` is a Place or null"]),
    ],
)
def test_what_is_written_fits_its_key(key: str, given: Schema, reduced: tuple[str, ...], told: list[str]) -> None:
    problems = check_written(Node("a", "ask"), key, given, Scope(STATE, reduced=reduced))
    assert [problem.message for problem in problems] == told


@pytest.mark.parametrize(("key", "hint"), [("ordre", "did you mean `order`?"), ("zzz", "declare it there")])
def test_a_key_is_one_of_the_state(key: str, hint: str) -> None:
    (problem,) = check_key(Node("a", "ask"), "`output_key`", key, Scope(STATE))
    assert (problem.code, problem.hint) == ("E019", hint)
    assert problem.message == f"ask `a` has the `output_key` `{key}`, and the state has no such field"
    assert check_key(Node("a", "ask"), "`output_key`", key, Scope(Object({}, open=True))) == []
