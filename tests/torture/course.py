"""The course of a torture: who is killed, how and when, drawn from a seed.

The seed draws the same course again. What it meets differs a little each time, since processes are real.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from random import Random

from tests.torture.inside import Inside, Where


class Kind(StrEnum):
    """How a process is killed."""

    KILLED = "engine, SIGKILL at a random moment"
    STOPPED = "engine, SIGKILL while it stands still (SIGSTOP)"
    CUT_SHORT = "engine, SIGKILL while it stops (SIGTERM)"
    IN_COMMIT = "engine, inside a commit"
    STOPPED_IN_COMMIT = "engine, SIGKILL while it stands still inside a commit"
    IN_CHECKPOINT = "engine, inside a checkpoint"
    AFTER_EFFECT = "engine, between an effect and its record"
    VISITOR = "visitor, SIGKILL at a random moment"
    VISITOR_IN_COMMIT = "visitor, inside a commit"


INSIDE = (Kind.IN_COMMIT, Kind.STOPPED_IN_COMMIT, Kind.VISITOR_IN_COMMIT)
"""The kinds that end a process inside a commit."""
OF_A_VISITOR = (Kind.VISITOR, Kind.VISITOR_IN_COMMIT)

SHARES: dict[Kind, int] = {
    Kind.KILLED: 24,
    Kind.STOPPED: 3,
    Kind.CUT_SHORT: 3,
    Kind.IN_COMMIT: 8,
    Kind.STOPPED_IN_COMMIT: 2,
    Kind.IN_CHECKPOINT: 1,
    Kind.AFTER_EFFECT: 3,
    Kind.VISITOR: 1,
    Kind.VISITOR_IN_COMMIT: 2,
}
"""How many kills of forty-seven are of each kind."""

MOMENT_SECONDS_MAX = 0.3
"""A random moment is in the first so many seconds of a process: of its opening or of its work."""
PATIENCE_SECONDS = 1.0
"""How long a process that is open may take to die by itself; then it is killed at that moment."""
LONG_SECONDS = 6.0
"""Longer than a visitor waits for the file."""
LONG_EVERY = 100
"""Each time after so many turns one process stands still for `LONG_SECONDS` inside a commit."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One engine's life and whose end it brings.

    At `moment` seconds something happens to it: it is killed, stopped, or told to go. `still` is for how long it stands
    still, `pause` when and for how long it did before. A `rival` engine tries to get in meanwhile. It dies by itself
    `inside` a commit, or after so many effects, of this kind if one is named.
    """

    kind: Kind
    moment: float
    pause: tuple[float, float] | None = None
    still: float = 0.0
    rival: bool = False
    inside: Inside | None = None
    effects: int = 0
    effect: str = ""
    patient: bool = True


def draw_course(seed: int, kinds: tuple[Kind, ...] = tuple(Kind)) -> Iterator[Turn]:
    """Turns without an end, in which each of the kinds has its share."""
    random = Random(seed)
    deck = [kind for kind in kinds for _ in range(SHARES[kind])]
    for round in count():
        for number, kind in enumerate(random.sample(deck, len(deck)), round * len(deck) + 1):
            yield _draw(random, kind, is_long=number % LONG_EVERY == 0)


def _draw(random: Random, kind: Kind, *, is_long: bool) -> Turn:
    if is_long:
        kind = Kind.STOPPED_IN_COMMIT
    moment = random.uniform(0, MOMENT_SECONDS_MAX)
    still = LONG_SECONDS if is_long else random.choice((0.01, 0.1, 0.4)) * random.random()
    match kind:
        case Kind.KILLED:
            pause = (moment * random.random(), still) if random.random() < 0.3 else None
            return Turn(kind=kind, moment=moment, pause=pause)
        case Kind.STOPPED:
            return Turn(kind=kind, moment=moment, still=still, rival=True)
        case Kind.CUT_SHORT:
            # A stop takes a few milliseconds, so that a kill within one has to come soon after.
            return Turn(kind=kind, moment=moment, still=random.uniform(0, 0.02), patient=random.random() < 0.5)
        case Kind.AFTER_EFFECT:
            effect, effects = random.choice((("keyed", 1), ("keyed", 1), ("", 1), ("", 2)))
            return Turn(kind=kind, moment=PATIENCE_SECONDS, effects=effects, effect=effect)
        case Kind.VISITOR:
            return Turn(kind=kind, moment=moment, patient=random.random() < 0.5)
        case _:
            return _draw_inside(random, kind, still)


def _draw_inside(random: Random, kind: Kind, still: float) -> Turn:
    """An engine writes some hundred frames in a life and syncs them some twenty times; visitors do less."""
    syncs = kind is not Kind.IN_CHECKPOINT and random.random() < 0.4
    most = (6 if syncs else 40) if kind is Kind.VISITOR_IN_COMMIT else (14 if syncs else 100)
    where: Where = random.choice(("before", "after") if syncs else ("before", "amid", "after"))
    stops = kind is Kind.STOPPED_IN_COMMIT
    inside = Inside(
        file="database" if kind is Kind.IN_CHECKPOINT else "log",
        does="sync" if syncs else "write",
        number=random.randint(1, most),
        where=where,
        signal=signal.SIGSTOP if stops else signal.SIGKILL,
    )
    return Turn(kind=kind, moment=PATIENCE_SECONDS, still=still, inside=inside, rival=stops)
