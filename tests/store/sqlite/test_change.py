"""What is on disk stays readable, and an ordinary step costs no more than it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pectin.core.status import WorkflowStatus
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.change import STATUS_NUMBER
from pectin.store.sqlite.statement import SQL
from pectin.testing.store_contract.sample import ready, started, step


def test_statuses_have_these_numbers_for_ever() -> None:
    assert {status.value: number for status, number in STATUS_NUMBER.items()} == {
        "pending": 0,
        "running": 1,
        "paused": 2,
        "completed": 3,
        "failed": 4,
        "cancelled": 5,
        "limit_exceeded": 6,
    }


def test_every_status_has_a_number() -> None:
    assert STATUS_NUMBER.keys() == set(WorkflowStatus)


async def test_an_ordinary_step_is_two_statements(tmp_path: Path) -> None:
    store, fence = await ready(lambda: SqliteStore(str(tmp_path / "pectin.db")))
    execution = await started(store, fence)
    writer: Any = store
    statements: list[str] = []

    def note(_cursor: Any, sql: str, _bindings: Any) -> bool:
        statements.append(sql)
        return True

    writer._writer._connection.exec_trace = note
    await store.commit(step(execution, 2, fence, "pay"))
    ours = [SQL["advance"], SQL["append"]]
    assert [sql for sql in statements if not sql.startswith("pragma")] == ["begin immediate", *ours, "commit"]
    await store.close()
