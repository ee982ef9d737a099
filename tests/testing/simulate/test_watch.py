"""The watch: whatever is unsound after a commit raises `Broken`, and says what it is."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.status import WorkflowStatus
from pectin.ports.store import Commit, Listen
from pectin.store.memory import Memory
from pectin.testing.simulate.watch import Broken
from tests.testing.simulate.sample import Truthful, world

Plant = Callable[[Memory, Commit], Commit | None]
"""Makes something unsound once a commit was applied; a commit that it returns is what the watch is told instead."""


class Planted(Truthful):
    """A calm world with something unsound in it."""

    plant: Plant

    def applied(self, commit: Commit) -> None:
        super().applied(self.plant(self.memory, commit) or commit)


def live_with(plant: Plant) -> None:
    calm = world()
    planted = Planted(0, calm.workflows, calm.beginnings, calm.voice)
    planted.plant = plant
    planted.run()


def test_a_sound_world_passes_and_is_counted() -> None:
    sound = world().run()
    (execution,) = sound.watch.runs()
    (history,) = sound.watch.histories.values()
    assert sound.watch.open() == []
    assert sound.watch.run(execution).version == len(history) == sum(sound.watch.seen.values())
    assert 5 < sound.watch.commits <= len(sound.memory.executions[execution].rows)
    assert sound.watch.seen["ExecutionEnded"] == 1


# -- what is stored beside a history -------------------------------------------------------------------------------


def row(**changes: Any) -> Plant:
    """Later on, the execution's row says something else."""

    def plant(memory: Memory, commit: Commit) -> None:
        if commit.expected > 3:
            execution = memory.executions[commit.execution]
            execution.summary = replace(execution.summary, **changes)

    return plant


def forget_waits(memory: Memory, commit: Commit) -> None:
    memory.inbox.open.pop(commit.execution, None)


def add_wait(memory: Memory, commit: Commit) -> None:
    memory.inbox.open.setdefault(commit.execution, {})["nobody", "go"] = Listen("nobody", "go", "")


# -- the history itself --------------------------------------------------------------------------------------------

Edit = Callable[[list[dict[str, Any]]], object]


def events(name: str, edit: Edit) -> Plant:
    """The watch is told of other events, where there is one of this name."""

    def plant(memory: Memory, commit: Commit) -> Commit | None:
        told = [(each, json.loads(each.body)) for each in commit.rows]
        if not any(event["type"] == name for _, events in told for event in events):
            return None
        for _, events in told:
            edit(events)
        rows = [replace(each, body=json.dumps(events).encode()) for each, events in told]
        return replace(commit, rows=rows)

    return plant


def every(name: str, **changes: Any) -> Plant:
    def edit(events: list[dict[str, Any]]) -> None:
        for event in events:
            if event["type"] == name:
                event.update(changes)

    return events(name, edit)


def fence(memory: Memory, commit: Commit) -> Commit:
    return replace(commit, new_fence=memory.term + 1)


def older_fence(_: Memory, commit: Commit) -> Commit | None:
    return replace(commit, new_fence=commit.fence - 1) if commit.expected > 3 else None


def lose_first(events: list[dict[str, Any]]) -> None:
    """The first of a row, but not the time, which those behind it share."""
    events[1].setdefault("at", events.pop(0)["at"])


PLANTED: dict[str, tuple[Plant, str]] = {
    "status": (row(status=WorkflowStatus.FAILED), r"\(status_differs\)"),
    "version": (row(version=1), r"\(version_differs\)"),
    "due": (row(due=None), r"\(due_differs\)"),
    "a time that is never": (row(due=10**15), r"\(due_differs\)"),
    "change": (row(updated_at=1), r"\(time_differs\)"),
    "key": (row(key="another"), r"\(key_differs\)"),
    "workflow": (row(workflow_id="another"), r"\(another_execution\)"),
    "waits": (forget_waits, r"came`: .*\(wait_missing\)"),
    "waits of nobody": (add_wait, r"nobody`: .*\(wait_left_over\)"),
    "a lost event": (events("node_completed", lose_first), r"\(\w+\)"),
    "an event twice": (events("node_scheduled", lambda events: events.append(events[-1])), r"\(entered_twice\)"),
    "an outcome twice": (events("node_completed", lambda events: events.insert(1, events[0])), r"\(\w+\)"),
    "an attempt": (every("node_completed", attempt=7), r"\(outcome_of_none\)"),
    "two ends": (events("execution_ended", lambda events: events.append(events[-1])), r"\(\w+\)"),
    "another end": (every("execution_ended", status="failed"), r"\(another_end\)"),
    "a fence from nowhere": (fence, "the fence 2 follows 0, in term 1"),
    "a fence that falls": (older_fence, "the fence 0 follows 1, in term 1"),
}


@pytest.mark.parametrize(("plant", "complaint"), PLANTED.values(), ids=PLANTED)
def test_what_is_unsound_is_found(plant: Plant, complaint: str) -> None:
    with pytest.raises(Broken, match=rf"^exec_\w+: .*{complaint}"):
        live_with(plant)


def test_what_is_tampered_with_is_what_is_found() -> None:
    live_with(lambda memory, commit: None)
    live_with(lambda memory, commit: commit)
