"""Reads what a life has left in a store, and audits it: the promises hold before anything is recovered."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from pectin.core.audit import Audit, Finding, audit_row
from pectin.core.error import PectinError
from pectin.core.event import AnyEvent, ExecutionCreated
from pectin.ports.store import Find, Store
from pectin.runtime.examination import projected
from pectin.runtime.loading import read_events
from pectin.runtime.programs import Programs
from pectin.store.sqlite.connection import open_reader
from pectin.store.sqlite.user_sql import OWN_TABLES
from pectin.testing.crashtest.outcome import Seen

_EXECUTIONS_MAX = 10_000


class Inventory(NamedTuple):
    """What there is: the executions by their paths, and what is wrong with them."""

    executions: dict[str, Seen]
    findings: list[Finding]


async def observe(store: Store) -> Inventory:
    """Everything in the store. What can't be read is a finding."""
    programs = Programs(store)
    seen: dict[str, Seen] = {}
    findings: list[Finding] = []
    for summary in reversed(await store.find(Find(limit=_EXECUTIONS_MAX))):
        try:
            events = await read_events(store, summary.execution)
            audit = Audit(await programs.get(summary.definition))
        except PectinError as problem:
            findings.append(Finding("unreadable", str(summary.execution), str(problem), ""))
            continue
        for seq, event in events:
            audit.take(seq, event)
        findings += audit.findings
        run = audit.run
        if audit.folds:
            row = projected(summary, await store.waits(summary.execution))
            findings += audit_row(run, row, await programs.get(summary.definition))
        seen[summary.execution.to_json()] = Seen(
            path="",
            execution_id=summary.execution.to_json(),
            workflow_id=summary.workflow_id,
            status=summary.status,
            state=run.data,
            events=[event for _, event in events],
            version=summary.version,
            error=run.error,
        )
    return Inventory(dict(_by_path(seen)), findings)


def _by_path(seen: dict[str, Seen]) -> Iterable[tuple[str, Seen]]:
    """Each with its path. A second one that nobody runs, where one was started, has its id for one."""
    taken: set[str] = set()
    for id, each in seen.items():
        path = _path(each, seen)
        each.path = path if path not in taken else id
        taken.add(each.path)
        yield each.path, each


def _path(of: Seen, seen: dict[str, Seen]) -> str:
    created: AnyEvent | None = of.events[0] if of.events else None
    if not isinstance(created, ExecutionCreated) or created.parent is None:
        return ""
    parent = seen.get(created.parent.execution)
    above = "" if parent is None else _path(parent, seen)
    return f"{above}/{created.parent.activation}" if above else created.parent.activation


def read_tables(path: Path) -> dict[str, list[list[Any]]]:
    """The rows of the user's own tables in a SQLite store that nobody has open."""
    if not path.exists():
        return {}
    reader = open_reader(str(path))
    try:
        names = reader.execute("select name from sqlite_master where type = 'table' order by name").fetchall()
        own = [name for (name,) in names if name not in OWN_TABLES and not name.startswith("sqlite_")]
        return {name: [_row(row) for row in reader.execute(f'select * from "{name}"')] for name in own}
    finally:
        reader.close()


def _row(values: tuple[Any, ...]) -> list[Any]:
    return [value.hex() if isinstance(value, bytes) else value for value in values]
