"""What a crash test tells: a verdict for each node, and for a failure all that is needed to mend it."""

from __future__ import annotations

import msgspec

from pectin.core.definition import Json
from pectin.core.error import PectinError
from pectin.testing.crashtest.compare import Kind


class Verdict(msgspec.Struct, frozen=True):
    """Of a node: how many of the crashes were at it, and how often an activation of it was entered, at least and at
    most (None for one that runs no body)."""

    node: str
    effect: str
    crashes: int
    entered: tuple[int, int] | None
    ok: bool
    words: str


class Failure(msgspec.Struct, frozen=True):
    """What went wrong, of one kind and at one node, `times` out of `trials`. `points` are the smallest crash that shows
    it, `how` what happens then, `mend` what to declare. `order` is the seed of the order, where that is to blame."""

    kind: Kind
    node: str
    title: str
    how: str
    details: tuple[str, ...]
    points: tuple[str, ...]
    mend: tuple[str, ...]
    source: str | None
    times: int
    trials: int
    every_time: bool = True
    order: int | None = None


class Report(msgspec.Struct, frozen=True):
    """A crash test's. `commits` is how many there were in the calm run, `probe` what the probe said after it; `crashes`
    is how many trials had one, `orders` how many other orders of arrival were tried. With `points`, there was one
    trial, with these crashes."""

    workflow: str
    version: str
    status: str
    nodes: int
    commits: int
    verdicts: tuple[Verdict, ...]
    failures: tuple[Failure, ...]
    crashes: int
    recoveries: int
    orders: int
    simulated: bool
    seconds: float
    points: tuple[str, ...] = ()
    probe: Json = None
    has_probe: bool = False
    state: dict[str, Json] = {}
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.failures


class CalmRunFailed(PectinError):
    """The calm run doesn't come to an end, so there is nothing to compare with."""
