"""The dictionaries are damaged by hand, each in one way, and the check says which."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Row
from pectin.store.memory import Memory, MemoryStore
from pectin.testing.store_contract.sample import NOW, listen, ready, step, waiting

Damage = Callable[[Memory, ExecutionId], None]


def lose_a_row(memory: Memory, execution: ExecutionId) -> None:
    del memory.executions[execution].rows[1]


def settle_twice(memory: Memory, execution: ExecutionId) -> None:
    memory.executions[execution].rows.append(Row(5, 1, b"[]", "pay"))


def lose_the_definition(memory: Memory, execution: ExecutionId) -> None:
    del memory.definitions[memory.executions[execution].summary.definition]


def come_from_the_future(memory: Memory, execution: ExecutionId) -> None:
    kept = memory.executions[execution]
    kept.summary = replace(kept.summary, fence=9)


def lose_the_execution(memory: Memory, execution: ExecutionId) -> None:
    del memory.executions[execution]


@pytest.mark.parametrize(
    ("damage", "code", "message"),
    [
        (lose_a_row, "gap", "the rows of its history don't follow one another"),
        (settle_twice, "second_outcome", "two rows of its history settle `pay`"),
        (lose_the_definition, "definition_missing", "its definition is not in the store"),
        (come_from_the_future, "fence_ahead", "it has the fence 9, which no engine has had"),
        (lose_the_execution, "orphaned", "there is a wait of an execution that is not there"),
    ],
)
async def test_damage_is_found(damage: Damage, code: str, message: str) -> None:
    memory = Memory()
    store, fence = await ready(lambda: MemoryStore(memory))
    execution = await waiting(store, fence)
    await store.commit(step(execution, 3, fence, "pay", due=NOW))
    damage(memory, execution)
    (finding,) = await store.check()
    assert (finding.code, finding.message) == (code, message)
    assert str(execution) in finding.where


async def test_the_waits_of_nobody_are_closed() -> None:
    memory = Memory()
    store, fence = await ready(lambda: MemoryStore(memory))
    lost, other = await waiting(store, fence), await waiting(store, fence)
    lose_the_execution(memory, lost)
    assert [finding.code for finding in await store.check(mend=True)] == ["orphaned"]
    assert await store.check() == []
    assert await store.waits(other) == [listen()]
