"""What a number depends on: the machine, without anything that says whose it is."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import apsw

import pectin

DURABILITY = {
    "ours": "SQLite, WAL, synchronous=FULL: a step is synced before the next begins; commits of one tick share a sync",
    "raw": "SQLite, WAL, synchronous=FULL: each row of 200 bytes is a commit with a sync of its own",
}
"""What both sides promise. The workload `footprint` counts the syncs of both."""


def facts(folder: Path) -> dict[str, str]:
    """What to write beside the numbers of a run whose files are in `folder`."""
    return {
        "cores": str(os.cpu_count()),
        "processor": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "file system": file_system(folder),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "apsw": apsw.apsw_version(),
        "sqlite": apsw.sqlite_lib_version(),
        "pectin": pectin.__version__,
    }


def file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of the file system that holds a folder, as far as the system tells. On `tmpfs` a sync costs nothing."""
    if not mounts.exists():
        return "unknown"
    here = folder.resolve()
    fields = [line.split() for line in mounts.read_text("utf-8").splitlines()]
    kinds = {Path(place.replace("\\040", " ")): kind for _, place, kind, *_ in fields}
    return next((kinds[place] for place in (here, *here.parents) if place in kinds), "unknown")
