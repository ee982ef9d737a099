"""What is wrong with a value that is not of its type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pectin.core.error import clean, shorten

_PROBLEMS_MAX: Final = 10
"""More than these are only counted: they say no more."""

_CHARACTERS_MAX: Final = 300
"""Of one of them."""


class TypeMismatch(ValueError):
    """A value that is not of its type. `problems` are the first of them, each with the name of its part, and how many
    more there are."""

    def __init__(self, problems: Sequence[str]) -> None:
        told = [clean(shorten(problem, _CHARACTERS_MAX)) for problem in problems[:_PROBLEMS_MAX]]
        if more := len(problems) - len(told):
            told.append(f"and {more} more")
        super().__init__("; ".join(told))
        self.problems = tuple(told)
