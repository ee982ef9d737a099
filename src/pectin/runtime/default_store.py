"""Which store is meant when nobody names one.

What was configured goes first: `PECTIN_STORE`, then the nearest `pectin.toml` or `[tool.pectin]` of a `pyproject.toml`,
from the working directory upwards. Else it is the nearest `.pectin/pectin.db` that exists, or else the one here.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from pectin.ports.store import StoreError
from pectin.runtime.configured import setting_in

VARIABLE: Final = "PECTIN_STORE"
PLACE: Final = Path(".pectin", "pectin.db")

_RELATIVE_URL = re.compile(r"sqlite:///(?!/)", re.IGNORECASE)
_URL = re.compile(r"[a-z][a-z0-9+.-]+://|:?memory:$", re.IGNORECASE)


def default_store(folder: Path | None = None) -> str:
    """The store's URL or path, as it is meant in `folder` (the working directory). Raises `StoreError`."""
    if named := os.environ.get(VARIABLE):
        return named
    here = _working_directory() if folder is None else folder
    upwards = (here, *here.parents)
    for place in upwards:
        if (configured := _configured(place)) is not None:
            return configured
    for place in upwards:
        if (place / PLACE).is_file():
            return str(place / PLACE)
    return str(here / PLACE)


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise StoreError("The working directory is gone. Go to one that is there, or name the store.") from error


def _configured(folder: Path) -> str | None:
    """What the files of a folder say. Relative paths in them are relative to the folder."""
    found = setting_in(folder, "store")
    if found is None:
        return None
    store = found.value
    if not isinstance(store, str) or not store:
        raise StoreError(f'{found.file}: store is {store!r}, no path or URL; write store = "work.db".')
    if _RELATIVE_URL.match(store):
        return _RELATIVE_URL.sub(lambda _: f"sqlite:///{folder}/", store)
    return store if _URL.match(store) else str(folder / store)
