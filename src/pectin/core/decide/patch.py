"""Whether values that come from outside of the application's own functions can be part of its state."""

from __future__ import annotations

from collections.abc import Mapping

from pectin.core.decide.turn import Turn
from pectin.core.definition import Definition, Json, Reducer
from pectin.core.fit import misfits
from pectin.core.reduce import check_contribution


def misfits_of_patch(turn: Turn, patch: Mapping[str, Json]) -> list[str]:
    """Why these values can't be set as keys of the state (or be added to them, where there is a reducer)."""
    return misfits_in(turn.program.definition, patch)


def misfits_in(definition: Definition, patch: Mapping[str, Json]) -> list[str]:
    """The same of a state of this definition."""
    schema = definition.state
    wrong: list[str] = []
    for key, value in patch.items():
        field = schema.fields.get(key)
        if field is None and not schema.open:
            wrong.append(f"the state has no `{key}`")
            continue
        reducer = definition.reducers.get(key)
        unusable = None if reducer is None else check_contribution(reducer, value)
        if unusable is not None:
            wrong.append(f"`{key}`: {unusable}")
        elif field is not None and reducer is not Reducer.MERGE:  # a merge may say a part of it
            wrong.extend(misfits(field.schema, value, f"$.{key}"))
    return wrong
