"""Where in the author's file something was said."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pectin.core.definition import Place

_HERE = f"{Path(__file__).parent}{os.sep}"


class Caller(NamedTuple):
    """The author's line, and the local names there; at a module's level there are none but the module's own."""

    place: Place
    names: Mapping[str, Any]


def find_caller() -> Caller:
    """The innermost frame outside this package. Its file is relative to the working directory if it lies in it."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] # inspect.stack reads source files
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    names = {} if frame.f_locals is frame.f_globals else dict(frame.f_locals)
    return Caller(Place(relative_to_here(frame.f_code.co_filename), frame.f_lineno), names)


def relative_to_here(file: str) -> str:
    """A file as messages name it: relative to the working directory if it lies in it."""
    path, root = Path(file), Path.cwd()
    return str(path.relative_to(root)) if path.is_relative_to(root) else file
