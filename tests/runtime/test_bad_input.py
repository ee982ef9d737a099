"""Bad input gets a clear error, and nothing is written."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

import pectin
from pectin import BadInput, BadValue, CommandRefused, Engine, Execution, ExecutionFailed, Workflow
from pectin.core.codec import decode_json
from pectin.core.limits import LIMITS
from pectin.ports.store import DefinitionTaken, Find, StoreBroken, StoreBusy, StoreError
from tests.runtime.sample import ZERO, Count, add, asking, chain, events_of

Open = dict[str, Any]


def open_workflow() -> Workflow[Open]:
    """A workflow that takes any JSON object, and waits."""
    workflow: Workflow[Open] = Workflow("open", version="1.0.0", state=dict[str, Any])
    workflow.approval("review", "Well?").on(approved="end", rejected="end")
    return workflow


def deep() -> list[Any]:
    nested: list[Any] = []
    for _ in range(200):
        nested = [nested]
    return nested


# -- inputs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (float("nan"), "nan is no JSON number"),
        (float("inf"), "inf is no JSON number"),
        ("\ud800", "half a surrogate pair"),
        (2**64, "an integer beyond 64 bits"),
        ("x" * (9 * 1024 * 1024), "8388608 are allowed"),
        ((1, 2), "tuple is no JSON type"),
        ({1: "one"}, "the key 1 is of type int"),
        (b"bytes", "bytes is no JSON type"),
        (deep(), "more than 128 levels deep"),
    ],
    ids=["nan", "inf", "surrogate", "2^64", "9 MiB", "tuple", "key", "bytes", "deep"],
)
async def test_what_is_no_json_is_refused_with_its_place(value: object, complaint: str) -> None:
    workflow = open_workflow()
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises((BadInput, BadValue), match=complaint) as refused:
            await engine.start(workflow, {"fine": 1, "bad": value}, key="A")
        assert "input" in str(refused.value)
        assert await engine.store.find(Find()) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"n": }', "line 1, column 7"),
        ('{"n": NaN}', "line 1, column 7"),
        ('{"n": 1, "n": 2}', "line 1, column 10"),
        ('{"n": 1}\n{"n": 2}', "line 2, column 1"),
        ("", "line 1, column 1"),
        ("\ufeff{}", "byte order mark"),
        ('{"n": "\\ud800"}', "half a surrogate pair"),
        ('{"n": 18446744073709551616}', "64 bits"),
    ],
)
def test_bad_json_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(BadValue, match=place):
        decode_json(text, LIMITS.payload_bytes_max)


async def test_a_field_that_is_misspelt_is_refused_with_a_hint() -> None:
    workflow = chain(add)
    async with Engine("memory:", workflows=[workflow]) as engine:
        with pytest.raises(BadInput) as refused:
            await engine.start(workflow, {"m": 1})
        assert "m: there is no such field" in str(refused.value)
        assert await engine.store.find(Find()) == []


# -- commands ----------------------------------------------------------------------------------------------

Ask = Callable[[Execution[Count]], Awaitable[object]]


ASKS: list[tuple[Ask, str, str]] = [
    (lambda e: e.approve("rewiew", by="me"), "unknown_node", "there is no node `rewiew`"),
    (lambda e: e.approve("before", by="me"), "not_waiting", "`before` does not wait"),
    (lambda e: e.decide("review", "perhaps", by="me"), "unknown_decision", "it has `approved`, `rejected`"),
    (lambda e: e.decide("review", "timeout", by="me"), "unknown_decision", "no decision `timeout`"),
    (lambda e: e.approve("review", by=""), "no_actor", "say who"),
    (lambda e: e.approve("review", by=" "), "no_actor", "say who"),
    (lambda e: e.decide("review", "approved", by="me", digest="f" * 64), "other_request", "look again"),
]


@pytest.mark.parametrize(("ask", "code", "complaint"), ASKS)
async def test_a_command_that_cannot_be_is_refused(ask: Ask, code: str, complaint: str) -> None:
    workflow = asking(deadline="3d")
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        before = await events_of(execution)
        with pytest.raises(CommandRefused, match=complaint) as refused:
            await ask(execution)
        assert refused.value.code == code
        assert await events_of(execution) == before


async def test_what_has_ended_refuses_a_cancel_and_a_decision() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        await execution.until("review")
        await execution.approve("review", by="me")
        await execution.result()
        before = await events_of(execution)
        with pytest.raises(CommandRefused, match="has ended: completed"):
            await execution.cancel(by="you")
        with pytest.raises(CommandRefused, match="approved by me before"):
            await execution.reject("review", by="you")
        assert await events_of(execution) == before


async def test_a_key_with_another_input_writes_nothing() -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        first = await engine.start(workflow, ZERO, key="A")
        with pytest.raises(CommandRefused, match="another input"):
            await engine.start(workflow, {"n": 1}, key="A")
        assert [found.execution for found in await engine.store.find(Find())] == [first.id]


# -- stores ------------------------------------------------------------------------------------------------


def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    text, foreign = tmp_path / "notes.txt", tmp_path / "other.db"
    text.write_bytes(b"these are notes, and no database at all" * 100)
    with sqlite3.connect(foreign) as connection:
        connection.execute("create table theirs (x)")
    connection.close()
    for path in (text, foreign):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=path.name):
            pectin.run(chain(add), ZERO, store=path)
        assert path.read_bytes() == before


def test_a_damaged_store_says_so_and_stops(tmp_path: Path) -> None:
    path = tmp_path / "pectin.db"
    for number in range(50):
        pectin.run(chain(add), ZERO, store=path, key=f"{number}")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
    with pytest.raises((StoreError, StoreBroken), match=r"pectin\.db"):
        pectin.run(chain(add), ZERO, store=path, key="new")


def test_a_place_that_cannot_hold_a_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, complaint in (
        (tmp_path, "is a directory"),
        (tmp_path / "file" / "pectin.db", "can't be made"),
        (Path("/proc/pectin.db"), "/proc/pectin.db"),
    ):
        with pytest.raises(StoreError, match=complaint):
            pectin.run(chain(add), ZERO, store=path)


def test_a_second_engine_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold(state: Count) -> Count:
        inside.set()
        leave.wait()
        return {"n": state["n"] + 1}

    results: list[Count] = []
    first = threading.Thread(target=lambda: results.append(pectin.run(chain(hold), ZERO, store=tmp_path / "pectin.db")))
    first.start()
    inside.wait()
    with pytest.raises(StoreBusy, match=r"has .*pectin\.db"):
        pectin.run(chain(hold), ZERO, store=tmp_path / "pectin.db")
    leave.set()
    first.join()
    assert results == [{"n": 1}]


def test_another_graph_under_a_version_is_refused(tmp_path: Path) -> None:
    pectin.run(chain(add), ZERO, store=tmp_path / "pectin.db")
    with pytest.raises(DefinitionTaken, match="counting"):
        pectin.run(chain(add, add), ZERO, store=tmp_path / "pectin.db")


def test_a_failure_of_a_node_is_not_one_of_the_store(tmp_path: Path) -> None:
    async def fail(state: Count) -> Count:
        raise StoreBroken("says the author's own function")

    with pytest.raises(ExecutionFailed, match="own function"):
        pectin.run(chain(fail), ZERO, store=tmp_path / "pectin.db")


@pytest.mark.parametrize("after", ["x", -1, True, None])
async def test_events_are_numbered(after: Any) -> None:
    workflow = asking()
    async with Engine("memory:", workflows=[workflow]) as engine:
        execution = await engine.start(workflow, ZERO)
        with pytest.raises(BadValue, match="is no event's number; write a whole number from 0 on"):
            await anext(execution.events(after=after))
