"""Mistakes of authors, each with all that `build` says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pectin.core.problem import DefinitionError
from tests.authoring.orders import Order, new_workflow

Mistake = Callable[[Any, Any], Any]
"""Makes its mistake in a workflow, whose first node is handed in."""


def read(state: Order) -> Order:
    return state


class Mistakes:
    """The mistakes of one file, as parameters of its test."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def told(self, text: str) -> Callable[[Mistake], Mistake]:
        """A mistake, with the lines that are said of it."""

        def note(mistake: Mistake) -> Mistake:
            self.all.append(pytest.param(mistake, text, id=mistake.__name__))
            return mistake

        return note


def tell(mistake: Mistake) -> str:
    """What is said of a mistake, without the places: each is a line of the mistake, or that of the workflow."""
    wf = new_workflow()
    mistake(wf, wf.node(read))
    with pytest.raises(DefinitionError) as caught:
        wf.build()
    first = mistake.__code__.co_firstlineno
    for problem in caught.value.problems:
        assert problem.place is not None
        assert problem.place.file.endswith("orders.py") or problem.place.line > first
    lines = [line.partition(": ")[2] if ".py:" in line else line for line in str(caught.value).splitlines()]
    return "\n".join(lines)
