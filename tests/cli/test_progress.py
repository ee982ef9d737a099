"""The author's frames of a failure."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pectin.cli.progress import frames_of
from pectin.core.error import ErrorData


def failed(*frames: str) -> ErrorData:
    return ErrorData("io_error", "OSError", "refused", "\n".join(frames) or None)


def test_frames_are_the_authors_and_short(folder: Path) -> None:
    library = f"{asyncio.__file__}:8 in run: return runner.run(main)"
    own = f"{folder}/shop.py:22 in amount_of: return await get(order)"
    assert frames_of(failed(library, own, library)) == ["  shop.py:22  return await get(order)"]
    assert frames_of(failed("/elsewhere/a.py:1 in f: x: y")) == ["  /elsewhere/a.py:1  x: y"]


def test_only_the_last_are_shown_and_a_library_is_better_than_nothing() -> None:
    many = [f"/a/b.py:{line} in f: line {line}" for line in range(1, 9)]
    assert frames_of(failed(*many)) == [f"  /a/b.py:{line}  line {line}" for line in (6, 7, 8)]
    assert len(frames_of(failed(f"{asyncio.__file__}:8 in run: x"))) == 1
    assert frames_of(failed()) == []
    assert frames_of(failed("cut … off")) == []
