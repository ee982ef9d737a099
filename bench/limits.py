"""The limits in `limits.toml`, and what misses them.

A limit is on the ratio to raw wherever there is one, since that hardly depends on the machine; on our own number
otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.measure import Measure

FILE = Path(__file__).with_name("limits.toml")
BOUNDS = ("ratio_at_least", "ratio_at_most", "ours_at_least", "ours_at_most")

Limits = Mapping[str, Mapping[str, float]]


def read_limits(file: Path = FILE) -> Limits:
    """The bounds of each measure, by its key. Raises `ValueError` for what is no bound."""
    limits = tomllib.loads(file.read_text("utf-8"))
    for key, bounds in limits.items():
        for name in bounds:
            if name not in BOUNDS:
                raise ValueError(f"{file.name}: [{key}] has {name!r}; write one of {', '.join(BOUNDS)}")
    return limits


def missed(measures: Iterable[Measure], limits: Limits) -> list[str]:
    """What misses its limit, one sentence each. A measure that should be there and isn't misses it too."""
    found = {measure.key: measure for measure in measures}
    complaints: list[str] = []
    for key, bounds in limits.items():
        for name, bound in bounds.items():
            what, _, side = name.partition("_at_")
            value = getattr(found.get(key), what, None)
            if value is None:
                complaints.append(f"{key}: no {what} was measured")
            elif value < bound if side == "least" else value > bound:
                complaints.append(f"{key}: the {what} is {value:.4g}, and should be at {side} {bound:g}")
    return complaints
