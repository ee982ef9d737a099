"""From what a function returned to what it changed.

A state, some of its keys, a value for one key, or the output of an item. What is stored is always in the type's own
form: a loss or a mistake is a `BadResult` that says where it is, and never silent.

A key with a reducer gets what is added. Who returns the state says it by what became of the key; who returns the key
itself returns just that.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final, Protocol, TypeVar, cast

from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.part import Part
from pectin.authoring.state_model import StateModel
from pectin.authoring.values import Values, refuse_no_json, show, tell
from pectin.core.codec import same
from pectin.core.definition import Json, Reducer
from pectin.core.hint import did_you_mean
from pectin.core.reduce import NoDifference, difference
from pectin.ports.function import BadResult, DidNot, Happened, Request, Result, Unknown, Verdict

NOTHING: Final = Result()

Reducers = Mapping[str, Reducer]
NONE: Final[Reducers] = {}
NO_KEYS: Final = frozenset[str]()

C_co = TypeVar("C_co", bound=Result | Verdict, covariant=True)


class Concludes(Protocol[C_co]):
    """One way to return: `conclude` says what changed between the state of the request and what came back.

    `given` is the object that the function was given. Raises `TypeMismatch` for what can't be used.
    """

    def conclude(self, request: Request, given: Any, returned: Any) -> C_co: ...


class Returns(Concludes[Result], Protocol):
    """How a node's function returns."""

    @property
    def needs(self) -> frozenset[str] | None:
        """The keys of the state that it looks at, beside those that the function is given; None for all."""
        ...


def conclude(returns: Concludes[C_co], subject: str, request: Request, given: Any, returned: Any) -> C_co:
    """The result of a call. Raises `BadResult`, in which `subject` is the function."""
    try:
        return returns.conclude(request, given, returned)
    except TypeMismatch as error:
        if inspect.iscoroutine(returned):
            returned.close()
            raise BadResult(f"{subject} returned a coroutine: make it `async def`, or await inside") from None
        raise BadResult(f"{subject} {error}", tell(returned)) from None


class ReturnsState:
    """It returns what it was given, the state or the part of it that its type names, changed or not; `may_be_none` for
    one that needn't."""

    needs = NO_KEYS

    def __init__(self, model: StateModel[Any], may_be_none: bool = False, *, reducers: Reducers = NONE) -> None:
        self._model = model
        self._may_be_none = may_be_none
        self._reducers = reducers

    def conclude(self, request: Request, given: Any, returned: Any) -> Result:
        before, model = request.state, self._model
        if returned is None:
            _refuse_forgotten(model, before, given, {}, "None: return the state")
            if self._may_be_none:
                return NOTHING
            raise TypeMismatch(["returned None: return the state"])
        dumped = _dump(model, returned)
        if returned is not given:
            _refuse_forgotten(model, before, given, dumped, "another one without that: return the one you change")
        patch, unset = changes(before, dumped), _removed(model, before, dumped)
        if not patch and not unset:
            return NOTHING
        _refuse_no_json_in(patch)
        settled = changes(before, _settle(model, dumped))
        return Result(_contributions(self._reducers, before, settled, unset) if self._reducers else settled, unset)


class ReturnsKeys:
    """It returns a TypedDict of keys of the state, each with its new value, or with what to add to it.

    `given` is the type of what it is given, if that is a part of the state. `part` are the keys as fields of the state,
    where they can be checked without the rest of it.
    """

    def __init__(
        self,
        model: StateModel[Any],
        keys: Values,
        *,
        given: StateModel[Any] | None = None,
        part: Part | None = None,
        reducers: Reducers = NONE,
    ) -> None:
        self._model = model
        self._keys = keys
        self._given = given or model
        self._part = part
        self._reducers = reducers
        self.needs = None if part is None else part.keys

    def conclude(self, request: Request, given: Any, returned: Any) -> Result:
        before, model = request.state, self._model
        if not isinstance(returned, dict):
            raise TypeMismatch([f"returned {show(returned)} instead of {self._keys.path}"])
        keys = cast("dict[str, Json]", returned)
        _refuse_forgotten(self._given, before, given, {}, "keys: put it into them")
        if unknown := [key for key in keys if not model.schema.open and key not in model.schema.fields]:
            hint = did_you_mean(str(unknown[0]), model.schema.fields)
            raise TypeMismatch([f"returned `{unknown[0]}`, which {model.name} lacks{hint and '; '}{hint}"])
        written = self._keys.settle(keys)
        added = {key: written.pop(key) for key in self._reducers if key in written}
        return Result({**changes(before, _settle_keys(model, self._part, before, written)), **added})


class ReturnsValue:
    """It returns the new value of one key of the state, or if that `adds`, what to add to it.

    `given` is the type of what it is given, if that is a part of the state, and `part` the key as a field of the state,
    where it can be checked without the rest of it.
    """

    def __init__(
        self,
        model: StateModel[Any],
        key: str,
        values: Values,
        *,
        given: StateModel[Any] | None = None,
        part: Part | None = None,
        adds: bool = False,
    ) -> None:
        self._model = model
        self._key = key
        self._values = values
        self._given = given or model
        self._part = part
        self._adds = adds
        self.needs = NO_KEYS if adds else None if part is None else part.keys

    def conclude(self, request: Request, given: Any, returned: Any) -> Result:
        before, model = request.state, self._model
        instead = f"only `{self._key}`: return the state, without `output_key`"
        _refuse_forgotten(self._given, before, given, {}, instead)
        value = _value(self._values, returned)
        if self._adds:
            return Result({self._key: value})
        settled = _settle_keys(model, self._part, before, {self._key: value})
        return Result({**changes(before, settled), self._key: settled[self._key]})


class ReturnsOutput:
    """It returns the output of an item of a map; it has no state to change."""

    needs = NO_KEYS

    def __init__(self, values: Values) -> None:
        self._values = values

    def conclude(self, request: Request, given: Any, returned: Any) -> Result:
        return Result(output=_value(self._values, returned))


class ReturnsVerdict:
    """It is a `reconcile`: what has happened is concluded as if the node's function had returned it."""

    def __init__(self, returns: Returns) -> None:
        self._returns = returns

    def conclude(self, request: Request, given: Any, returned: Any) -> Verdict:
        match returned:
            case Happened():
                happened = cast("Happened[Any]", returned)
                return Verdict(True, self._returns.conclude(request, given, happened.result))
            case DidNot():
                return Verdict(False)
            case Unknown():
                return Verdict(None)
            case _:
                hint = "return Happened(result), DidNot() or Unknown()"
                raise TypeMismatch([f"returned {show(returned)}: {hint}"])


def changes(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Json]:
    """The keys whose JSON differs, with their new values."""
    return {key: value for key, value in after.items() if key not in before or not same(before[key], value)}


def _refuse_forgotten(
    model: StateModel[Any], before: Mapping[str, Json], given: Any, returned: Mapping[str, Json], instead: str
) -> None:
    """Raise `TypeMismatch` if the function changed the state it was given, and the change isn't in what it returned."""
    changed = changes(before, model.dump(given))
    if not changed:
        return
    # A state that was stored by older code may differ by itself.
    part = before if model.schema.open else {key: before[key] for key in model.schema.fields if key in before}
    changed = changes(model.dump(model.read(part)), changed)
    lost = [key for key, value in changed.items() if key not in returned or not same(returned[key], value)]
    if lost:
        raise TypeMismatch(
            [f"changed {', '.join(f'`{key}`' for key in lost)} in the state it was given but returned {instead}"]
        )


def _contributions(
    reducers: Reducers, before: Mapping[str, Json], patch: dict[str, Json], unset: tuple[str, ...]
) -> dict[str, Json]:
    """The patch, with what was added where there is a reducer."""
    for key in unset:
        if key in reducers:
            raise TypeMismatch([f"removed `{key}`: its reducer `{reducers[key]}` only adds"])
    added: dict[str, Json] = {}
    for key, value in patch.items():
        try:
            added[key] = difference(reducers[key], before.get(key), value) if key in reducers else value
        except NoDifference as error:
            raise TypeMismatch([f"returned a state whose `{key}` can't be stored: {error}"]) from None
    return added


def _refuse_no_json_in(patch: Mapping[str, Json]) -> None:
    """Raise `TypeMismatch` with the path in the state to what isn't JSON."""
    for key, value in patch.items():
        try:
            refuse_no_json(value, key)
        except TypeMismatch as error:
            raise TypeMismatch([f"returned a state that can't be stored: {error}"]) from None


def _removed(model: StateModel[Any], before: Mapping[str, Json], after: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(key for key in before if key not in after) if model.schema.open else ()


def _dump(model: StateModel[Any], returned: Any) -> dict[str, Json]:
    try:
        return model.dump(returned)
    except TypeMismatch as error:
        raise TypeMismatch([f"returned what is no {model.name}: {error}"]) from None


def _settle_keys(
    model: StateModel[Any], part: Part | None, before: Mapping[str, Json], written: dict[str, Json]
) -> dict[str, Json]:
    """What was written, in the form in which it is stored; with the whole state if it can't be checked alone."""
    return _settle(model, {**before, **written}) if part is None else _settle(model, written, part)


def _settle(model: StateModel[Any], state: dict[str, Json], part: Part | None = None) -> dict[str, Json]:
    try:
        return (part or model).settle(state)
    except TypeMismatch as error:
        raise TypeMismatch([f"returned what is no {model.name}: {error}"]) from None


def _value(values: Values, returned: Any) -> Json:
    try:
        return values.settle(returned)
    except TypeMismatch as error:
        raise TypeMismatch([f"returned what is no {values.path}: {error}"]) from None
