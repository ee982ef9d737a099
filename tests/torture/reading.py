"""What a store holds, read from its file, and the ledger and the acks beside it. No engine is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pectin.core.audit import Audit, Finding, audit_row
from pectin.core.event import AnyEvent, decode_events
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.ports.store import Find, Listen, Summary
from pectin.runtime.examination import projected
from pectin.runtime.programs import Programs
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.connection import Connection, open_reader
from tests.torture.journal import read_lines


@dataclass(frozen=True)
class Told:
    """One execution: its row, its events, what they fold to, and what an audit finds in them."""

    row: Summary
    events: list[AnyEvent]
    run: Run
    findings: list[Finding]

    @property
    def name(self) -> str:
        """Its key; a child's id."""
        return self.row.key or str(self.row.execution)


@dataclass(frozen=True)
class Book:
    """Everything at one place. `told` is by name; `gaps` are the histories that aren't whole."""

    told: Mapping[str, Told]
    gaps: list[str]
    damage: list[str]
    received: set[tuple[str, str]]
    booked: list[str]
    acks: list[dict[str, Any]]
    effects: list[dict[str, Any]]


async def read_book(place: Path) -> Book:
    """Read the store, the acks and the ledger at this place."""
    path = str(place / "pectin.db")
    store = SqliteStore(path, must_exist=True)
    reader = open_reader(path)
    try:
        found = await store.find(Find(limit=1_000_000))
        programs = Programs(store)
        told: dict[str, Told] = {}
        gaps: list[str] = []
        for summary in found:
            program = await programs.get(summary.definition)
            one = _read(reader, summary, program, gaps)
            told[one.name] = one
        if len(told) < len(found):
            gaps.append(f"{len(found)} executions have {len(told)} names")
        return Book(
            told,
            gaps,
            [f"{finding.code} ({finding.where}): {finding.message}" for finding in await store.check()],
            {(name, dedup) for name, dedup in reader.execute("select name, dedup from received")},
            _booked(reader),
            list(read_lines(place / "acks")),
            list(read_lines(place / "ledger")),
        )
    finally:
        reader.close()
        await store.close()


def _read(reader: Connection, summary: Summary, program: Program, gaps: list[str]) -> Told:
    execution = summary.execution
    audit = Audit(program)
    events: list[AnyEvent] = []
    for seq, count, body in reader.execute(_HISTORY, (execution.bytes,)).fetchall():
        row = decode_events(body)
        if seq != len(events) + 1 or count != len(row):
            gaps.append(f"{execution}: the row of {count} events at {seq} holds {len(row)} and follows {len(events)}")
        for number, event in enumerate(row, seq):
            audit.take(number, event)
        events += row
    if summary.version != len(events):
        gaps.append(f"{execution}: there are {len(events)} events, and its version is {summary.version}")
    waits = [Listen(*wait) for wait in reader.execute(_WAITS, (execution.bytes,)).fetchall()]
    row_findings = audit_row(audit.run, projected(summary, waits), program) if audit.folds else []
    return Told(summary, events, audit.run, [*audit.findings, *row_findings])


_HISTORY = """
select seq, count, body from history where x = (select x from executions where id = ?) order by seq
"""
_WAITS = """
select activation, name, correlation from waits where x = (select x from executions where id = ?)
"""


def _booked(reader: Connection) -> list[str]:
    """The keys in the table that transactional nodes fill; it is made by the first of them."""
    if not reader.execute("select 1 from sqlite_master where name = 'booked'").fetchall():
        return []
    return [key for (key,) in reader.execute("select key from booked").fetchall()]
