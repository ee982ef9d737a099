"""`python -m bench.peers.worker NAME FOLDER`: one peer in its process, asked by lines of JSON.

A line is `{"call": "many", "count": 100}`, its answer `{"value": 1000, "seconds": 0.5}` or `{"error": "…"}`. It ends
with its input. What the peer itself prints goes to standard error, so that it can't be taken for an answer.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from bench.peers.known import KNOWN
from bench.peers.peer import Peer


async def answer(peer: Peer, parked: list[str], call: str, count: int) -> dict[str, Any]:
    """Do what one line asks for. What is parked stays in `parked` until it is woken."""
    gc.collect()
    began = time.perf_counter()
    match call:
        case "sequential":
            value: object = await peer.sequential(count)
        case "many":
            value = await peer.many(count)
        case "fan_out":
            value = await peer.fan_out(count)
        case "park":
            ids = await peer.park(count)
            parked += ids
            value = len(ids)
        case "wake":
            value = [await _timed(peer, parked.pop(0)) for _ in range(count)]
        case _:
            raise ValueError(f"there is no call {call!r}")
    return {"value": value, "seconds": time.perf_counter() - began}


async def _timed(peer: Peer, id: str) -> float:
    began = time.perf_counter()
    await peer.wake(id)
    return time.perf_counter() - began


async def serve(name: str, folder: Path, answers: TextIO) -> None:
    """Open the peer, and answer one line after another until there are no more."""

    def say(found: dict[str, Any]) -> None:
        answers.write(json.dumps(found) + "\n")
        answers.flush()

    known = KNOWN[name]
    parked: list[str] = []
    peer: Peer = getattr(importlib.import_module(known.module), known.name)()
    say({"value": await peer.open(folder), "seconds": 0})
    try:
        while line := await asyncio.to_thread(sys.stdin.readline):
            asked = json.loads(line)
            try:
                say(await answer(peer, parked, asked["call"], asked["count"]))
            except Exception as error:
                say({"error": f"{type(error).__name__}: {error}"})
    finally:
        await peer.close()


def main(arguments: Sequence[str]) -> None:
    """Keep standard output for answers, and serve."""
    name, folder = arguments
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    asyncio.run(serve(name, Path(folder), answers))


if __name__ == "__main__":
    main(sys.argv[1:])
