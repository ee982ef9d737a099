"""What comes from outside is checked against the state's schema before it becomes part of it."""

from __future__ import annotations

import pytest

from pectin.core.command import Begin, Wake
from pectin.core.decide.patch import misfits_of_patch
from pectin.core.decide.turn import Turn
from pectin.core.definition import Json, Reducer
from pectin.core.limits import LIMITS
from pectin.core.schema import List, String
from tests.core.case import Case
from tests.core.world import program


@pytest.mark.parametrize(
    ("patch", "wrong"),
    [
        ({}, 0),
        ({"x": 1, "y": 2}, 0),
        ({"x": "1"}, 1),
        ({"x": None, "y": []}, 2),
        ({"nothing": 1}, 1),
        ({"notes": ["a"]}, 0),
        ({"notes": "a"}, 1),
    ],
)
def test_what_does_not_fit_is_said(patch: dict[str, Json], wrong: int) -> None:
    keys = {"notes": List(String())}
    case = Case(bound=program("a -> end", keys=keys, reducers={"notes": Reducer.APPEND}))
    turn = Turn.of(case.program, case.run, Wake(at=1, begin=Begin("w", 1)), LIMITS)
    assert len(misfits_of_patch(turn, patch)) == wrong
