"""New Python processes that find the same `bench` and `pectin` as this one, wherever they start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bench
import pectin

PYTHON = sys.executable


def environment() -> dict[str, str]:
    """The environment of such a process."""
    roots = [str(Path(str(package.__file__)).resolve().parents[1]) for package in (bench, pectin)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(roots))}
