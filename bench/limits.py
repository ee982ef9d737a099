"""The limits in `limits.toml`, and what misses them.

A limit is on the ratio to raw wherever there is one, since that hardly depends on the machine; on our own number
otherwise.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.measure import Measure

FILE = Path(__file__).with_name("limits.toml")
BOUNDS = ("ratio_at_least", "ratio_at_most", "ours_at_least", "ours_at_most")

Limits = Mapping[str, Mapping[str, float]]


class Bound(NamedTuple):
    """One bound: `what` of a measure, on which `side` of which value."""

    what: str
    side: str
    value: float

    @classmethod
    def read(cls, name: str, value: float) -> Bound:
        """From its name, one of `BOUNDS`."""
        what, _, side = name.partition("_at_")
        return cls(what, side, value)

    def of(self, measure: Measure | None) -> float | None:
        """The number that it bounds, None if that was not measured."""
        return getattr(measure, self.what, None)

    def holds(self, measured: float) -> bool:
        """Whether this number keeps it."""
        return measured >= self.value if self.side == "least" else measured <= self.value


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
        for bound in (Bound.read(name, value) for name, value in bounds.items()):
            value = bound.of(found.get(key))
            if value is None:
                complaints.append(f"{key}: no {bound.what} was measured")
            elif not bound.holds(value):
                should = f"should be at {bound.side} {bound.value:g}"
                complaints.append(f"{key}: the {bound.what} is {value:.4g}, and {should}")
    return complaints
