"""What the outside world says, and whether it changed as it does calmly."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.testing.crashtest import ProbeFailed
from pectin.testing.crashtest.probe import DIRECTORY, Probe, World, change, same_change, show

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "1 payment", "2 payments", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


def world(folder: Path, probe: Probe | None, *, inside: bool = True) -> World:
    return World(folder, probe, inside=inside)


def test_the_directory_of_the_trial_is_named_and_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DIRECTORY, "before")
    here = world(tmp_path, f'ls -A "${DIRECTORY}"')
    with here.open():
        here.renew()
        place = Path(os.environ[DIRECTORY])
        (place / "paid").touch()
        assert here.read() == ["paid"]
        here.renew()
        assert here.read() == []
    assert os.environ[DIRECTORY] == "before"


@pytest.mark.parametrize("inside", [False, True])
def test_a_function_is_asked_in_a_process_of_its_own_or_here(tmp_path: Path, inside: bool) -> None:
    async def later() -> dict[str, int]:
        await asyncio.sleep(0)
        return {"pid": os.getpid()}

    said = world(tmp_path, later, inside=inside).read()
    assert isinstance(said, dict)
    assert (said["pid"] == os.getpid()) is inside


def test_a_command_may_say_json_or_lines(tmp_path: Path) -> None:
    assert world(tmp_path, """echo '{"paid": 1}'""").read() == {"paid": 1}
    assert world(tmp_path, "echo 1 payment; echo").read() == ["1 payment"]
    assert world(tmp_path, None).read() is None


def fail() -> None:
    raise LookupError("the bank is closed")


@pytest.mark.parametrize("inside", [False, True])
def test_a_function_that_fails_is_told(tmp_path: Path, inside: bool) -> None:
    with pytest.raises(ProbeFailed, match="the probe `fail` failed: LookupError: the bank is closed"):
        world(tmp_path, fail, inside=inside).read()


@pytest.mark.parametrize(
    ("probe", "says"),
    [
        ("echo no money >&2; exit 3", "ended with exit code 3: no money"),
        ("exit 4", "the probe `exit 4` ended with exit code 4"),
        (lambda: object(), "returned what JSON can't say"),
    ],
)
def test_a_probe_that_fails_is_told(tmp_path: Path, probe: Probe, says: str) -> None:
    with pytest.raises(ProbeFailed) as told:
        world(tmp_path, probe).read()
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (3, 5, 2),
        ("paid 3 of 9", "paid 5 of 9", ["paid # of #", [2.0, 0.0]]),
        (["a"], ["a", "b", "b"], [['"b"', '"b"'], []]),
        (["a", "b"], ["a"], [[], ['"b"']]),
        ({"x": 1, "y": 2}, {"x": 1, "y": 4}, {"x": 0, "y": 2}),
        ("red", "green", ["red", "green"]),
        (True, False, [True, False]),
        (None, None, None),
    ],
)
def test_what_is_new(before: Any, after: Any, new: Any) -> None:
    assert change(before, after) == new


@given(JSON, JSON)
def test_the_same_before_and_after_is_the_same_change(before: Any, after: Any) -> None:
    assert same_change((before, after), (before, after))


@given(JSON, JSON, JSON)
def test_in_a_world_that_is_the_same_before_only_the_same_after_will_do(before: Any, one: Any, two: Any) -> None:
    assert same_change((before, one), (before, two)) is (one == two)


def test_a_world_that_is_never_reset_is_compared_by_what_is_new() -> None:
    assert same_change((0, 1), (7, 8))
    assert not same_change((0, 1), (7, 9))
    assert same_change((["a"], ["a", "b"]), (["a", "b"], ["a", "b", "b"]))


@pytest.mark.parametrize(
    ("said", "shown"),
    [(["1 payment"], "1 payment"), (["a", "b"], "2 lines"), ([1, 2], "2 entries"), ({"a": 1}, '{"a":1}'), ("x", "x")],
)
def test_it_is_shown_in_a_few_words(said: Any, shown: str) -> None:
    assert show(said) == shown


def test_nobody_waits_for_a_probe_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pectin.testing.crashtest import probe

    monkeypatch.setattr(probe, "_SECONDS_MAX", 0.2)
    began = time.monotonic()
    hang: Callable[[], Any] = lambda: __import__("threading").Event().wait()  # noqa: E731
    for slow, inside in (("sleep 30", True), (hang, False)):
        with pytest.raises(ProbeFailed, match="took longer than"):
            world(tmp_path, slow, inside=inside).read()
    assert time.monotonic() - began < 20


def test_what_a_command_began_is_ended_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.testing.crashtest.probe._SECONDS_MAX", 0.5)
    pid = tmp_path / "pid"
    with pytest.raises(ProbeFailed, match="took longer than"):
        world(tmp_path, f"sleep 60 & echo $! > {pid}; wait").read()
    began = time.monotonic()
    stat = Path(f"/proc/{pid.read_text().strip()}/stat")
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() - began < 10
