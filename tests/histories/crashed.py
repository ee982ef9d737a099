"""Records what the scenarios of `tests/crash/every_write` leave behind when their process dies twice: their histories,
and beside them what they mean, a line for each execution.

    PYTHONPATH=src:. python -m tests.histories.crashed

As with `record`, what is recorded is never written anew: only scenarios that are new are added. Here chance and time
are simulated, so that no ids have to be renamed.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

import pectin.store.sqlite.writer
from pectin.core.event import decode_events
from pectin.core.evolve import fold
from pectin.core.state import Run
from tests.crash.every_write.mortal import Moment, When
from tests.crash.every_write.outcome import roles
from tests.crash.every_write.place import InFile, InMemory, Place
from tests.crash.every_write.scenarios import SCENARIOS
from tests.crash.every_write.stage import Scenario
from tests.crash.every_write.trial import Trial
from tests.histories.meaning import ACTIVATION, RUN, changes, whole

HISTORIES = Path(__file__).with_name("crashed.jsonl")
MEANINGS = Path(__file__).with_name("crashed.read.jsonl")

ROOT = f"{Path(__file__).parents[2]}/".encode()
"""Stands in tracebacks, and is another on each machine."""


class Recorded(NamedTuple):
    """An execution of a scenario, by its role in it, and the rows of its history."""

    scenario: str
    role: str
    rows: tuple[bytes, ...]


def recorded() -> list[Recorded]:
    """Everything that was recorded."""
    lines = HISTORIES.read_bytes().splitlines() if HISTORIES.exists() else []
    found = [msgspec.json.decode(line, type=tuple[str, str, list[msgspec.Raw]]) for line in lines]
    return [Recorded(scenario, role, tuple(bytes(row) for row in rows)) for scenario, role, rows in found]


def meanings() -> dict[tuple[str, str], Any]:
    """What it meant, by scenario and role."""
    lines = MEANINGS.read_text(encoding="utf-8").splitlines() if MEANINGS.exists() else []
    return {(scenario, role): meaning for scenario, role, meaning in map(json.loads, lines)}


def means_now(each: Recorded) -> Any:
    """What an execution's history folds to today."""
    run = fold(Run(), [event for row in each.rows for event in decode_events(row)])
    told: dict[str, Any] = {"version": run.version, "status": run.status, "state": run.data}
    told |= {name: value for name in RUN if (value := whole(getattr(run, name)))}
    told["activations"] = {
        name: {field: whole(getattr(activation, field)) for field in ACTIVATION}
        for name, activation in run.activations.items()
    }
    return msgspec.to_builtins(told)


def play(name: str, directory: Path) -> list[Recorded]:
    """Let a scenario's process die in the middle of a body, and in the middle of the recovery."""
    scenario = SCENARIOS[name]()
    _, lines = Trial(scenario, _place(scenario, directory)).run().lives[0]
    in_body = [Moment("line", (lines + 1) // 2, When.AFTER)] if lines else []
    trial = Trial(scenario, _place(scenario, directory), [*in_body, Moment("write", 5, When.AFTER)]).run()
    names = roles(trial.seen.histories)
    return [
        Recorded(name, names[execution], tuple(row.body.replace(ROOT, b"") for row in rows))
        for execution, rows in sorted(trial.seen.rows.items(), key=lambda item: names[item[0]])
    ]


def _place(scenario: Scenario, directory: Path) -> Place:
    return InFile(directory) if scenario.sql else InMemory()


def main() -> None:
    pectin.store.sqlite.writer.INLINE_SECONDS_MAX = math.inf
    known, meant = recorded(), meanings()
    with TemporaryDirectory() as directory:
        new = [
            each
            for name in SCENARIOS
            if name not in {other.scenario for other in known}
            for each in play(name, Path(directory))
        ]
    with HISTORIES.open("ab") as file:
        for each in new:
            rows = b",".join(each.rows)
            file.write(b"[%b,%b,[%b]]\n" % (*map(msgspec.json.encode, (each.scenario, each.role)), rows))
    lines: list[str] = []
    for each in [*known, *new]:
        now = means_now(each)
        then = meant.get((each.scenario, each.role), now)
        if changed := list(changes(then, now)):
            raise SystemExit("\n".join([f"{each.scenario} means something else than it did:", *changed]))
        lines.append(json.dumps([each.scenario, each.role, now], ensure_ascii=False))
    MEANINGS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
