"""Records the histories of `scenarios`: what a store holds, and beside it what it means.

    PYTHONPATH=src:. python tests/histories/record.py

A recorded history is never written anew: it stands for the executions of users, which have to be read for ever. For a
new shape of an event, add a play. Only its meaning is, and only to say more: where there are fields that the code
didn't have when it was recorded.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import msgspec

from pectin.store.memory import MemoryStore
from pectin.testing import VirtualClock
from tests.histories.meaning import changes, read, read_least
from tests.histories.plays import Play
from tests.histories.scenarios import SCENARIOS

HERE = Path(__file__).parent
LEAST = "least"
"""Not played but written: each kind of event with the least that it can say."""

_ID = re.compile(rb"(exec_)[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def record(play: Play) -> list[bytes]:
    """The rows of a history as they are stored, but for what is another each time: ids, names, digests, places."""
    clock = VirtualClock(patience_seconds=0.01)  # nothing that is played takes real time
    rows = b"\n".join([row.body for row in await play(MemoryStore(), clock)])
    found: dict[bytes, int] = {}

    def rename(match: re.Match[bytes]) -> bytes:
        number = found.setdefault(match[0].removeprefix(b"exec_").replace(b"-", b""), len(found))
        renamed = b"019ab3e0-0000-7000-8000-%012d" % number
        return renamed if match[1] is None else b"exec_" + renamed.replace(b"-", b"")

    rows = _ID.sub(rename, rows)
    for seen, told in (
        (rb"engine-\d+-[0-9a-f]{6}", b"engine-1-000000"),
        (rb'"digest":"[0-9a-f]{64}"', b'"digest":"%064d"' % 0),
        (re.escape(f"{HERE.parents[1]}/".encode()), b""),
    ):
        rows = re.sub(seen, told, rows)
    return rows.splitlines()


def rows_of(name: str) -> list[bytes]:
    """The rows of a recorded history."""
    return (HERE / f"{name}.jsonl").read_bytes().splitlines()


def meaning_of(name: str) -> Any:
    """What a recorded history meant."""
    return json.loads(_meaning(name).read_text(encoding="utf-8"))


def meant_now(name: str) -> Any:
    """What it means today."""
    rows = rows_of(name)
    return msgspec.to_builtins(read_least(rows) if name == LEAST else read(rows))


def _meaning(name: str) -> Path:
    return HERE / f"{name}.read.json"


async def main() -> None:
    for name, play in SCENARIOS.items():
        file = HERE / f"{name}.jsonl"
        if not file.exists():
            file.write_bytes(b"".join(row + b"\n" for row in await record(play)))
    for name in (*SCENARIOS, LEAST):
        meaning = meant_now(name)
        if _meaning(name).exists() and (changed := list(changes(meaning_of(name), meaning))):
            raise SystemExit("\n".join([f"{name} means something else than it did:", *changed]))
        told = json.dumps(meaning, indent=1, ensure_ascii=False)
        _meaning(name).write_text(told + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
