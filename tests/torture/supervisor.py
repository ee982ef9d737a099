"""The supervisor: it brings up engines one after another on one store, people and the ledger beside them, and kills.

It has no threads and no store open, so that it can fork. What came of it all is for `verdict` to read.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture.bugs import LEDGER_FORGETS
from tests.torture.course import INSIDE, MOMENT_SECONDS_MAX, OF_A_VISITOR, Kind, Turn
from tests.torture.ledger import serve
from tests.torture.life import REFUSED, Life, live
from tests.torture.people import Crowd, mingle
from tests.torture.process import Process
from tests.torture.workload import WORKFLOWS

STARTS_A_TURN = 3
OPEN_SECONDS_MAX = 30.0
LIFE_SECONDS_MAX = 120
"""No process but the last engine, the last people and the ledger lives longer."""


@dataclass
class Record:
    """What happened, as the supervisor saw it."""

    kills: Counter[Kind] = field(default_factory=Counter[Kind])
    inside: Counter[str] = field(default_factory=Counter[str])
    pauses: int = 0
    stops: int = 0
    rivals: int = 0
    turned_away: int = 0
    recoveries: list[float] = field(default_factory=list[float])
    stranded: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])

    @property
    def killed(self) -> int:
        """How many processes were."""
        return self.kills.total()

    @property
    def killed_inside(self) -> int:
        """How many of them inside a commit."""
        return sum(self.kills[kind] for kind in INSIDE)


class Supervisor:
    """Everything that runs at one place, and what is done to it."""

    def __init__(self, place: Path, *, seed: int = 0, bug: str = "", seconds_max: int = LIFE_SECONDS_MAX) -> None:
        self.place = place
        self.record = Record()
        self.total = 0
        self._seed = seed
        self._bug = bug
        self._seconds_max = seconds_max
        place.mkdir(parents=True, exist_ok=True)
        for workflow in WORKFLOWS:
            workflow.build()  # what it takes the first time is imported before the first fork
        self._processes: list[Process] = []
        ledger = self._fork(lambda tell: serve(place, tell, forgets=bug == LEDGER_FORGETS), seconds_max)
        ledger.listen(time.monotonic() + OPEN_SECONDS_MAX, "open")
        self._people: Process | None = None

    def close(self) -> None:
        """End whoever is left."""
        for process in self._processes:
            if process.code is None:
                process.kill()

    def _fork(self, main: Callable[[Any], int], seconds_max: int = LIFE_SECONDS_MAX) -> Process:
        process = Process(main, self.place / "log", seconds_max)
        self._processes = [each for each in self._processes if each.code is None]
        self._processes.append(process)
        return process

    # -- one after another ------------------------------------------------------------------------------------

    def take(self, turn: Turn) -> None:
        """Bring up an engine, and let happen to it, or to the people beside it, what the turn says."""
        self.total += STARTS_A_TURN
        of_visitor = turn.kind in OF_A_VISITOR
        if of_visitor or self._people is None:
            self._end_people()
            self._bring_people(turn if of_visitor else None)
        life = Life(
            place=self.place,
            numbers=range(self.total),
            inside=None if of_visitor else turn.inside,
            effects=turn.effects,
            effect=turn.effect,
            patient=turn.patient,
            bug=self._bug,
        )
        engine = self._fork(lambda tell: live(life, tell))
        victim = self._people if of_visitor and self._people is not None else engine
        if turn.inside is not None or turn.effects:
            self._await_death(turn, victim)
        else:
            self._bring_death(turn, victim)
        if of_visitor:
            self._people = None
            self._go(engine)
        elif "open" in engine.told:
            self.record.recoveries.append(engine.told["open"])
        self._note_problem(engine, victim)

    def _bring_death(self, turn: Turn, victim: Process) -> None:
        """Wait for the moment."""
        moment = victim.began + turn.moment
        if turn.pause is not None:
            after, still = turn.pause
            victim.listen(victim.began + after)
            self._hold_still(victim, still)
            victim.signal(signal.SIGCONT)
            moment += still
            self.record.pauses += 1
        victim.listen(moment)
        if turn.kind is Kind.STOPPED:
            self.record.stops += victim.stop()
            self._stand_still(turn, victim)
        elif turn.kind is Kind.CUT_SHORT:
            self._await_open(victim)
            victim.signal(signal.SIGTERM)
            victim.listen(time.monotonic() + turn.still)
        self._note_kill(turn.kind, victim.kill())

    def _await_death(self, turn: Turn, victim: Process) -> None:
        """It dies by itself. If what it waits for doesn't come, it is killed all the same, at that moment."""
        name = "inside" if turn.inside is not None else "after_effect"
        self._await_open(victim, name)
        until = time.monotonic() + turn.moment
        if turn.kind is Kind.STOPPED_IN_COMMIT:
            victim.listen(until, name)
            if name in victim.told:
                self.record.stops += victim.stands_still()
                self._stand_still(turn, victim)
        else:
            victim.listen(until)
        code = victim.kill()
        if name not in victim.told:
            self._note_kill(Kind.VISITOR if turn.kind in OF_A_VISITOR else Kind.KILLED, code)
            return
        self._note_kill(turn.kind, code)
        if turn.inside is not None:
            inside = victim.told["inside"]
            self.record.inside[f"{inside['where']} a {inside['does']} of the {inside['file']}"] += 1

    def _await_open(self, process: Process, *names: str) -> None:
        """Wait until it is open, has told one of these, or has died."""
        until = process.began + OPEN_SECONDS_MAX
        if process.listen(until, "open", *names) and time.monotonic() > until:
            self.record.problems.append(f"a process was not open after {OPEN_SECONDS_MAX:.0f} s")

    def _hold_still(self, victim: Process, seconds: float) -> None:
        if victim.stop():
            self.record.stops += 1
            victim.listen(time.monotonic() + seconds)

    def _stand_still(self, turn: Turn, victim: Process) -> None:
        """Let it, while the people go on, and perhaps another engine tries to get in."""
        until = time.monotonic() + turn.still
        if turn.rival and "open" in victim.told:
            life = Life(place=self.place, numbers=range(0))
            rival = self._fork(lambda tell: live(life, tell))
            rival.listen(time.monotonic() + OPEN_SECONDS_MAX, "open")
            if "open" in rival.told:
                self.record.problems.append("two engines had the store at once")
            self.record.rivals += rival.kill() == REFUSED
        victim.listen(until)

    def _note_kill(self, kind: Kind, code: int) -> None:
        if code == -signal.SIGKILL:
            self.record.kills[kind] += 1
        elif code not in (0, -signal.SIGTERM):
            self.record.problems.append(f"a process that was to die ({kind}) ended by itself with {code}")

    def _note_problem(self, *processes: Process) -> None:
        self.record.problems += [process.told["problem"] for process in processes if "problem" in process.told]

    def _go(self, engine: Process) -> None:
        """Let an engine stop in peace: whose neighbour died must."""
        self._await_open(engine)
        engine.listen(time.monotonic() + MOMENT_SECONDS_MAX / 2)
        engine.signal(signal.SIGTERM)
        if engine.listen(time.monotonic() + OPEN_SECONDS_MAX):
            self.record.problems.append("an engine beside a visitor that was killed doesn't stop")
            engine.kill()
        elif (code := engine.reap()) != 0:
            self.record.problems.append(f"an engine beside a visitor that was killed ended with {code}")

    # -- the people -------------------------------------------------------------------------------------------

    def _bring_people(self, turn: Turn | None = None) -> None:
        self._seed += 1
        inside = None if turn is None else turn.inside
        crowd = Crowd(place=self.place, seed=self._seed, inside=inside)
        self._people = self._fork(lambda tell: mingle(crowd, tell), self._seconds_max)

    def _end_people(self) -> None:
        people, self._people = self._people, None
        if people is None:
            return
        people.signal(signal.SIGTERM)
        if people.listen(time.monotonic() + OPEN_SECONDS_MAX):
            self.record.problems.append("the people don't stop")
            people.kill()
        elif (code := people.reap()) != 0:
            self.record.problems.append(f"the people ended with {code}")
        self.record.turned_away += people.told.get("turned_away", 0)

    # -- the end ----------------------------------------------------------------------------------------------

    def leave(self, to: Path) -> None:
        """Everybody is dead: put a copy of what they left on disk there."""
        if self._people is not None:
            self._people.kill()
            self.record.turned_away += self._people.told.get("turned_away", 0)
            self._people = None
        to.mkdir()
        for name in ("pectin.db", "pectin.db-wal", "acks", "ledger"):
            if (self.place / name).exists():
                shutil.copy(self.place / name, to / name)

    def end(self, seconds_max: int, *, calm: bool = False) -> bool:
        """Bring up a last engine, which nobody kills; whether it ended everything in time. A `calm` one does it
        without people."""
        life = Life(place=self.place, numbers=range(self.total), bug=self._bug, is_last=True, calm=calm)
        engine = self._fork(lambda tell: live(life, tell), seconds_max)
        until = time.monotonic() + seconds_max
        engine.listen(until, "stranded")
        self.record.stranded = engine.told.get("stranded", [])
        if not self.record.stranded:
            if not calm:
                self._bring_people()
            engine.listen(until, "ended")
            self._end_people()
        has_ended = "ended" in engine.told
        code = engine.reap() if has_ended else engine.kill()
        if has_ended and code != 0:
            self.record.problems.append(f"the last engine ended with {code}")
        self._note_problem(engine)
        return has_ended
