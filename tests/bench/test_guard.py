"""What a step costs, counted and not timed: the same on every machine, so that a dearer step fails a check and not a
measurement weeks later. Commits, rows, events, bytes and syncs of an engine; lines of Python that the core runs.

Lines stand for instructions. What C does beneath one, such as a copy of the state, they don't see: that is left to
measurements. The bounds of lines are a tenth above what was counted when they were written; who makes a step cheaper
makes them lower.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import pectin
from bench.syncs import counted_syncs
from bench.workloads.decide import chain_of, wide_of
from bench.workloads.many import STEPS, chain, chains_of
from bench.workloads.sequential import in_loop, steps_of
from pectin import Engine
from pectin.core.activation import parse_activation
from pectin.core.command import AnyCommand, Begin, Complete, Start
from pectin.core.decide import decide
from pectin.core.decide.enter import advance
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json
from pectin.core.policy import Policy
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.nodes import police
from pectin.ports.store import Commit
from pectin.runtime.host import ProcessHost
from pectin.store.sqlite import SqliteStore

HISTORY_BYTES_MAX = 320
CHAIN_LINES_MAX = 245
WIDE_LINES_MAX = 224
LOOP_LINES_MAX = 406

ROUNDS = 1_000
NODES = 100

COUNTED = (str(Path(pectin.__file__).parent), __file__)


class CountingStore(SqliteStore):
    """A store that remembers what it was given."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.commits: list[Commit] = []

    async def commit(self, commit: Commit) -> None:
        self.commits.append(commit)
        await super().commit(commit)

    def counts(self) -> tuple[int, int, int, int]:
        """Commits, rows, events, and bytes of history."""
        rows = [row for commit in self.commits for row in commit.rows]
        return len(self.commits), len(rows), sum(row.count for row in rows), sum(len(row.body) for row in rows)


class NamedHost(ProcessHost):
    """A process whose name, which is in every history, is always as long."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "engine-12345-abcdef"


async def left_by_a_step(folder: Path, host: ProcessHost) -> list[float]:
    """Commits, rows, events, bytes of history, and syncs: what 50 steps leave more than 20."""
    with counted_syncs() as syncs:
        store = CountingStore(folder / "store.db")
        counted: list[Sequence[int]] = []
        async with Engine(store, workflows=[in_loop], host=host) as engine:
            for steps in (20, 50):
                before = (*store.counts(), syncs.count)
                await steps_of(engine, in_loop, steps)
                after = (*store.counts(), syncs.count)
                counted.append([last - first for first, last in zip(before, after, strict=True)])
        await store.close()
    return [(more - fewer) / 30 for fewer, more in zip(*counted, strict=True)]


async def test_a_step_is_one_commit_one_row_one_sync_and_few_bytes(tmp_path: Path) -> None:
    commits, rows, events, size, synced = await left_by_a_step(tmp_path, NamedHost())
    assert (commits, rows, events) == (1, 1, 3)
    assert 1 <= synced < 1.1  # now and then the log goes into the file
    assert size <= HISTORY_BYTES_MAX


async def test_ten_bytes_more_in_a_step_show(tmp_path: Path) -> None:
    host = NamedHost()
    host.name += "-and-longer"
    *_, size, _ = await left_by_a_step(tmp_path, host)
    assert size > HISTORY_BYTES_MAX


async def test_executions_at_once_share_their_syncs(tmp_path: Path) -> None:
    with counted_syncs() as syncs:
        store = CountingStore(tmp_path / "store.db")
        async with Engine(store, workflows=[chain], host=NamedHost()) as engine:
            before = syncs.count
            steps = await chains_of(engine, 50)
            synced = syncs.count - before
        await store.close()
    assert len(store.commits) == steps + 50  # and one that begins each
    assert synced <= 2 * (STEPS + 1)


# -- the core ----------------------------------------------------------------------------------------------


def lines_of(program: Program, state: dict[str, Json], *, counts: bool) -> list[int]:
    """How many lines of Pectin's the core runs for each completion of an execution, from its start to its end."""
    parse_activation.cache_clear()  # what others before have read would cost less
    run, lines, offer = Run(), list[int](), Begin("bench", 1)
    decide(program, run, Start(at=0, begin=offer, execution_id="e", input={}, state=state, definition="d"))
    while not run.status.is_terminal:
        name = next(name for name, activation in run.activations.items() if activation.is_at_worker)
        patch: dict[str, Json] = {"done": len(lines) + 1} if counts else {}
        command = Complete(at=len(lines), begin=offer, activation=name, attempt=1, patch=patch)
        lines.append(_lines(program, run, command))
    assert run.status is WorkflowStatus.COMPLETED
    return lines


def _lines(program: Program, run: Run, command: AnyCommand) -> int:
    counted = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal counted
        if not frame.f_code.co_filename.startswith(COUNTED):
            return None
        counted += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        decide(program, run, command)
    finally:
        sys.settrace(before)
    return counted


def loop_of(rounds: int) -> list[int]:
    """Of a loop of one node, which counts."""
    return lines_of(in_loop.build().program, {"done": 0, "wanted": rounds}, counts=True)


def nodes_of(shape: Callable[[int], Program]) -> list[int]:
    """Of an execution with a completion for each node of this shape."""
    return lines_of(shape(NODES), {"done": 0, "arrived": []}, counts=False)


def a_step(lines: Sequence[int]) -> float:
    return sum(lines) / len(lines)


def test_a_thousand_steps_take_few_lines_of_the_core_and_the_last_as_many_as_the_first() -> None:
    lines = loop_of(ROUNDS)
    assert len(lines) == ROUNDS
    assert a_step(lines) <= LOOP_LINES_MAX
    assert set(lines[100:200]) == set(lines[-200:-100])


@pytest.mark.parametrize(("shape", "most"), [(chain_of, CHAIN_LINES_MAX), (wide_of, WIDE_LINES_MAX)])
def test_a_node_takes_few_lines_of_the_core(shape: Callable[[int], Program], most: int) -> None:
    lines = nodes_of(shape)
    assert len(lines) == NODES
    assert a_step(lines) <= most


@pytest.mark.parametrize("shape", [chain_of, wide_of])
def test_policies_that_say_nothing_of_a_workflow_cost_it_no_line(shape: Callable[[int], Program]) -> None:
    elsewhere = Policy(blocked_tools=["nothing.*"], require_approval_for=["nobody.*"])
    assert nodes_of(lambda count: police(shape(count), elsewhere)) == nodes_of(shape)


def test_a_scan_of_all_nodes_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def scan(turn: Turn) -> None:
        for _ in turn.program.nodes:
            pass
        advance(turn)

    monkeypatch.setattr("pectin.core.decide.advance", scan)
    assert a_step(nodes_of(chain_of)) > CHAIN_LINES_MAX
    assert a_step(nodes_of(wide_of)) > WIDE_LINES_MAX


def test_a_little_more_in_each_step_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def dally(turn: Turn) -> None:
        for _ in range(LOOP_LINES_MAX // 5):
            pass
        advance(turn)

    monkeypatch.setattr("pectin.core.decide.advance", dally)
    assert a_step(loop_of(NODES)) > LOOP_LINES_MAX


def test_a_scan_of_the_history_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    history: list[Turn] = []

    def scan(turn: Turn) -> None:
        history.append(turn)
        for _ in history:
            pass
        advance(turn)

    monkeypatch.setattr("pectin.core.decide.advance", scan)
    lines = loop_of(NODES)
    assert set(lines[20:40]).isdisjoint(lines[-40:-20])
