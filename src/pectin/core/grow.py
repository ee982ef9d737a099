"""How a key of the state gets what is added to it.

Nobody sees a value change. A list that grew is a new list for whoever holds the old one (events, records, the states of
running attempts); only one that nobody else holds grows in its place, or each step of a long list would copy it.
"""

from __future__ import annotations

import sys
from typing import Final

from msgspec import UNSET

from pectin.core.definition import Json, Reducer
from pectin.core.reduce import fold


def grow(state: dict[str, Json], key: str, reducer: Reducer, contribution: Json) -> None:
    """Set a key of a state to what `fold` makes of it. Raises `ReduceError` as it does."""
    if reducer is Reducer.APPEND and _is_alone(state, key):
        state[key].extend(contribution)
    else:
        state[key] = fold(reducer, state.get(key, UNSET), [contribution])


def _is_alone(state: dict[str, Json], key: str) -> bool:
    """Whether a key has a list that nobody refers to but this state."""
    # No variable here has it: whoever looks at a frame's variables, as debuggers do, would have them too.
    return type(state.get(key)) is list and sys.getrefcount(state.get(key)) <= _REFERENCES


def _references() -> int:
    """How many references Python counts of what only a dict refers to."""
    state: dict[str, Json] = {"": []}
    return sys.getrefcount(state.get(""))


_REFERENCES: Final = _references()
