"""Nobody is stranded: over random graphs and random orders of what happens, `why` always has something to say, and it
agrees with the audit on what an execution can go on by."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import settings

from pectin.core.audit import Prospect, prospects
from pectin.core.command import AnyCommand
from pectin.core.decide import Decision
from pectin.core.why import Why, why
from pectin.nodes import bind
from tests.core.chance import random_definition
from tests.core.play import Play

GRAPHS = 4 * settings().max_examples

codes: Counter[str] = Counter()


class ToldPlay(Play):
    """After every command there is a sentence that says what goes on, what is due, or who is to do something."""

    __slots__ = ()

    def send(self, command: AnyCommand) -> Decision:
        decision = super().send(command)
        if self.run.version:
            self.check(served=True)
            self.check(served=False)
        return decision

    def check(self, *, served: bool) -> None:
        told = why(self.run, self.now, served=served, tell_time=str)
        codes[told.code] += 1
        assert told.sentence.endswith("."), told
        assert agrees(told, prospects(self.run)), (told, self.run)
        assert has_something_to_do(told), told
        if not served and not self.run.status.is_terminal:
            assert told.code not in ("running", "ready", "closing"), told


AGREES: dict[str, set[Prospect]] = {
    "running": {Prospect.RUNNING},
    "ready": {Prospect.READY},
    "backoff": {Prospect.TIMER},
    "held": {Prospect.HOLD},
    "person": {Prospect.WAIT},
    "event": {Prospect.WAIT},
    "signal": {Prospect.WAIT},
    "time": {Prospect.WAIT},
    "child": {Prospect.CHILD},
    "doubt": {Prospect.DOUBT},
    "quarantine": {Prospect.QUARANTINE},
    "closing": {Prospect.RUNNING, Prospect.READY, Prospect.TIMER},
    "unserved": {Prospect.RUNNING, Prospect.READY, Prospect.TIMER, Prospect.WAIT},
    "several": {Prospect.WAIT, Prospect.CHILD, Prospect.DOUBT, Prospect.QUARANTINE},
    "ended": set(),
}
"""By the code, what an execution goes on by of which this is said: one of these."""


def agrees(told: Why, found: frozenset[Prospect]) -> bool:
    """Whether what is said is what the audit finds; what goes on by itself is not said of what only waits."""
    if told.code == "ended":
        return not found
    if told.code in ("person", "event", "signal", "time", "child", "doubt", "quarantine", "several"):
        return bool(found & AGREES[told.code]) and not found & {Prospect.RUNNING, Prospect.READY, Prospect.HOLD}
    return bool(found & AGREES[told.code])


def has_something_to_do(told: Why) -> bool:
    """Whether there is a command, or the clock does the next thing."""
    return bool(told.then or told.needs) or told.code in ("time", "backoff")


def test_nobody_is_stranded_whatever_happens() -> None:
    codes.clear()
    for seed in range(GRAPHS):
        calm = seed % 2 == 0
        ToldPlay(bind(random_definition(seed, calm)), seed, Random(seed), calm).play()
    at_work = {"unserved", "running", "ready", "backoff", "held", "closing", "ended"}
    at_rest = {"person", "event", "signal", "doubt", "child"}
    assert not (at_work | at_rest) - set(codes), codes
