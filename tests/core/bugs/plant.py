"""How bugs are planted in the core: each patches one thing, as a slip of its author would have made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Plant = Callable[[pytest.MonkeyPatch], object]


def before(patch: pytest.MonkeyPatch, owner: Any, name: str, slip: Callable[..., object]) -> None:
    """Let a slip happen before a function does its work."""
    real = getattr(owner, name)

    def slipped(*args: Any, **named: Any) -> Any:
        slip(*args)
        return real(*args, **named)

    patch.setattr(owner, name, slipped)


def after(patch: pytest.MonkeyPatch, owner: Any, name: str, slip: Callable[..., object]) -> None:
    """Let a slip happen after it."""
    real = getattr(owner, name)

    def slipped(*args: Any, **named: Any) -> Any:
        result = real(*args, **named)
        slip(*args)
        return result

    patch.setattr(owner, name, slipped)


def nothing(*args: Any, **named: Any) -> None:
    """What a forgotten call does."""
