"""What endpoints an engine may call when nobody says: `PECTIN_HTTP_HOSTS` and `PECTIN_HTTP_PRIVATE`, then the nearest
`http_hosts` and `http_private` of the settings; else none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from pectin.core.error import BadValue
from pectin.ports.http import HttpRules
from pectin.runtime.configured import find_setting

HOSTS: Final = "PECTIN_HTTP_HOSTS"
PRIVATE: Final = "PECTIN_HTTP_PRIVATE"
WORDS: Final = {"1": True, "true": True, "0": False, "false": False, "": False}


def default_rules(folder: Path | None = None) -> HttpRules:
    """The rules as they are meant in `folder` (the working directory). Raises `BadValue`."""
    here = Path.cwd() if folder is None else folder
    hosts, where = _hosts(here)
    private, whence = _private(here)
    try:
        return HttpRules(hosts=hosts, private=private)
    except BadValue as bad:
        raise BadValue(where if bad.path == "hosts" else whence, bad.what, bad.hint) from None


def _hosts(folder: Path) -> tuple[Any, str]:
    if (said := os.environ.get(HOSTS)) is not None:
        return [host.strip() for host in said.split(",") if host.strip()], HOSTS
    found = find_setting("http_hosts", folder)
    return ((), "hosts") if found is None else (found.value, f"{found.file}: http_hosts")


def _private(folder: Path) -> tuple[Any, str]:
    if (said := os.environ.get(PRIVATE)) is not None:
        return WORDS.get(said.strip().lower(), said), PRIVATE
    found = find_setting("http_private", folder)
    return (False, "private") if found is None else (found.value, f"{found.file}: http_private")
