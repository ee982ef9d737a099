"""What a store holds, read through nothing but the store, and what is wrong with it: as a killed process has left it.

The audit looks at each execution. Here is what must hold between executions, and between them and whoever was told
that something is done: all of it in the same commit, so that no second write and no recovery is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pectin.core.audit import Audit, audit_row
from pectin.core.event import AnyEvent, MessageReceived, decode_events
from pectin.core.identity import ExecutionId, show_id
from pectin.core.state import Run
from pectin.core.work import CHILD_ENDED, PARENT_SAYS
from pectin.ports.store import Find, Row, Store, Summary
from pectin.runtime.audit_key import audit_keys
from pectin.runtime.examination import projected
from pectin.runtime.verify import Broken, Verifier
from pectin.testing.audit_key import AUDIT_KEY
from tests.crash.every_write.place import Place


class Said(NamedTuple):
    """Somebody was told that what they said is done: its event stands under their name and its time."""

    execution: str
    by: str | None
    at: int


@dataclass
class Promises:
    """What was acknowledged: executions that began, words that were taken, events that came (name, correlation)."""

    begun: list[ExecutionId] = field(default_factory=list[ExecutionId])
    said: list[Said] = field(default_factory=list[Said])
    sent: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])


@dataclass
class Inspection:
    """Everything by execution, as people see its id."""

    histories: dict[str, list[AnyEvent]] = field(default_factory=dict[str, list[AnyEvent]])
    rows: dict[str, list[Row]] = field(default_factory=dict[str, list[Row]])
    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    findings: list[str] = field(default_factory=list[str])


async def inspect(store: Store, place: Place, promises: Promises, *, deeply: bool) -> Inspection:
    """Read all there is. The store has to be the one that opened the place last. `deeply`: the place itself, too."""
    seen = Inspection()
    if deeply:
        seen.findings += [f"the place: {found.code}: {found.message}" for found in place.check()]
    for summary in await store.find(Find(limit=1_000)):
        await _inspect_one(store, summary, seen)
    async for found in Verifier(store, audit_keys(AUDIT_KEY)).everything(0):
        broken = found if isinstance(found, Broken) else found.broken
        if broken is not None:
            seen.findings.append(f"{broken.execution}: {broken.code} from event {broken.seq} on: {broken.message}")
    matches = {
        (show_id(str(match.execution)), match.message.name, match.message.correlation)
        for match in await store.matches()
    }
    inbox = place.messages()
    seen.findings += _between_families(seen, matches, inbox)
    seen.findings += _messages(seen, promises, inbox)
    seen.findings += _broken_promises(seen, promises)
    return seen


async def _inspect_one(store: Store, summary: Summary, seen: Inspection) -> None:
    execution, name = summary.execution, str(summary.execution)
    audit = Audit()
    seen.rows[name] = rows = await store.history(execution)
    events: list[AnyEvent] = []
    seen.histories[name] = events
    for row in rows:
        for index, event in enumerate(decode_events(row.body)):
            audit.take(row.seq + index, event)
            events.append(event)
    seen.runs[name] = audit.run
    row = projected(summary, await store.waits(execution))
    for finding in (*audit.findings, *(audit_row(audit.run, row) if audit.folds else ())):
        seen.findings.append(f"{name}, {finding.where}: {finding.code}: {finding.message}")


def _between_families(
    seen: Inspection, matches: set[tuple[str, str, str]], inbox: Counter[tuple[str, str]]
) -> Iterator[str]:
    """A child is there from the commit on that spawns it, and each end, cancel and hold is on its way to the other."""
    for name, run in seen.runs.items():
        for activation, id in run.children.items():
            child = seen.runs.get(show_id(id))
            if child is None:
                yield f"{name}: the child of `{activation}` is not there"
            elif child.status.is_terminal and (name, CHILD_ENDED, id) not in matches:
                yield f"{name}: the child of `{activation}` has ended, and nobody tells it"
            elif _differ(run, child) and (show_id(id), PARENT_SAYS, id) not in matches:
                yield f"{name}: the child of `{activation}` isn't told of a hold"
        if run.parent is not None and not run.status.is_terminal:
            parent = seen.runs.get(show_id(run.parent.execution))
            if parent is None:
                yield f"{name}: its parent is not there"
            elif _is_unwanted(run, parent) and (name, PARENT_SAYS, run.execution_id) not in matches:
                yield f"{name}: its parent has no use for it any more, and nobody tells it"
    known = {(to[1], to[2]) for to in matches}
    for message in inbox:
        if message[0].startswith(":") and message not in known:
            yield f"the inbox has {message}, and nobody will take it"


def _differ(parent: Run, child: Run) -> bool:
    """Whether one of them is held, and the other goes on."""
    return child.closing is None and (parent.hold is None) != (child.hold is None)


def _is_unwanted(child: Run, parent: Run) -> bool:
    """Whether it goes on although nobody waits for it."""
    return child.closing is None and child.execution_id not in parent.children.values()


def _messages(seen: Inspection, promises: Promises, inbox: Counter[tuple[str, str]]) -> Iterator[str]:
    """Each event is in the inbox or in one history, and nowhere else."""
    received = Counter(
        (event.name, event.correlation)
        for events in seen.histories.values()
        for event in events
        if isinstance(event, MessageReceived) and event.correlation is not None
    )
    for message in promises.sent | received.keys():
        times = received[message] + inbox[message]
        if times != 1:
            yield f"{message} was sent once, and is there {times} times"


def _broken_promises(seen: Inspection, promises: Promises) -> Iterator[str]:
    for execution in promises.begun:
        if str(execution) not in seen.histories:
            yield f"{execution} was acknowledged, and is lost"
    for said in promises.said:
        events = seen.histories.get(said.execution, [])
        if not any(event.at == said.at and getattr(event, "by", None) == said.by for event in events):
            yield f"{said.execution}: what {said.by} said at {said.at} was acknowledged, and is lost"
