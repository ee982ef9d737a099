"""`python -m bench.peers [PEER …] [--json FILE] [--quick]`: measure other engines beside Pectin and raw commits.

A peer that can't be had or that fails is told with its reason, and the others are measured all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from bench.interpreter import PYTHON
from bench.machine import DURABILITY, facts
from bench.measure import WrongResult
from bench.options import Parser, say
from bench.peers.environment import Unavailable, prepare
from bench.peers.known import KNOWN, OURS, PEERS
from bench.peers.process import PeerFailed, Worker
from bench.peers.syncs import Trace, check_tracing
from bench.peers.table import Entry, table
from bench.peers.turns import Turns, contest, shortened
from bench.raw import RawProbe
from bench.table import notes

COUNTED_STEPS = 100
RAW_COMMITS = 1_000
"""In each turn of the probe; fewer would only see a log that still grows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if Pectin itself gave a wrong result."""
    about = "Measure other engines beside Pectin."
    parser = Parser("python -m bench.peers", about, "peer", PEERS, rounds=3, rounds_quick=2)
    asked = parser.read(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-peers-", dir=asked.folder) as folder:
        machine = facts(Path(folder)) | {"date": datetime.now(UTC).date().isoformat()}
        say(notes(machine | {"raw": DURABILITY["raw"]}))
        try:
            entries = asyncio.run(_measure(asked, Path(folder).resolve()))
        except WrongResult as wrong:
            say(f"{OURS}: a wrong result, so there is nothing to compare: {wrong}")
            return 1
    say("\n" + table(entries))
    if asked.json:
        document = {"machine": machine, "raw": DURABILITY["raw"], "engines": [each.to_json() for each in entries]}
        asked.json.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
    return 0


async def _measure(asked: argparse.Namespace, folder: Path) -> list[Entry]:
    ours, our_turns = Entry(OURS, KNOWN[OURS].stores), Turns()
    entries = [ours]
    try:
        await _count(ours, Path(PYTHON), folder / "count-ours")
    except PeerFailed as failed:
        raise WrongResult(str(failed)) from failed
    for name in asked.chosen:
        entry = Entry(name, KNOWN[name].stores)
        entries.append(entry)
        sys.stderr.write(f"{name} …\n")
        try:
            python = prepare(KNOWN[name].environment or name, asked.folder / "peers")
            await _count(entry, python, folder / f"count-{name}")
            our_turns.extend(await _contest(entry, ours, python, folder / name, asked))
        except Unavailable as reason:
            entry.complaints.append(f"skipped: {reason}")
        except PeerFailed as failed:
            entry.complaints.append(f"failed: {failed}")
    # Over so long a time raw always moves. Whether it did within a contest, the peer's line says.
    ours.measures = [replace(each, raw_moved=1.0) for each in our_turns.measures()]
    ours.counts = our_turns.counts
    return entries


async def _contest(entry: Entry, ours: Entry, python: Path, folder: Path, asked: argparse.Namespace) -> Turns:
    """Measure one peer, with ours and the raw probe between; what ours did."""
    scale = 10 if asked.quick else 1
    async with _worker(entry.name, python, folder) as peer, _worker(OURS, Path(PYTHON), folder / "ours") as our:
        entry.versions, ours.versions = peer.versions, our.versions
        raw = RawProbe(folder / "raw.db", perf_counter, RAW_COMMITS)
        try:
            raw()  # fills caches, and lets its log grow to its size
            our_turns, turns, failure = await contest(our, peer, raw, asked.rounds, scale)
        finally:
            raw.close()
    entry.measures, entry.counts = turns.measures(), turns.counts
    entry.complaints += shortened(turns.counts, scale) + [f"failed: {failure}"] * bool(failure)
    return our_turns


async def _count(entry: Entry, python: Path, folder: Path) -> None:
    """Count the syncs of a step, in a run that is not timed."""
    trace = Trace(folder.with_suffix(".trace"))
    try:
        check_tracing(folder.with_suffix(".try"))
    except Unavailable as reason:
        entry.complaints.append(f"syncs were not counted: {reason}")
        return
    async with _worker(entry.name, python, folder, trace.prefix) as worker:
        entry.versions = worker.versions
        await worker.ask("sequential", COUNTED_STEPS)
        trace.mark()
        await worker.ask("sequential", COUNTED_STEPS)
        seen = trace.seen()
    entry.syncs, entry.hidden = seen.syncs / COUNTED_STEPS, seen.hidden


@asynccontextmanager
async def _worker(name: str, python: Path, folder: Path, prefix: Sequence[str] = ()) -> AsyncGenerator[Worker]:
    try:
        worker = await Worker.start(name, python, folder, prefix)
    except PeerFailed as failed:
        if name == OURS:  # which must not look like a failure of the peer beside it
            raise WrongResult(str(failed)) from failed
        raise
    try:
        yield worker
    finally:
        await worker.stop()


if __name__ == "__main__":
    sys.exit(main())
