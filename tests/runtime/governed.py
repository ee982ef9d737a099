"""What the tests of governed executions share: workflows, keys, and hands that write to a store's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import apsw

from pectin import Engine, Execution, Policy, Workflow
from pectin.core.identity import ExecutionId
from pectin.ports.store import Stored
from pectin.runtime.anchor import Head
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.verify import Broken, Verified, Verifier
from pectin.runtime.visitor import Visitor
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.checksum import history_checksum, snapshot_checksum
from tests.runtime.sample import ZERO, Count, add

KEY, OLD_KEY = bytes(range(32)), bytes(range(32, 64))
GOVERNED = "persistent_governed"
BOUND = Policy(blocked_tools=("shell.*",))
"""What is governed is bound by a policy."""


def governed(*, steps: int = 3, asks: bool = False, **settings: Any) -> Workflow[Count]:
    """A governed workflow that adds some times, and before the last time asks a person."""
    workflow = Workflow("governed", version="1.0.0", state=Count, session_type=GOVERNED, policy=BOUND, **settings)
    nodes: list[Any] = [workflow.node(add, name=f"add_{number}") for number in range(steps)]
    if asks:
        review = workflow.approval("review", "Go on?")
        nodes[-2].then(review)
        review.on(approved=nodes[-1], rejected="end")
    for before, after in zip(nodes, nodes[1:-1] if asks else nodes[1:], strict=False):
        before.then(after)
    return workflow


DELETE = [f"delete from {table} where x = 1" for table in ("history", "chain", "seals", "snapshots", "executions")]
"""Leave nothing of the first execution."""

UNGOVERN = [
    "delete from chain where x = 1",
    "delete from seals where x = 1",
    "update history set body = cast(replace(body, 'persistent_governed', 'resumable') as blob) where x = 1",
]
"""Let nothing of the first execution say that it is governed."""


async def filled(path: Path, *keys: str, key: bytes | Sequence[bytes] = KEY, **options: Any) -> list[ExecutionId]:
    """A store with an execution that is done for each of these start keys."""
    workflow = governed(**options)
    async with Engine(str(path), workflows=[workflow], audit_key=key) as engine:
        started: list[Execution[Count]] = [
            await engine.start(workflow, ZERO, key=each, by="shop") for each in keys or ["A"]
        ]
        for execution in started:
            if options.get("asks"):
                await execution.until("review")
            else:
                await execution.result()
        return [execution.id for execution in started]


def write(path: Path, *statements: str) -> None:
    """What somebody does to the file who can write to it, and mends its checksums: how they are made is no secret."""
    connection: Any = apsw.Connection(str(path))
    connection.create_scalar_function("history_checksum", history_checksum)
    connection.create_scalar_function("snapshot_checksum", snapshot_checksum)
    for statement in (*statements, *_MEND):
        connection.execute(statement)
    connection.close()


_MEND = (
    "update history as h set checksum = history_checksum(e.id, seq, count, settles, body) "
    "from executions as e where e.x = h.x",
    "update snapshots as s set checksum = snapshot_checksum(e.id, s.version, body) "
    "from executions as e where e.x = s.x",
)


def read(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of the file."""
    connection: Any = apsw.Connection(str(path))
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


async def believe_rest(_: Verifier, __: Stored, ___: Any) -> None:
    """In place of a verifier's last check: nothing is found."""


async def verified(
    path: Path, *keys: bytes, against: Mapping[ExecutionId, Head] | None = None, now: int = 0
) -> list[Verified | Broken]:
    """What the verifier says of all that is in a store."""
    store = SqliteStore(str(path), must_exist=True)
    try:
        verifier = Verifier(store, audit_keys(list(keys) or [KEY]), against)
        return [found async for found in verifier.everything(now)]
    finally:
        await store.close()


async def verdicts(path: Path, *keys: bytes, **options: Any) -> list[tuple[str, int] | None]:
    """The code and the first bad event of each, the oldest first; None for one that is sound."""
    found = await verified(path, *keys, **options)
    broken = [each if isinstance(each, Broken) else each.broken for each in found]
    return [None if each is None else (each.code, each.seq) for each in reversed(broken)]


async def load(path: Path, execution: ExecutionId, *keys: bytes) -> None:
    """Load it, as whoever goes on with it does."""
    store = SqliteStore(str(path), must_exist=True)
    try:
        await Visitor(store, keys=audit_keys(list(keys) or [KEY])).read(execution)
    finally:
        await store.close()
