"""How pictures look: one set of colours for light surroundings, one for dark ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_LIGHT: Final = {
    "ground": "#ffffff",
    "ink": "#1f2328",
    "soft": "#59636e",
    "line": "#818b98",
    "fill": "#f6f8fa",
    "edge": "#c3cad2",
    "purple": "#8250df",
    "amber": "#9a6700",
    "blue": "#0969da",
    "teal": "#1b7c83",
    "red": "#cf222e",
    "done": "#dafbe1 #1a7f37",
    "failed": "#ffebe9 #cf222e",
    "active": "#fff8c5 #9a6700",
    "again": "#ddf4ff #0969da",
    "rests": "#fbefff #8250df",
    "doubt": "#ffeff7 #bf3989",
}
_DARK: Final = {
    "ground": "#0d1117",
    "ink": "#e6edf3",
    "soft": "#9198a1",
    "line": "#6e7681",
    "fill": "#161b22",
    "edge": "#3d444d",
    "purple": "#ab7df8",
    "amber": "#d29922",
    "blue": "#4493f8",
    "teal": "#39c5cf",
    "red": "#f85149",
    "done": "#12261e #3fb950",
    "failed": "#2d1416 #f85149",
    "active": "#2b2213 #d29922",
    "again": "#121d2f #4493f8",
    "rests": "#221a33 #ab7df8",
    "doubt": "#2a1626 #db61a2",
}
_STATES: Final = ("done", "failed", "active", "again", "rests", "doubt")
_ACCENTS: Final = {
    "condition": "purple",
    "human_approval": "amber",
    "wait": "blue",
    "join": "teal",
    "parallel": "teal",
    "subgraph": "blue",
    "map": "teal",
    "limit_exceeded": "red",
}
_FONT: Final = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"


def _colours(colours: Mapping[str, str]) -> list[str]:
    rules = {
        ".ground": f"fill:{colours['ground']}",
        ".name,.caption": f"fill:{colours['ink']}",
        ".note,.label": f"fill:{colours['soft']}",
        ".line": f"stroke:{colours['line']}",
        ".head": f"fill:{colours['line']}",
        ".shape": f"fill:{colours['fill']};stroke:{colours['edge']}",
        ".bar": f"stroke:{colours['edge']}",
        ".dot": f"fill:{colours['line']}",
        ".ring": f"stroke:{colours['line']}",
        ".aside .line": f"stroke:{colours['red']}",
        ".aside .head,.aside .label": f"fill:{colours['red']}",
    }
    for kind, accent in _ACCENTS.items():
        rules[f".{kind} .shape,.{kind} .bar"] = f"stroke:{colours[accent]}"
        rules[f".{kind} .thick"] = f"fill:{colours[accent]}"
    for state in _STATES:
        fill, edge = colours[state].split()
        rules[f".{state} .shape"] = f"fill:{fill};stroke:{edge}"
        rules[f".{state} .bar"] = f"stroke:{edge}"
        rules[f".{state} .thick,.{state} .state"] = f"fill:{edge}"
    rules[".skipped .state"] = f"fill:{colours['soft']}"
    return [f"{_scoped(selector)}{{{rule}}}" for selector, rule in rules.items()]


def _scoped(selector: str) -> str:
    return ",".join(f".pectin {one}" for one in selector.split(","))


_FORM: Final = {
    "text": f"font:11px {_FONT};text-anchor:middle",
    ".name": f"font:600 13px {_FONT}",
    ".state": f"font:600 11px {_FONT}",
    ".caption": f"font:600 12px {_FONT};text-anchor:start",
    ".line,.ring,.bar": "fill:none;stroke-width:1.5",
    ".shape": "stroke-width:1.5",
    ".aside .line": "stroke-dasharray:5 4",
    ".finalizer .shape": "stroke-dasharray:3 3",
    ".skipped": "opacity:.6",
    ".skipped .shape": "stroke-dasharray:4 4",
}

STYLE: Final = "\n".join(
    [
        "",
        *(f"{_scoped(selector)}{{{rule}}}" for selector, rule in _FORM.items()),
        *_colours(_LIGHT),
        "@media (prefers-color-scheme:dark){",
        *_colours(_DARK),
        "}",
        "",
    ]
)
"""The style sheet of every picture."""
