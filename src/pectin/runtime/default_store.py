"""Which store is meant when nobody names one.

What was configured goes first: `PECTIN_STORE`, then the nearest `pectin.toml` or `[tool.pectin]` of a `pyproject.toml`,
from the working directory upwards. Else it is the nearest `.pectin/pectin.db` that exists, or else the one here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from pectin.core.hint import did_you_mean
from pectin.ports.store import StoreError

VARIABLE: Final = "PECTIN_STORE"
SETTINGS: Final = ("store",)
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
    store = _read(folder / "pectin.toml", ())
    if store is None:
        store = _read(folder / "pyproject.toml", ("tool", "pectin"))
    if store is None:
        return None
    if _RELATIVE_URL.match(store):
        return _RELATIVE_URL.sub(lambda _: f"sqlite:///{folder}/", store)
    return store if _URL.match(store) else str(folder / store)


def _read(file: Path, table: tuple[str, ...]) -> str | None:
    """The `store` in a table of a file, None if either is not there."""
    try:
        text = file.read_text("utf-8")
        import tomllib  # few folders have settings

        settings: object = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{file} can't be read: {error}. Mend it, or name the store with --store.") from error
    for name in table:
        settings = cast(Mapping[str, Any], settings).get(name, {}) if isinstance(settings, Mapping) else {}
    if not isinstance(settings, Mapping):
        raise StoreError(f'{file}: {".".join(table)} is no table; write [{".".join(table)}] and store = "work.db".')
    given = cast(Mapping[str, Any], settings)
    for name in given:
        if name not in SETTINGS:
            hint = did_you_mean(name, SETTINGS) or f"there is only `{SETTINGS[0]}`."
            raise StoreError(f"{file}: `{name}` is no setting; {hint}")
    store = given.get("store")
    if store is not None and (not isinstance(store, str) or not store):
        raise StoreError(f'{file}: store is {store!r}, no path or URL; write store = "work.db".')
    return store
