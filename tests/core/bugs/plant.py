"""How bugs are planted in the core: each patches one thing, as a slip of its author would have made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

Plant = Callable[[pytest.MonkeyPatch], object]


def around(patch: pytest.MonkeyPatch, owner: Any, name: Any, wrap: Callable[[Any], Any]) -> None:
    """Put a function in the place of one that a module, a class or a table has."""
    if isinstance(owner, dict):
        table = cast("dict[Any, Any]", owner)
        patch.setitem(table, name, wrap(table[name]))
        return
    patch.setattr(owner, name, wrap(getattr(owner, name)))


def before(patch: pytest.MonkeyPatch, owner: Any, name: Any, slip: Callable[..., object]) -> None:
    """Let a slip happen before a function does its work."""

    def wrap(real: Any) -> Any:
        def slipped(*args: Any, **named: Any) -> Any:
            slip(*args)
            return real(*args, **named)

        return slipped

    around(patch, owner, name, wrap)


def after(patch: pytest.MonkeyPatch, owner: Any, name: Any, slip: Callable[..., object]) -> None:
    """Let a slip happen after it."""

    def wrap(real: Any) -> Any:
        def slipped(*args: Any, **named: Any) -> Any:
            result = real(*args, **named)
            slip(*args)
            return result

        return slipped

    around(patch, owner, name, wrap)


def nothing(*args: Any, **named: Any) -> None:
    """What a forgotten call does."""
