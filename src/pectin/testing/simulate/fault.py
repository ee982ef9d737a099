"""What goes wrong in a simulation, and the dice that say when.

Each throw is drawn from the seed, the fault and how often it was asked for, and from nothing else: so one occurrence
can be left out, and the others stay what they were. That is what makes a failing seed shrink.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple, cast
from zlib import crc32

from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean


class Fault(StrEnum):
    """Everything that can go wrong."""

    CRASH = "crash"
    """An engine's process is killed: no `finally` runs."""
    CRASH_IN_BODY = "crash_in_body"
    """It is killed between a function's effect and its record, or just before the effect."""
    CRASH_IN_COMMIT = "crash_in_commit"
    """It is killed after a commit was applied and before anybody heard of it."""
    TORN_GROUP = "torn_group"
    """It is killed in the middle of a group of commits: some are applied, the others never."""
    VISITOR_CRASH = "visitor_crash"
    """A command line is killed while it does what it was told."""
    STOP = "stop"
    """An engine is asked to stop, and its grace may run out."""
    ZOMBIE = "zombie"
    """An engine's process stands still, another takes over, and the first goes on."""
    FREEZE = "freeze"
    """An engine's process stands still for a while."""
    STORE_ERROR = "store_error"
    """The store fails, and nothing was written."""
    LOST_REPLY = "lost_reply"
    """The store fails although all was written, and nobody knows."""
    CONFLICTS = "conflicts"
    """Other writers come first, again and again."""
    HINT_LOST = "hint_lost"
    """Nobody is told that something was written: an engine finds it when it looks anyway."""
    HINT_DOUBLED = "hint_doubled"
    """The same news is told twice."""
    HINT_LATE = "hint_late"
    """News comes seconds late, and later news before it."""
    CLOCK_STEP = "clock_step"
    """Somebody sets an engine's clock."""
    CLOCK_DRIFT = "clock_drift"
    """An engine's clock is fast or slow."""
    TOOL_ERROR = "tool_error"
    """A function raises before its effect."""
    TOOL_LOST_REPLY = "tool_lost_reply"
    """A function raises after its effect."""
    TOOL_SLOW = "tool_slow"
    """A function takes up to 100 s."""
    TOOL_HANG = "tool_hang"
    """A function never returns."""
    HUGE_RESULT = "huge_result"
    """A function returns more than a value may have."""
    NAN_RESULT = "nan_result"
    """A function returns a number that JSON hasn't."""
    NOT_JSON_RESULT = "not_json_result"
    """A function returns something that is no JSON."""
    OPPOSITE_DECISIONS = "opposite_decisions"
    """Two people decide one approval, each otherwise."""
    DECISION_AT_DEADLINE = "decision_at_deadline"
    """A decision comes in the moment when its time is up."""
    SIGNAL_EARLY = "signal_early"
    """A signal or an event comes before anybody waits for it."""
    SIGNAL_DOUBLED = "signal_doubled"
    """A signal or an event is sent twice."""
    SIGNAL_LATE = "signal_late"
    """What was said is said again later, when its wait may be over."""
    CANCEL = "cancel"
    """An operator cancels an execution."""
    PAUSE = "pause"
    """An operator holds an execution, and lets it go."""
    DEPLOY = "deploy"
    """The next engine has another version of the workflow."""


CHANGING = frozenset(
    {
        Fault.TOOL_ERROR,
        Fault.TOOL_LOST_REPLY,
        Fault.TOOL_HANG,
        Fault.TOOL_SLOW,
        Fault.HUGE_RESULT,
        Fault.NAN_RESULT,
        Fault.NOT_JSON_RESULT,
        Fault.OPPOSITE_DECISIONS,
        Fault.DECISION_AT_DEADLINE,
        Fault.CANCEL,
    }
)
"""Faults after which an execution may end otherwise than in a calm run. All others must make no difference, but for the
deploy of a version that does something else."""


def listed(names: Iterable[object], argument: str) -> list[Any]:
    """What is listed in an argument. Raises `BadValue` for what is no list, and for one text, which would be many."""
    if isinstance(names, str):
        raise BadValue(argument, f"{quote(names)} is a text", f"write a list: [{quote(names)}]")
    if not isinstance(cast(object, names), Iterable):
        raise BadValue(argument, f"{quote(names)} is no list", f"write a list: {argument}=[…]")
    return list(names)


def read_faults(names: Iterable[Fault | str]) -> frozenset[Fault]:
    """The faults with these names. Raises `BadValue`."""
    found: set[Fault] = set()
    for name in listed(names, "faults"):
        if name not in Fault.__members__.values():
            hint = did_you_mean(str(name), Fault) or f"it is one of {', '.join(Fault)}"
            raise BadValue("faults", f"{quote(name)} is none", hint)
        found.add(Fault(name))
    return frozenset(found)


class Throw(NamedTuple):
    """One time that a fault could have happened, the first being 0."""

    fault: Fault
    number: int

    @classmethod
    def parse(cls, text: str) -> Throw:
        """Read what `str` wrote. Raises `BadValue`."""
        fault, _, number = str(text).rpartition("-")
        try:
            return cls(Fault(fault), int(number))
        except ValueError:
            raise BadValue(
                "only", f"{quote(text)} is no fault", "write a fault and which time it is: crash-0"
            ) from None

    def __str__(self) -> str:
        return f"{self.fault}-{self.number}"


class Dice:
    """Which faults happen: those of `kinds`, each as often as its chance says, and if `only` some throws are given, no
    others. `happened` are those that did.
    """

    def __init__(self, seed: int, kinds: Iterable[Fault], only: Iterable[Throw] | None = None) -> None:
        self._seed = seed
        self._kinds = frozenset(kinds)
        self._only = None if only is None else frozenset(only)
        self._asked: Counter[Fault] = Counter()
        self._is_over = False
        self.happened: list[Throw] = []

    def stop(self) -> None:
        """Nothing goes wrong any more."""
        self._is_over = True

    def hits(self, fault: Fault, chance: float) -> bool:
        """Whether it happens now."""
        if self._is_over:
            return False
        throw = Throw(fault, self._asked[fault])
        self._asked[fault] += 1
        happens = (
            fault in self._kinds
            and crc32(b"%d %s" % (self._seed, str(throw).encode())) < chance * 2**32
            and (self._only is None or throw in self._only)
        )
        if happens:
            self.happened.append(throw)
        return happens
