"""The settings outside of the code: variables of the environment, and two files, from a folder upwards.

`pectin.toml`, or `[tool.pectin]` of a `pyproject.toml`: the nearest one that says a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from pectin.core.hint import did_you_mean
from pectin.ports.store import StoreError

SETTINGS: Final = ("store", "http_hosts", "http_private")
FILES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (("pectin.toml", ()), ("pyproject.toml", ("tool", "pectin")))


class Configured(NamedTuple):
    """What a file says of a setting."""

    value: Any
    file: Path


def find_setting(name: str, folder: Path) -> Configured | None:
    """The nearest file from this folder upwards that says a setting. Raises `StoreError` for one that can't be read."""
    for place in (folder, *folder.parents):
        if (found := setting_in(place, name)) is not None:
            return found
    return None


def setting_in(folder: Path, name: str) -> Configured | None:
    """What the files of a folder say of a setting. Raises `StoreError`."""
    for file_name, table in FILES:
        file = folder / file_name
        if (settings := _read(file, table)) is not None and name in settings:
            return Configured(settings[name], file)
    return None


def _read(file: Path, table: tuple[str, ...]) -> Mapping[str, Any] | None:
    """The settings in a table of a file, None if the file is not there."""
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
            hint = did_you_mean(name, SETTINGS) or f"there are {', '.join(f'`{each}`' for each in SETTINGS)}."
            raise StoreError(f"{file}: `{name}` is no setting; {hint}")
    return given
