"""The table in the terminal, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.measure import Measure

HEADINGS = ("what", "ours", "raw", "ratio", "spread")

UNSTEADY = 1.5
"""How far the raw value may move between rounds before its ratio is marked."""
MARK = " ~"
UNSTEADY_NOTE = "~ raw itself moved by more than a half between the rounds: measure again when the machine is quiet"


def number(value: float) -> str:
    """Three digits that count: `12,345`, `123`, `12.3`, `0.123`."""
    size = abs(value)
    digits = 0 if size >= 100 or value == 0 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}"


def ratio_mark(measure: Measure) -> str:
    """What stands behind its ratio if the machine was too unsteady for one."""
    return MARK * (measure.raw_moved > UNSTEADY)


def row(measure: Measure) -> tuple[str, ...]:
    """The cells of one measure."""
    compares = measure.raw is not None and measure.ratio is not None
    return (
        measure.what,
        f"{number(measure.ours)} {measure.unit}",
        f"{number(measure.raw or 0)} {measure.raw_unit}" if compares else "",
        number(measure.ratio or 0) + ratio_mark(measure) if compares else "",
        f"{number(measure.low)} – {number(measure.high)}",
    )


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, in columns, with a line below the first."""
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(rows[0]))]
    lines = [
        "   ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip() for cells in rows
    ]
    return "\n".join([lines[0], "─" * (sum(widths) + 3 * (len(widths) - 1)), *lines[1:]])


def table(measures: Sequence[Measure]) -> str:
    """All measures, in columns. A ratio is marked if the machine was too unsteady for it."""
    rows = [HEADINGS, *map(row, measures)]
    notes = [UNSTEADY_NOTE] if any(MARK in cells[3] for cells in rows) else []
    return "\n".join([columns(rows), *notes])


def notes(facts: Mapping[str, str]) -> str:
    """Facts, one a line."""
    width = max(map(len, facts))
    return "\n".join(f"{name.ljust(width)}   {fact}" for name, fact in facts.items())
