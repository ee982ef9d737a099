"""What came of a torture: figures for people and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from pectin import WorkflowStatus
from pectin.core.event import (
    AttemptInterrupted,
    ChildSpawned,
    DoubtRaised,
    DoubtResolved,
    Event,
    ExecutionHeld,
    MessageReceived,
    NodeQuarantined,
)
from tests.torture.course import Kind
from tests.torture.reading import Book
from tests.torture.supervisor import Record

COUNTED: tuple[tuple[str, type[Event]], ...] = (
    ("interruptions", AttemptInterrupted),
    ("doubts", DoubtRaised),
    ("doubts_resolved", DoubtResolved),
    ("quarantines", NodeQuarantined),
    ("holds", ExecutionHeld),
    ("messages", MessageReceived),
    ("children", ChildSpawned),
)


@dataclass(frozen=True)
class Report:
    """The figures. `complaints` is empty if all is well."""

    seconds: float
    record: Record
    book: Book
    complaints: list[str]

    def document(self) -> dict[str, Any]:
        """For programs."""
        record, book = self.record, self.book
        events = Counter[type[Event]](type(event) for told in book.told.values() for event in told.events)
        return {
            "ok": not self.complaints,
            "complaints": self.complaints,
            "seconds": round(self.seconds, 1),
            "kills": record.killed,
            "kills_by_kind": {kind.name.lower(): record.kills[kind] for kind in Kind},
            "kills_inside_a_commit": record.killed_inside,
            "inside": dict(sorted(record.inside.items())),
            "pauses": record.pauses,
            "stops": record.stops,
            "rivals_kept_out": record.rivals,
            "visitors_turned_away": record.turned_away,
            "recovery_ms": _spread(record.recoveries),
            "executions": len(book.told),
            "cancelled": sum(told.row.status is WorkflowStatus.CANCELLED for told in book.told.values()),
            "events": events.total(),
            **{name: events[kind] for name, kind in COUNTED},
            "acks": dict(Counter(ack["did"] for ack in book.acks)),
            "effects": dict(Counter(line["effect"] for line in book.effects)) | {"transactional": len(book.booked)},
            "keyed_repeats": sum(line["is_repeat"] for line in book.effects),
        }

    def table(self) -> str:
        """For people."""
        document = self.document()
        lines = [f"  {count:>6}  {kind}" for kind in Kind if (count := self.record.kills[kind])]
        lines += [f"  {document['kills']:>6}  kills, {document['kills_inside_a_commit']} of them inside a commit"]
        lines += [f"  {count:>6}  died {where}" for where, count in document["inside"].items()]
        names = ("pauses", "stops", "rivals_kept_out", "visitors_turned_away", "executions", "cancelled", "events")
        for name in (*names, *(name for name, _ in COUNTED), "keyed_repeats"):
            lines.append(f"  {document[name]:>6}  {name.replace('_', ' ')}")
        for group in ("acks", "effects"):
            counts: dict[str, int] = document[group]
            each = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
            lines += [f"  {sum(counts.values()):>6}  {group}: {each}"]
        p50, most = document["recovery_ms"]["p50"], document["recovery_ms"]["max"]
        lines += [f"  an engine that finds a dead one's store is open after {p50} ms (median), {most} ms (max)"]
        return "\n".join(lines)


def _spread(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {"p50": 0.0, "max": 0.0}
    return {"p50": round(median(seconds) * 1000, 1), "max": round(max(seconds) * 1000, 1)}


ACKS = ("start", "decide", "signal", "send", "resolve", "cancel", "hold", "release")
EFFECTS = ("keyed", "once", "idempotent", "transactional")
REACHED = ("interruptions", "doubts", "doubts_resolved", "holds", "cancelled", "messages", "children")


def never_reached(report: Report, kinds: tuple[Kind, ...]) -> list[str]:
    """What a torture that is long enough should have met, and has not."""
    document = report.document()
    missed = [f"no kill was ever `{kind}`" for kind in kinds if not report.record.kills[kind]]
    missed += [f"there were no {name.replace('_', ' ')}" for name in REACHED if not document[name]]
    missed += [f"nobody had an ack of `{did}`" for did in ACKS if not document["acks"].get(did)]
    missed += [f"no effect was {effect}" for effect in EFFECTS if not document["effects"].get(effect)]
    missed += [] if document["keyed_repeats"] else ["no keyed effect was ever asked for again"]
    if not document["visitors_turned_away"]:
        missed.append("no engine stood still inside a commit for longer than a visitor waits")
    if report.record.killed_inside * 6 < report.record.killed:
        missed.append(f"only {report.record.killed_inside} of {report.record.killed} kills were inside a commit")
    return missed
