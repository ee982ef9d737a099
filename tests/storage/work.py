"""What a store is given to do, in an order that is known: commit number n is the nth that was asked for.

Every commit has its number in each of its parts, so that one can see of which commits a store has something.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import closing
from uuid import UUID

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, LogRecord, Row, Store
from pectin.store.sqlite.connection import open_reader
from pectin.store.sqlite.failure import explained
from pectin.testing.store_contract.sample import NOW, REFUND, end, message, starting, step

LIVE_AT_ONCE = 6
LENGTH = 12
BIG = 9_000
"""Characters of a body that takes more than one page."""


class Work:
    """Commits by chance, and what has to be there of each: `rows[n - 1]` is the row of commit n."""

    def __init__(self, seed: int, acked: Callable[[int, int], None] = lambda _, __: None) -> None:
        self.rows: list[tuple[ExecutionId, Row]] = []
        self.messages: set[int] = set()
        self.logs: set[int] = set()
        self.snapshots: set[int] = set()
        self.acked: set[int] = set()
        self.refused: dict[int, Exception] = {}
        self._acked = acked
        self._chance = random.Random(seed)
        self._live: dict[ExecutionId, int] = {}

    async def do(self, store: Store, rounds: int) -> None:
        """Become the engine, and commit some at once, then the next ones. Raises what the store does."""
        fence = await store.take()
        self._acked(0, fence)
        await store.publish(REFUND)
        self._live.clear()  # the fence of the engine before is on them
        for _ in range(rounds):
            commits = self._round(fence)
            outcomes = await asyncio.gather(*(self._commit(store, *each) for each in commits), return_exceptions=True)
            for outcome in outcomes:
                if outcome is not None:
                    raise outcome
            for _, commit in commits:
                self._live[commit.execution] = commit.version
                if commit.status.is_terminal:
                    del self._live[commit.execution]

    def _round(self, fence: int) -> list[tuple[int, Commit]]:
        going = self._chance.sample(list(self._live.items()), self._chance.randint(0, len(self._live)))
        commits = [
            step(execution, version, fence, f"work:{version}") if version < LENGTH else end(execution, version, fence)
            for execution, version in going
        ]
        if len(self._live) < LIVE_AT_ONCE:
            execution = ExecutionId(UUID(bytes=self._chance.randbytes(16)))
            commits.append(starting(execution, fence, key=f"key {len(self.rows)}"))
        return [self._numbered(commit) for commit in commits]

    def _numbered(self, commit: Commit) -> tuple[int, Commit]:
        """The commit with its number, its row's body by chance a long one, and by chance with more in it."""
        number = len(self.rows) + 1
        filling = "x" * (BIG if self._chance.random() < 0.1 else self._chance.randrange(300))
        commit = replace(commit, rows=[replace(commit.rows[0], body=f'[{number},"{filling}"]'.encode())])
        self.rows.append((commit.execution, commit.rows[0]))
        if self._chance.random() < 0.3:
            commit = replace(commit, sends=[message(str(number))])
            self.messages.add(number)
        if self._chance.random() < 0.3:
            commit = replace(commit, logs=[LogRecord("work", 1, NOW, 20, str(number))])
            self.logs.add(number)
        if self._chance.random() < 0.2:
            commit = replace(commit, snapshot=str(number).encode())
            self.snapshots.add(number)
        return number, commit

    def histories(self) -> dict[ExecutionId, list[tuple[int, Row]]]:
        """The rows of each execution, with the numbers of their commits."""
        histories: dict[ExecutionId, list[tuple[int, Row]]] = {}
        for number, (execution, row) in enumerate(self.rows, 1):
            histories.setdefault(execution, []).append((number, row))
        return histories

    async def _commit(self, store: Store, number: int, commit: Commit) -> None:
        try:
            await store.commit(commit)
        except Exception as error:
            self.refused[number] = error
            raise
        self.acked.add(number)
        self._acked(number, commit.fence or commit.new_fence)


async def committed(store: Store, path: str, work: Work) -> int:
    """How many of the commits the store at `path` has: these and all before them, whole, and nothing else, in a file
    that is sound. Raises `AssertionError`, or a `StoreError`."""
    there = await numbers(store, work)
    assert there == set(range(1, len(there) + 1)), "a commit is there, and one before it is not"
    with explained(path), closing(open_reader(path)) as reader:
        assert reader.pragma("integrity_check") == "ok"
        for table, sent in (("select payload from inbox", work.messages), ("select message from logs", work.logs)):
            found = {int(number) for (number,) in reader.execute(table).fetchall()}
            assert found == sent & there, "a commit is there in part"
    return len(there)


async def numbers(store: Store, work: Work) -> set[int]:
    """The commits whose row the store has, each history without gaps and as it was written. Raises as `committed`."""
    there: set[int] = set()
    for execution, asked in work.histories().items():
        rows = await store.history(execution)
        stored = await store.load(execution)
        assert rows == [row for _, row in asked[: len(rows)]], f"{execution} has another history than was written"
        expected = [number for number, _ in asked[: len(rows)]]
        there.update(expected)
        if not rows:
            assert stored is None, f"{execution} has no history"
            continue
        assert stored is not None, f"{execution} has nothing but a history"
        assert stored.version == rows[-1].seq + rows[-1].count - 1, f"{execution} has another version than its rows"
        snapshots = [str(number).encode() for number in expected if number in work.snapshots]
        assert stored.snapshot == (snapshots[-1] if snapshots else None), f"{execution} has another snapshot"
    return there
