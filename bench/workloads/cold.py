"""From nothing: importing Pectin, the command line's help, and a file with one step, each in a new process."""

from __future__ import annotations

import subprocess

from bench.interpreter import PYTHON, environment
from bench.measure import Bench, Measure, compared, expect

ONE_STEP = """
from dataclasses import dataclass

from pectin import Workflow


@dataclass
class State:
    done: int = 0


one = Workflow("one", version="1.0.0", state=State)


@one.node
async def step(state: State) -> State:
    state.done += 1
    return state
"""

IMPORT = "from pectin import Engine, Workflow; print(Engine.__name__, Workflow.__name__)"
"""The names, since Pectin imports what it is asked for and not before."""


async def run(bench: Bench) -> list[Measure]:
    one_step = bench.folder / "one_step.py"
    one_step.write_text(ONE_STEP, "utf-8")
    commands = {
        "import": ("from pectin import Engine, Workflow", ["-c", IMPORT], "Engine Workflow"),
        "help": ("pectin --help", ["-m", "pectin", "--help"], "Commands"),
        "run": (
            "pectin run of a file with one step",
            ["-m", "pectin", "run", one_step.name, "--store", "ours.db"],
            '{"done": 1}',
        ),
    }
    ours: dict[str, list[float]] = {name: [] for name in commands}
    raw: list[float] = []
    for lap in range(bench.rounds + 1):
        probe = _seconds(bench, ["-c", "print()"], "")
        took = {name: _seconds(bench, arguments, says) for name, (_, arguments, says) in commands.items()}
        if lap:  # the first one compiles, and fills the system's caches
            raw.append(probe * 1e3)
            for name, seconds in took.items():
                ours[name].append(seconds * 1e3)
    return [
        compared(f"cold-{name}", what, "ms", ours[name], raw, raw_unit="ms for Python alone")
        for name, (what, _, _) in commands.items()
    ]


def _seconds(bench: Bench, arguments: list[str], says: str) -> float:
    """How long Python takes with these arguments. What it prints must have `says` in it."""
    began = bench.clock()
    done = subprocess.run(
        [PYTHON, *arguments], cwd=bench.folder, env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    seconds = bench.clock() - began
    what = f"exit code and output of python {' '.join(arguments)}: {done.stdout[-200:]}{done.stderr[-500:]}"
    expect((done.returncode, says in done.stdout), (0, True), what)
    return seconds
