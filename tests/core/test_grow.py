"""What is added to a key of the state: the fold, and nobody who holds a value sees it change."""

from __future__ import annotations

import sys
from copy import deepcopy
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from pectin.core import grow as module
from pectin.core.definition import Reducer
from pectin.core.grow import grow
from tests.core.test_reduce import cases, exact, reduce_all

APPEND = Reducer.APPEND


@given(cases(4), st.booleans())
def test_to_grow_is_to_fold_and_whoever_holds_a_value_keeps_it(
    case: tuple[Reducer, Any, list[Any]], holds: bool
) -> None:
    reducer, value, given = case
    state: dict[str, Any] = {} if value is UNSET else {"k": deepcopy(value)}
    for contribution in given:
        held = state.get("k", UNSET) if holds else UNSET
        before, added = exact(held), exact(contribution)
        wanted = reduce_all(reducer, deepcopy(state.get("k", UNSET)), [contribution])
        grow(state, "k", reducer, contribution)
        assert exact(state["k"]) == exact(wanted)
        assert (exact(held), exact(contribution)) == (before, added), "a value changed under who held it"


def test_a_debugger_that_looks_at_variables_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(frame: FrameType, event: str, argument: Any) -> Any:
        assert frame.f_locals is not None
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        monkeypatch.setattr(module, "_REFERENCES", module._references())  # pyright: ignore[reportPrivateUsage]
        state: dict[str, Any] = {"k": [1]}
        kept = dict(state)
        grow(state, "k", APPEND, [2])
    finally:
        sys.settrace(before)
    assert (kept["k"], state["k"]) == ([1], [1, 2])


def test_a_list_that_nobody_holds_grows_in_its_place() -> None:
    state: dict[str, Any] = {"k": [1]}
    place = id(state["k"])
    grow(state, "k", APPEND, [2])
    assert (id(state["k"]), state["k"]) == (place, [1, 2])
    kept = dict(state)
    grow(state, "k", APPEND, [3])
    assert (kept["k"], state["k"]) == ([1, 2], [1, 2, 3])
