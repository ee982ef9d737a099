"""From stored rows to a run: the newest snapshot that can be read, and the fold of what came after it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final

import msgspec

from pectin.core.chain import Keyring
from pectin.core.error import shorten
from pectin.core.event import AnyEvent, decode_events
from pectin.core.evolve import fold
from pectin.core.identity import ExecutionId
from pectin.core.program import Program
from pectin.core.state import Run, decode_snapshot
from pectin.core.status import SessionType
from pectin.ports.store import Row, Store, Stored
from pectin.runtime.chain import Chain, check_stored
from pectin.runtime.error import ChainBroken, Quarantined
from pectin.runtime.programs import Programs

_CHARACTERS_MAX: Final = 1_000
"""Of what is told of a problem."""


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """An execution as it is stored."""

    program: Program
    run: Run
    fence: int
    due: int | None
    bytes_after: int
    snapshot_bytes: int
    chain: Chain | None = None


async def load(stored: Stored, store: Store, programs: Programs, keys: Keyring) -> Loaded:
    """Fold a stored execution; raises `Quarantined` if its history can't be read, or is governed and can't be
    trusted."""
    program = await programs.get(stored.definition)
    rows = stored.rows
    run = _run_of(stored.snapshot, stored.snapshot_version)
    from_snapshot = stored.snapshot is not None and run is not None
    if run is None:
        rows = await all_rows(store, stored.execution)
        run = Run()
    chain = None if stored.seal is None else check_stored(stored, rows, keys, from_snapshot=from_snapshot)
    try:
        for row in rows:
            fold(run, decode_events(row.body))
        assert run.version == stored.version, f"version {run.version}, but {stored.version} is stored"
        _check(run, stored.execution)
    except Exception as problem:  # damage has no limits: it must cost this execution only
        what = shorten(str(problem) or type(problem).__name__, _CHARACTERS_MAX)
        raise Quarantined(f"the history of {stored.execution} can't be folded: {what}") from problem
    _check_governed(run, program, stored, chain)
    return Loaded(
        program,
        run,
        stored.fence,
        stored.due,
        bytes_after=sum(len(row.body) for row in rows),
        snapshot_bytes=len(stored.snapshot or b""),
        chain=chain,
    )


def _check(run: Run, execution: ExecutionId) -> None:
    """A damaged row may fold all the same: what comes of it is at least this execution's, and has times that exist."""
    assert run.execution_id == execution.to_json(), f"it is that of {run.execution_id}"
    run.execution()


def _check_governed(run: Run, program: Program, stored: Stored, chain: Chain | None) -> None:
    """An execution is governed because its first event says so, or the workflow that somebody started; and it runs the
    definition that the event names."""
    is_own = run.parent is None and program.definition.session_type is SessionType.PERSISTENT_GOVERNED
    is_governed = run.session_type is SessionType.PERSISTENT_GOVERNED
    if (is_governed or is_own) and chain is None:
        raise ChainBroken(stored.execution, 1, "its seal is gone")
    if chain is not None and not is_governed:
        raise ChainBroken(stored.execution, 1, "it is sealed, and its history says that it is not governed")
    if chain is not None and run.definition != stored.definition:
        raise ChainBroken(stored.execution, 1, "its history names another definition")


def _run_of(snapshot: bytes | None, version: int) -> Run | None:
    """The run of a snapshot, None for one that can't be used: it is a cache, and the history is whole."""
    if snapshot is None:
        return Run() if version == 0 else None
    try:
        run = decode_snapshot(snapshot)
    except msgspec.DecodeError:
        return None
    return run if run.version == version else None


async def each_row(store: Store, execution: ExecutionId, after: int = 0) -> AsyncGenerator[Row]:
    """Every row with events after this seq, as they are read: what is before damage comes before its error."""
    while page := await store.history(execution, after):
        for row in page:
            yield row
        after = page[-1].seq + page[-1].count - 1


async def all_rows(store: Store, execution: ExecutionId, after: int = 0) -> list[Row]:
    """Every row with events after this seq."""
    return [row async for row in each_row(store, execution, after)]


async def read_events(store: Store, execution: ExecutionId, after: int = 0) -> list[tuple[int, AnyEvent]]:
    """Events with their seq, those up to `after` left out."""
    events = (
        (row.seq + index, event)
        for row in await all_rows(store, execution, after)
        for index, event in enumerate(decode_events(row.body))
    )
    return [(seq, event) for seq, event in events if seq > after]
