"""Each workload, made small: it gives its measures, and what the limits name is measured. Whether they are good is for
`make bench` to say. And the planted defects: an engine that is slow, one that is wrong, one that isn't durable.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.limits import Bound, missed, read_limits
from bench.measure import Bench, WrongResult
from bench.targets import Target, read_targets
from bench.workloads import WORKLOADS, cold, footprint, many, measure, sequential
from pectin.ports.store import Commit
from pectin.store.sqlite import SqliteStore

SLOW = ("cold", "timers")
"""They start processes, or wait for times; what they need is tested by itself."""


def test_every_workload_measures_and_every_limit_and_target_is_of_a_measure(tmp_path: Path) -> None:
    measures = [found for name in WORKLOADS if name not in SLOW for found in measure(name, small(tmp_path / name))]
    keys = [found.key for found in measures]
    assert len(set(keys)) == len(keys)
    assert all(found.ours >= 0 for found in measures)
    at_full_size = {key.replace("-100-", "-10000-") if key.startswith("history-") else key for key in keys}
    named = {*read_limits(), *(target.key for target in read_targets())}
    assert {key for key in named - at_full_size if not key.startswith(("cold-", "timer-"))} == set()


class Ticks:
    """A clock of which every look takes a second: for the raw probe, a commit takes one."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> float:
        self.now += 1
        return self.now


class TimedStore(SqliteStore):
    """The store of an engine each of whose commits takes so many seconds by a clock of ticks."""

    def __init__(self, path: Path, ticks: Ticks, seconds: int) -> None:
        super().__init__(str(path))
        self._ticks = ticks
        self._seconds = seconds

    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        self._ticks.now += self._seconds


@pytest.mark.parametrize(("seconds", "complaints"), [(1, 0), (4, 1)])
async def test_a_slow_engine_shows(tmp_path: Path, seconds: int, complaints: int) -> None:
    ticks = Ticks()
    stores: list[TimedStore] = []

    def open_timed(path: Path) -> TimedStore:
        stores.append(TimedStore(path, ticks, seconds))
        return stores[-1]

    found = await sequential.run(Bench(tmp_path, rounds=1, scale=20, clock=ticks, open=open_timed))
    for store in stores:
        await store.close()
    assert found[0].ratio == pytest.approx(1 / seconds, rel=0.1)
    assert len(missed(found, {"sequential": {"ratio_at_least": 0.5}})) == complaints


async def test_an_engine_that_leaves_out_a_step_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = many.Count.__setattr__

    def forget(self: many.Count, name: str, value: Any) -> None:
        read(self, name, 0 if value == many.STEPS else value)

    monkeypatch.setattr(many.Count, "__setattr__", forget)
    with pytest.raises(WrongResult, match="steps that were counted"):
        await many.run(small(tmp_path / "many"))


async def test_an_engine_that_does_not_sync_is_not_measured(tmp_path: Path) -> None:
    unsynced = Bench(tmp_path, 1, 20, open=lambda path: f"sqlite:///{path}?durability=fast")
    with pytest.raises(WrongResult, match=r"sequential: .* syncs for what should be durable one by one"):
        await footprint.run(unsynced)


async def test_a_command_that_says_the_wrong_thing_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cold, "IMPORT", "print('nothing')")
    with pytest.raises(WrongResult, match="exit code and output of python -c print"):
        await cold.run(small(tmp_path / "cold"))


def test_the_run_is_written_as_json_and_held_against_the_limits(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "found.json"
    arguments = ["footprint", "--scale", "20", "--rounds", "1", "--limits", "--folder", str(tmp_path)]
    assert main([*arguments, "--json", str(file)]) in (0, 1)
    told = capsys.readouterr().out
    document: Mapping[str, Any] = json.loads(file.read_text())
    assert document["machine"]["sqlite"] in told
    assert {found["key"] for found in document["measures"]} >= {"sequential-syncs", "many-file"}
    assert str(tmp_path) not in told + file.read_text()
    assert "syncs a step" in told
    assert [(found["of"], found["key"]) for found in document["targets"]] == [
        ("W3", "sequential-beyond"),
        ("W3", "growing-beyond"),
    ]


@pytest.mark.parametrize(("bound", "code"), [(1e9, 0), (0, 1)])
def test_a_target_that_is_short_fails_the_run_only_if_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: float, code: int
) -> None:
    target = Target("decide", "decide-chain-10", Bound("ours", "most", bound))
    monkeypatch.setattr("bench.__main__.read_targets", lambda: [target])
    arguments = ["decide", "--scale", "100", "--rounds", "1", "--folder", str(tmp_path)]
    assert main([*arguments, "--targets"]) == code
    assert main(arguments) == 0


def test_an_unknown_workload_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sequentail"])
    assert "there is no workload 'sequentail'; there are sequential, many" in capsys.readouterr().err


def small(folder: Path) -> Bench:
    """As little as can be done."""
    folder.mkdir()
    return Bench(folder, rounds=1, scale=100, quick=True)
