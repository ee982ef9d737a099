"""The campaign from a command line: `python -m tests.simulation --seeds 0-999`.

A seed that fails is made smaller, and the command that repeats it is printed. In the end it says how often each fault
was reached; a campaign of a thousand seeds or more that never reached one has failed too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

from pectin.testing.simulate import Fault, Throw
from pectin.testing.simulate.campaign import quiet
from tests.simulation.campaign import Case, Counts, faults_of, go_through, make_smaller, run_seeds

SEEDS_AT_ONCE = 40
ENOUGH = 1_000
"""So many seeds reach everything."""


def main(words: list[str] | None = None) -> int:
    options = _parse(words)
    faults = None if options.faults is None else frozenset(Fault(name) for name in _names(options.faults))
    if options.seed is not None:
        return _repeat(options, faults)
    first, _, last = options.seeds.partition("-")
    return _run(range(int(first), int(last or first) + 1), faults, options)


def _parse(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", default="0-999", help="the first and the last: 0-999")
    parser.add_argument("--seed", type=int, help="one seed, with its trace")
    parser.add_argument("--faults", help="only these kinds: crash,conflicts (or none)")
    parser.add_argument("--only", help="only these occurrences: crash-0,zombie-2 (or none)")
    parser.add_argument("--without", default="", help="leave out these nodes: n3,n7")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--json", type=Path, help="write what was counted to this file")
    return parser.parse_args(words)


def _names(text: str) -> list[str]:
    return [] if text == "none" else [name for name in text.split(",") if name]


def _repeat(options: argparse.Namespace, faults: frozenset[Fault] | None) -> int:
    """One case, exactly as it was."""
    only = None if options.only is None else tuple(map(Throw.parse, _names(options.only)))
    kinds = faults_of(options.seed) if faults is None else faults
    case = Case(options.seed, kinds, only, frozenset(_names(options.without)))
    counts = Counts()
    with quiet():
        failure = go_through(case, counts)
    _say(f"seed {case.seed}, trace {counts.traces[case.seed]:08x}: {'fine' if failure is None else 'fails'}")
    if failure is None:
        return 0
    _say(str(make_smaller(failure)))
    return 1


def _run(seeds: range, faults: frozenset[Fault] | None, options: argparse.Namespace) -> int:
    began = time.monotonic()
    counts = Counts()
    for part in _counted(seeds, faults, options.jobs):
        counts.add(part)
        _say(f"\r{counts.seeds} of {len(seeds)} seeds, {len(counts.failures)} failed", end="")
        if counts.failures:
            break
    seconds = time.monotonic() - began
    _say(f"\n{counts.commits} commits, {counts.compared} compared with a calm run, {seconds:.0f} s")
    _say("\n".join(f"{counts.reached[fault]:8} {fault}" for fault in Fault))
    for failure in counts.failures:
        _say(str(make_smaller(failure)))
    missing = counts.missing() if len(seeds) >= ENOUGH and faults is None else []
    if missing:
        _say(f"never reached: {', '.join(missing)}")
    if options.json is not None:
        options.json.write_text(json.dumps(_document(counts, seconds), indent=2) + "\n", encoding="utf-8")
    return 1 if counts.failures or missing else 0


def _counted(seeds: range, faults: frozenset[Fault] | None, jobs: int) -> Iterator[Counts]:
    """What parts of the seeds count to, as they are done."""
    parts = [seeds[start : start + SEEDS_AT_ONCE] for start in range(0, len(seeds), SEEDS_AT_ONCE)]
    if jobs <= 1:
        yield from (run_seeds(part, faults) for part in parts)
        return
    with ProcessPoolExecutor(jobs) as pool:
        futures: list[Future[Counts]] = [pool.submit(run_seeds, part, faults) for part in parts]
        try:
            yield from (future.result() for future in as_completed(futures))
        finally:
            pool.shutdown(cancel_futures=True)


def _document(counts: Counts, seconds: float) -> dict[str, object]:
    return {
        "seeds": counts.seeds,
        "compared": counts.compared,
        "commits": counts.commits,
        "seconds": round(seconds, 1),
        "faults": {str(fault): counts.reached[fault] for fault in Fault},
        "seen": dict(sorted(counts.seen.items())),
        "failures": [str(failure) for failure in counts.failures],
    }


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
