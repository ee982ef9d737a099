"""New Python processes that find the same `bench` and `pectin` as this one, wherever they start."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bench
import pectin

PYTHON = sys.executable


def environment() -> dict[str, str]:
    """The environment of such a process. It keeps what it compiles, as Python does unless it is told not to: else
    every process would compile it anew."""
    roots = [str(Path(str(package.__file__)).resolve().parents[1]) for package in (bench, pectin)]
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PYTHONPATH": os.pathsep.join(dict.fromkeys(roots))}
