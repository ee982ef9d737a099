"""The targets in `targets.toml`, and whether a run reaches them.

They are what we want to be; `limits.toml` is what we must never be. So a target that is missed is shown, as `short`,
and fails nothing unless that was asked for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bench.limits import BOUNDS, Bound
from bench.measure import Measure
from bench.table import columns, number, ratio_mark

FILE = Path(__file__).with_name("targets.toml")
SIGNS = {"least": "≥", "most": "≤"}
HEADINGS = ("", "target", "wanted", "measured", "")

Outcome = Literal["pass", "short", "not measured"]


@dataclass(frozen=True)
class Target:
    """A bound that a measure should keep, of the workload `of`; `wanted` is what we hope for beyond it."""

    of: str
    key: str
    bound: Bound
    wanted: float | None = None


@dataclass(frozen=True)
class Verdict:
    """A target, and the measure that it is held against, if that was taken."""

    target: Target
    measure: Measure | None

    @property
    def measured(self) -> float | None:
        """The number that counts."""
        return self.target.bound.of(self.measure)

    @property
    def outcome(self) -> Outcome:
        """What is said of it."""
        if self.measured is None:
            return "not measured"
        return "pass" if self.target.bound.holds(self.measured) else "short"

    def row(self) -> tuple[str, ...]:
        """Its cells in the table."""
        target, bound, measure = self.target, self.target.bound, self.measure
        of_raw = bound.what == "ratio"
        unit = "×" if of_raw else "" if measure is None else measure.unit
        mark = ratio_mark(measure) if of_raw and measure is not None else ""
        what = target.key if measure is None else measure.what
        return (
            target.of,
            f"{what} {SIGNS[bound.side]} {bound.value:g} {unit}".rstrip(),
            "" if target.wanted is None else f"{target.wanted:g}",
            "" if self.measured is None else f"{number(self.measured)} {unit}{mark}",
            self.outcome,
        )

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        bound = self.target.bound
        return {
            "of": self.target.of,
            "key": self.target.key,
            "bound": f"{bound.what}_at_{bound.side}",
            "target": bound.value,
            "wanted": self.target.wanted,
            "measured": self.measured,
            "outcome": self.outcome,
        }


def read_targets(file: Path = FILE) -> list[Target]:
    """All targets, in the order of the file. Raises `ValueError` for what is none."""
    targets: list[Target] = []
    for key, table in tomllib.loads(file.read_text("utf-8")).items():
        known = {"of", "wanted", *BOUNDS}
        if unknown := [name for name in table if name not in known]:
            raise ValueError(f"{file.name}: [{key}] has {unknown[0]!r}; write one of {', '.join(sorted(known))}")
        bounds = [Bound.read(name, table[name]) for name in BOUNDS if name in table]
        if "of" not in table or not bounds:
            raise ValueError(f"{file.name}: [{key}] needs `of`, and one of {', '.join(BOUNDS)}")
        targets += [Target(table["of"], key, bound, table.get("wanted")) for bound in bounds]
    return targets


def judge(measures: Iterable[Measure], targets: Iterable[Target]) -> list[Verdict]:
    """Each target beside its measure."""
    found = {measure.key: measure for measure in measures}
    return [Verdict(target, found.get(target.key)) for target in targets]


def target_table(verdicts: Sequence[Verdict]) -> str:
    """Target, measured, pass or short; and how many of which."""
    outcomes = [verdict.outcome for verdict in verdicts]
    counts = (f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))
    return f"{columns([HEADINGS, *(verdict.row() for verdict in verdicts)])}\n{', '.join(counts)}"
