"""Real torture: `python -m tests.torture [--kills N] [--seed S] [--json FILE]`. 0 if nothing was lost.

Engines, visitors and their clients are killed one after another while they use everything; then a last engine ends it
all, and the store and an independent ledger are read. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.torture.bugs import BUGS
from tests.torture.course import Kind, Turn, draw_course
from tests.torture.reading import Book, read_book
from tests.torture.report import Report, never_reached
from tests.torture.supervisor import Supervisor
from tests.torture.verdict import judge_the_end, judge_what_was_left

KILLS = 300
ENOUGH_KILLS = 150
"""From so many on, everything that can be reached has to be."""
PROGRESS_SECONDS = 2.0
END_SECONDS = 60
SECONDS_A_KILL_MAX = 3
"""A bound for the whole, far above what it takes: about a third of a second."""


def torture(place: Path, kills: int, seed: int, *, kinds: tuple[Kind, ...] = tuple(Kind), bug: str = "") -> Report:
    """Go through it, and judge what came of it."""
    began = time.monotonic()
    seconds_max = END_SECONDS + SECONDS_A_KILL_MAX * kills
    supervisor = Supervisor(place / "store", seed=seed, bug=bug, seconds_max=2 * seconds_max)
    try:
        has_ended = kill(supervisor, draw_course(seed, kinds), kills, began + seconds_max)
        book, complaints = judge(supervisor, place, seconds_max)
    finally:
        supervisor.close()
    complaints = [*supervisor.record.problems, *complaints]
    if not has_ended:
        complaints.append(f"it takes too long: {supervisor.record.killed} kills in {seconds_max} s")
    report = Report(time.monotonic() - began, supervisor.record, book, complaints)
    if kills >= ENOUGH_KILLS and not complaints:
        complaints += never_reached(report, kinds)
    return report


def kill(supervisor: Supervisor, course: Iterable[Turn], kills: int, until: float) -> bool:
    """One after another, and say how it goes. Whether it was done in time."""
    began = told_at = time.monotonic()
    record = supervisor.record
    for turn in course:
        if record.killed >= kills:
            break
        supervisor.take(turn)
        now = time.monotonic()
        if now > until:
            return False
        if now - told_at > PROGRESS_SECONDS:
            told_at = now
            say(f"  {record.killed}/{kills} kills, {record.killed_inside} inside a commit · {now - began:.0f} s")
    return True


def judge(supervisor: Supervisor, place: Path, seconds_max: int) -> tuple[Book, list[str]]:
    """Read what the dead left before anybody recovers; let a last engine end everything; compare with a calm run."""
    supervisor.leave(place / "left")
    left = asyncio.run(read_book(place / "left"))
    if complaints := judge_what_was_left(left):
        return left, [f"before recovery: {complaint}" for complaint in complaints]
    say(f"  {supervisor.record.killed} kills, and nothing is lost so far; a last engine ends what is open")
    has_ended = supervisor.end(seconds_max)
    if stranded := supervisor.record.stranded:
        return left, [f"{execution} is at work by the store's word, and nobody is at it" for execution in stranded]
    if not has_ended:
        return left, [f"not everything ended within {seconds_max} s"]
    calm = Supervisor(place / "calm", seconds_max=seconds_max)
    try:
        calm.total = supervisor.total
        if not calm.end(seconds_max, calm=True):
            return left, ["the calm run didn't end", *calm.record.problems]
    finally:
        calm.close()
    book = asyncio.run(read_book(place / "store"))
    return book, judge_the_end(book, asyncio.run(read_book(place / "calm")))


def say(line: str) -> None:
    """Tell people what goes on."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def leave(*_: object) -> None:
    """Go, and leave nobody behind."""
    sys.exit(1)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the figures into this file")
    parser.add_argument("--kind", action="append", choices=[kind.name.lower() for kind in Kind], help="only such kills")
    parser.add_argument("--bug", choices=BUGS, default="", help="plant it: the torture has to turn red")
    given = parser.parse_args(arguments)
    kinds = tuple(kind for kind in Kind if not given.kind or kind.name.lower() in given.kind)
    signal.signal(signal.SIGTERM, leave)
    place = Path(tempfile.mkdtemp(prefix="torture-"))
    report = torture(place, given.kills, given.seed, kinds=kinds, bug=given.bug)
    if given.json is not None:
        given.json.write_text(json.dumps({"seed": given.seed, **report.document()}, indent=2) + "\n")
    say(report.table())
    if not report.complaints:
        shutil.rmtree(place)
        say(f"nothing was lost, and nobody is stranded ({report.seconds:.0f} s)")
        return 0
    say("".join(f"  ✗ {complaint}\n" for complaint in report.complaints[:40]))
    say(f"{len(report.complaints)} complaints. Everything is kept in {place}")
    say(f"once more: python -m tests.torture {' '.join(arguments) or f'--kills {KILLS} --seed 1'}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
