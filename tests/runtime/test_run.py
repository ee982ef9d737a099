"""One execution from a script."""

from __future__ import annotations

from pathlib import Path

import pytest

import pectin
from pectin import ExecutionFailed, ExecutionWaiting, PectinError, Workflow
from tests.runtime.sample import ZERO, Count, add, asking, chain


def test_it_returns_the_final_state_and_once_only(tmp_path: Path) -> None:
    calls: list[int] = []

    def count(state: Count) -> Count:
        calls.append(1)
        return {"n": state["n"] + 1}

    for _ in range(2):
        assert pectin.run(chain(count), {"n": 4}, store=tmp_path / "pectin.db", key="A") == {"n": 5}
    assert calls == [1]


def test_it_raises_for_another_end(tmp_path: Path) -> None:
    def fail(state: Count) -> Count:
        raise ValueError("no")

    with pytest.raises(ExecutionFailed, match="ended as failed at `fail`: no"):
        pectin.run(chain(fail), ZERO, store=tmp_path / "pectin.db")


def test_it_does_not_wait_for_a_person_or_for_days(tmp_path: Path) -> None:
    with pytest.raises(ExecutionWaiting, match="waits for a person: `review`") as waiting:
        pectin.run(asking(), ZERO, store=tmp_path / "pectin.db", key="A")
    assert waiting.value.execution.current_state == {"n": 1}
    with pytest.raises(ExecutionWaiting):
        pectin.run(asking(), ZERO, store=tmp_path / "pectin.db", key="A")
    days: Workflow[Count] = Workflow("days", version="1.0.0", state=Count)
    days.wait("pause", duration="3d")
    with pytest.raises(ExecutionWaiting, match="waits for time: `pause`"):
        pectin.run(days, ZERO, store=tmp_path / "pectin.db")


def test_it_waits_for_a_time_that_is_near(tmp_path: Path) -> None:
    soon: Workflow[Count] = Workflow("soon", version="1.0.0", state=Count)
    pause = soon.wait("pause", duration="5ms")
    after = soon.node(add)
    pause.then(after)
    assert pectin.run(soon, ZERO, store=tmp_path / "pectin.db") == {"n": 1}


async def test_where_a_loop_runs_it_says_what_to_write_instead() -> None:
    with pytest.raises(PectinError, match="async with"):
        pectin.run(chain(add), ZERO, store="memory:")
