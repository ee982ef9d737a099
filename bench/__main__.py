"""`python -m bench [WORKLOAD …] [--quick] [--json FILE] [--limits] [--targets]`: measure, and print a table.

Each workload has a process of its own, so that none inherits the memory and the garbage of another.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.limits import missed, read_limits
from bench.machine import DURABILITY, facts
from bench.measure import Bench, Measure, WrongResult
from bench.options import Parser, count, say
from bench.table import notes, table
from bench.targets import judge, read_targets, target_table
from bench.workloads import WORKLOADS, measure


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether the limits were kept and the targets reached."""
    asked = _read(arguments)
    measures: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        machine = facts(Path(folder))
        say(notes(machine | DURABILITY))
        for name in asked.chosen:
            place = Path(folder, name)
            place.mkdir()
            sys.stderr.write(f"{name} …\n")
            try:
                found = _apart(name, Bench(place, asked.rounds, asked.scale, asked.quick))
            except WrongResult as wrong:
                say(f"{name}: a wrong result, so there is nothing to measure: {wrong}")
                return 1
            measures += found
    say("\n" + table(measures))
    keys = {each.key for each in measures}
    is_whole = set(asked.chosen) == set(WORKLOADS)
    targets = [target for target in read_targets() if is_whole or target.key in keys]
    verdicts = judge(measures, targets)
    if verdicts:
        say("\n" + target_table(verdicts))
    if asked.scale > 1 or asked.quick:
        say("the sizes were smaller than those that the targets mean")
    if asked.json:
        document = {
            "machine": machine,
            "durability": DURABILITY,
            "measures": [each.to_json() for each in measures],
            "targets": [each.to_json() for each in verdicts],
        }
        asked.json.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    failed = asked.limits and _misses_limits(measures, is_whole=is_whole)
    is_short = asked.targets and any(verdict.outcome != "pass" for verdict in verdicts)
    return 1 if failed or is_short else 0


def _apart(name: str, bench: Bench) -> list[Measure]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(measure, name, bench).result()


def _misses_limits(measures: Sequence[Measure], *, is_whole: bool) -> bool:
    limits = read_limits()
    if not is_whole:
        keys = {each.key for each in measures}
        limits = {key: bounds for key, bounds in limits.items() if key in keys}
    complaints = missed(measures, limits)
    say("\n" + ("\n".join(complaints) or f"all {len(limits)} limits are kept"))
    return bool(complaints)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    about = "Measure Pectin beside raw SQLite commits."
    parser = Parser("python -m bench", about, "workload", WORKLOADS, rounds=5, rounds_quick=3)
    parser.add_argument("--scale", type=count, default=1, help="divide all sizes by this, only to see that it works")
    parser.add_argument("--limits", action="store_true", help="exit with 1 if one of bench/limits.toml is missed")
    parser.add_argument(
        "--targets", action="store_true", help="exit with 1 if one of bench/targets.toml is not reached"
    )
    return parser.read(arguments)


if __name__ == "__main__":
    sys.exit(main())
