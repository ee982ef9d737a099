"""`python -m bench.picture RUN.json FOLDER`: draws `performance-history.svg` and `performance-concurrency.svg`.

A page shows them as images, so they bring their own colours for light and for dark, and need nothing else. The same run
gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import ceil, floor, log10
from pathlib import Path
from typing import Any

from bench.table import number

WIDTH, HEIGHT = 700, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 168, 62, 66
"""Around the plot. At the right stand the names of the lines."""
TICKS = 5
LINE_HEIGHT = 17

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.faint { fill: #57606a }
.grid { stroke: #d0d7de; stroke-width: 1 }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
.c0 { color: #0b62a8 } .c1 { color: #b5480b } .c2 { color: #17714a } .c3 { color: #7d3894 }
.line { stroke: currentColor } .dot, .name { fill: currentColor } .name { font-weight: 600 }
.raw .line { stroke-dasharray: 2 6 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d }
  .c0 { color: #6cb6ff } .c1 { color: #ffa05c } .c2 { color: #5fd39b } .c3 { color: #d8a3ee }
  .dot, .name { fill: currentColor }
}
"""


@dataclass(frozen=True)
class Series:
    """A line, by the name that stands at its end; dotted if it `is_raw`."""

    name: str
    points: Sequence[tuple[float, float]]
    is_raw: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines over one axis, which is logarithmic if it `grows_tenfold`. All begin at zero otherwise."""

    title: str
    y_says: str
    x_says: str
    series: Sequence[Series]
    grows_tenfold: bool = False


@dataclass(frozen=True)
class Scale:
    """Where values stand in the plot."""

    x: Callable[[float], float]
    y: Callable[[float], float]
    x_ticks: Sequence[float]
    y_ticks: Sequence[float]

    @classmethod
    def of(cls, chart: Chart) -> Scale:
        """The scale that shows all points."""
        points = [point for series in chart.series for point in series.points]
        x_max, y_max = (max(values) for values in zip(*points, strict=True))
        y_ticks = ticks(y_max)
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

        def y(value: float) -> float:
            return TOP + high * (1 - value / y_ticks[-1])

        if chart.grows_tenfold:
            decades = max(1, ceil(log10(x_max)))
            x_ticks = [10.0**power for power in range(decades + 1)]
            return cls(lambda value: LEFT + wide * log10(value) / decades, y, x_ticks, y_ticks)
        x_ticks = ticks(x_max)
        return cls(lambda value: LEFT + wide * value / x_ticks[-1], y, x_ticks, y_ticks)


def ticks(most: float) -> list[float]:
    """Round values from 0 to the first that is not less than `most`."""
    rough = (most or 1.0) / TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [step * count for count in range(ceil(most / step - 1e-9) + 1)] if most else [0.0, step]


def draw(chart: Chart, machine: Mapping[str, str]) -> str:
    """The chart as a document of its own."""
    scale = Scale.of(chart)
    told = "; ".join(f"{line.name}: {number(line.points[-1][1])} at {line.points[-1][0]:,.0f}" for line in chart.series)
    where = f"{machine['cores']} cores, {machine['file system']}, Python {machine['python'].split()[-1]}"
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">',
        f"<title>{escape(chart.title)}</title>",
        f"<desc>{escape(told)}</desc>",
        f"<style>{STYLE}</style>",
        _text(16, 24, chart.title, "title"),
        _text(16, 44, chart.y_says, "faint"),
        *(_across(scale, value) for value in scale.y_ticks),
        *(_text(scale.x(value), HEIGHT - BOTTOM + 20, f"{value:,.0f}", "faint", "middle") for value in scale.x_ticks),
        _text(LEFT, HEIGHT - BOTTOM + 42, chart.x_says, "faint"),
        _text(WIDTH - 16, HEIGHT - 8, f"{where}, SQLite {machine['sqlite']}", "faint", "end"),
        *_lines(chart, scale),
        "</svg>",
    ]
    return "\n".join(shapes) + "\n"


def _across(scale: Scale, value: float) -> str:
    y = scale.y(value)
    grid = f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return grid + _text(LEFT - 8, y + 4, f"{value:,.10g}", "faint", "end")


def _lines(chart: Chart, scale: Scale) -> list[str]:
    ends = spread([scale.y(series.points[-1][1]) for series in chart.series])
    return [
        _line(series, scale, colour, end) for colour, (series, end) in enumerate(zip(chart.series, ends, strict=True))
    ]


def _line(series: Series, scale: Scale, colour: int, name_y: float) -> str:
    places = [(scale.x(x), scale.y(y)) for x, y in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places)
    name = _text(places[-1][0] + 12, name_y + 4, series.name, "name")
    kind = f"c{colour % 4}{' raw' * series.is_raw}"
    return f'<g class="{kind}"><polyline class="line" points="{path}"/>{dots}{name}</g>'


def spread(heights: Sequence[float]) -> list[float]:
    """The heights, moved as far apart as names need: down, and up again where that would leave the plot."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    placed = list(heights)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + LINE_HEIGHT)
    lowest = HEIGHT - BOTTOM
    for index in reversed(order):
        placed[index] = min(placed[index], lowest)
        lowest = placed[index] - LINE_HEIGHT
    return placed


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


# -- what is drawn -----------------------------------------------------------------------------------------

HISTORIES = {
    "small": "small state",
    "10kb": "10 KB state",
    "growing": "grows 200 B a step",
    "growing-part": "grows, keys named",
}
YOUNG = 10


def history_chart(measures: Mapping[str, Mapping[str, Any]]) -> Chart:
    """Cost per step against history length."""
    return Chart(
        "What a step costs as its history grows",
        "CPU microseconds a step, its function's call included",
        "steps in the history so far",
        [Series(name, _ages(measures, key)) for key, name in HISTORIES.items()],
    )


def _ages(measures: Mapping[str, Mapping[str, Any]], state: str) -> list[tuple[float, float]]:
    ages = {
        int(age): found for key, found in measures.items() if (age := key.removeprefix(f"history-{state}-")).isdigit()
    }
    old = sorted((age, found) for age, found in ages.items() if age != YOUNG)
    if not old:
        raise KeyError(f"history-{state}-…")
    return [(YOUNG, old[0][1]["raw"]), *((age, found["ours"]) for age, found in old)]


def concurrency_chart(measures: Mapping[str, Mapping[str, Any]]) -> Chart:
    """Throughput against concurrency."""
    found = {at_once: measures[f"at-once-{at_once}"] for at_once in (1, 10, 100, 1_000)}
    return Chart(
        "Throughput as more executions are at work at once",
        "durable steps a second, and rows of 200 B that SQLite alone commits, one by one",
        "executions at work at once, of 10 steps each",
        [
            Series("Pectin", [(at_once, each["ours"]) for at_once, each in found.items()]),
            Series("SQLite alone", [(at_once, each["raw"]) for at_once, each in found.items()], is_raw=True),
        ],
        grows_tenfold=True,
    )


CHARTS = {"performance-history.svg": history_chart, "performance-concurrency.svg": concurrency_chart}


def main(arguments: Sequence[str]) -> int:
    """Draw each chart of a run into a folder."""
    if len(arguments) != 2:
        sys.stderr.write("write `python -m bench.picture RUN.json FOLDER`; `python -m bench --json` makes a run\n")
        return 2
    run = json.loads(Path(arguments[0]).read_text("utf-8"))
    measures = {found["key"]: found for found in run["measures"]}
    for name, chart in CHARTS.items():
        try:
            drawn = draw(chart(measures), run["machine"])
        except KeyError as missing:
            sys.stderr.write(f"{arguments[0]} has no measure {missing.args[0]}: run all workloads\n")
            return 1
        Path(arguments[1], name).write_text(drawn, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
