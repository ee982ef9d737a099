"""The table of peers, and how its cells are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.measure import Measure
from bench.peers.turns import MEMORY, WAKE
from bench.table import MARK, UNSTEADY, UNSTEADY_NOTE, number

RATES = ("sequential", "many", "fan-out")
HEADINGS = ("engine", "version", "state in", "syncs a step", *RATES, "KB a waiting one", "event to result, p50")
NOTE = (
    "in brackets: how many times raw; syncs are counted by strace in a run of its own, ≥ where writes may sync unseen"
)


@dataclass
class Entry:
    """A line: what was found of one engine. `syncs` is per step of `sequential`; `counts` are sizes that were done."""

    name: str
    stores: str
    versions: str = ""
    syncs: float | None = None
    hidden: tuple[str, ...] = ()
    measures: list[Measure] = field(default_factory=list[Measure])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    complaints: list[str] = field(default_factory=list[str])

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "name": self.name,
            "versions": self.versions,
            "stores": self.stores,
            "syncs_a_step": self.syncs,
            "hidden_syncs": list(self.hidden),
            "measures": [measure.to_json() for measure in self.measures],
            "counts": self.counts,
            "complaints": self.complaints,
        }


def row(entry: Entry) -> tuple[str, ...]:
    """The cells of one engine; a dash for what was not measured."""
    found = {measure.key: measure for measure in entry.measures}
    rates = (_rate(found.get(key)) for key in RATES)
    memory = number(found[MEMORY].ours) if MEMORY in found else "–"
    return (entry.name, entry.versions or "–", entry.stores, _syncs(entry), *rates, memory, _wake(found.get(WAKE)))


def table(entries: Sequence[Entry]) -> str:
    """All engines in columns, and under them what was skipped or failed, and why."""
    rows = [HEADINGS, *map(row, entries)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEADINGS))]
    lines = [
        "   ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in rows
    ]
    complaints = [f"{entry.name}: {complaint}" for entry in entries for complaint in entry.complaints]
    unsteady = [UNSTEADY_NOTE] if any(MARK in cell for cells in rows for cell in cells) else []
    return "\n".join([lines[0], "─" * (sum(widths) + 3 * (len(widths) - 1)), *lines[1:], NOTE, *unsteady, *complaints])


def _syncs(entry: Entry) -> str:
    if entry.syncs is None:
        return "–"
    return ("≥ " if entry.hidden else "") + number(entry.syncs)


def _rate(measure: Measure | None) -> str:
    return "–" if measure is None else f"{number(measure.ours)}/s {_ratio(measure)}"


def _wake(measure: Measure | None) -> str:
    return "–" if measure is None else f"{number(measure.ours)} ms {_ratio(measure)}"


def _ratio(measure: Measure) -> str:
    return f"(× {number(measure.ratio or 0)}{MARK * (measure.raw_moved > UNSTEADY)})"
