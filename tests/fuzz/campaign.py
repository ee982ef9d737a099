"""Inputs by seeds: which door, and what comes to it.

    python -m tests.fuzz [DOOR …] [--seed N] [--inputs N]

Each input has a name, its door's and its seed's, so that a finding can be had again by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.doors import DOORS
from tests.fuzz.judge import Door, Finding, Verdict, judge
from tests.fuzz.recipe import Recipe


def draw(door: Door, seed: int) -> Recipe:
    """The input that comes to a door under a seed."""
    return door.draw(Random(f"{door.name} {seed}"))


def seeds(inputs: int, doors: Sequence[Door] | None = None) -> Iterator[tuple[Door, int]]:
    """So many inputs, shared among the doors."""
    chosen = tuple(DOORS.values()) if doors is None else doors
    whole = sum(door.share for door in chosen)
    for door in chosen:
        for seed in range(max(1, round(inputs * door.share / whole))):
            yield door, seed


@dataclass
class Campaign:
    """What came of many inputs: taken and refused by door, and the findings."""

    taken: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    findings: list[Finding] = field(default_factory=list[Finding])

    def run(self, inputs: int, first: int = 0, doors: Sequence[Door] | None = None, findings_max: int = 20) -> None:
        """Let in so many inputs, from the seed `first` on; up to so many findings."""
        for door, seed in seeds(inputs, doors):
            recipe = draw(door, first + seed)
            try:
                verdict = judge(door, recipe)
            except Finding as finding:
                finding.add_note(f"again: python -m tests.fuzz --seed {first + seed} --inputs 1 -- {door.name}")
                self.findings.append(finding)
                if len(self.findings) >= findings_max:
                    return
                continue
            self._count(door, verdict)

    def _count(self, door: Door, verdict: Verdict) -> None:
        (self.taken if verdict.error is None else self.refused)[door.name] += 1
