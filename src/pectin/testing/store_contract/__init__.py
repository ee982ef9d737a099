"""What every store must do, as tests to run against yours.

A case is an async function that gets a way to open the store: each call opens the same place again, as another
process would, on an empty place at first. In pytest:

    @pytest.mark.parametrize("case", CASES, ids=name_of)
    async def test_contract(case: Case, tmp_path: Path) -> None:
        await run(case, lambda: MyStore(tmp_path / "store"))

A store that speaks SQL has `SQL_CASES` to keep as well.

For assertions that show their values, put `pytest.register_assert_rewrite("pectin.testing.store_contract")` into
your `conftest.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType

from pectin.ports.store import Store
from pectin.testing.store_contract import (
    agenda,
    charge,
    children,
    commit,
    definition,
    find,
    forget,
    governed,
    history,
    logs,
    matches,
    messages,
    soundness,
    start,
    statements,
)
from pectin.testing.store_contract.sample import Open

__all__ = ["CASES", "SQL_CASES", "Case", "Open", "name_of", "run"]

Case = Callable[[Open], Awaitable[None]]


def _cases(*subjects: ModuleType) -> tuple[Case, ...]:
    return tuple(case for subject in subjects for name, case in vars(subject).items() if name.startswith("test_"))


CASES = _cases(
    charge,
    definition,
    start,
    commit,
    history,
    agenda,
    find,
    messages,
    matches,
    children,
    logs,
    forget,
    governed,
    soundness,
)
"""Every case that every store must pass, by subject."""

SQL_CASES = _cases(statements)
"""Those of a store that speaks SQL."""


def name_of(case: Case) -> str:
    """The case as one reads it: `commit: a stale version is refused`."""
    verb = case.__module__.rpartition(".")[2]
    words = getattr(case, "__name__", "").removeprefix("test_").replace("_", " ")
    return f"{verb}: {words}"


async def run(case: Case, open_store: Open) -> None:
    """Run one case, and close the stores that it opened."""
    opened: list[Store] = []

    def open_and_note() -> Store:
        opened.append(open_store())
        return opened[-1]

    try:
        await case(open_and_note)
    finally:
        for store in opened:
            await store.close()
