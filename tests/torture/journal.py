"""The journal of a client: each answer that it got, durable before it goes on.

A kill can tear a line: then the client didn't get to write it down, and it does not count. Each line begins with a line
break, so that a torn one spoils no other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """Appends to the file at `path`, as many processes may at once."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def note(self, did: str, key: str, **more: Any) -> None:
        """It was answered: what was done, of which execution."""
        os.write(self._file, b"\n" + json.dumps({"did": did, "key": key, **more}).encode())
        os.fsync(self._file)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file of JSON lines, in order."""
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found
