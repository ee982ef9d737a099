"""`pectin version`."""

from __future__ import annotations

import sys

from pectin.cli.options import Json


def version(as_json: Json = False) -> int:
    """Say which version this is."""
    from importlib.metadata import version as installed

    from pectin.cli.words import put_json

    numbers = {"pectin": _own(), "apsw": installed("apsw"), "python": sys.version.split()[0]}
    if as_json:
        put_json(numbers)
    else:
        sys.stdout.write(" · ".join(f"{name} {number}" for name, number in numbers.items()) + "\n")
    return 0


def _own() -> str:
    import pectin

    return pectin.__version__
