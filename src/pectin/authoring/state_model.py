"""The type of a workflow's state: a pydantic model, a dataclass, a TypedDict or a plain dict.

A stored state is a JSON object with every declared field. Here it becomes the author's object and comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Generic, Protocol, TypeVar, cast, get_args, get_origin, is_typeddict

import msgspec
from pydantic.errors import PydanticUserError

from pectin.authoring.declared_state import DeclaredModel
from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.part import Part, part_of
from pectin.authoring.schema_of import NoSchema, fields_of, has_fields, object_of
from pectin.authoring.values import Values, encode, refuse_no_json, show
from pectin.core.definition import Json
from pectin.core.hint import did_you_mean
from pectin.core.schema import Object

S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)


class StateModel(Protocol[S_co]):
    """The type of a state and its JSON."""

    @property
    def schema(self) -> Object:
        """The state's own fields, in the canonical form."""
        ...

    @property
    def name(self) -> str:
        """The type's name, for messages."""
        ...

    def read(self, state: Mapping[str, Json]) -> S_co:
        """The author's object, a private copy. Raises `TypeMismatch`."""
        ...

    def dump(self, state: object) -> dict[str, Json]:
        """The JSON of what a function returned or changed. Raises `TypeMismatch` for what isn't a state at all."""
        ...

    def settle(self, state: dict[str, Json]) -> dict[str, Json]:
        """A dumped state in the form in which it is stored. Raises `TypeMismatch` with every problem."""
        ...

    def complete(self, input: object) -> dict[str, Json]:
        """The first state, from an input: an object of the type, or JSON with some defaults left out.
        Raises `TypeMismatch` with every problem."""
        ...

    def part(self, names: Collection[str]) -> Part | None:
        """These fields of it. None where fields can't be checked without the rest."""
        ...


def state_model_of(state: Any) -> StateModel[Any]:
    """The model of a state's type, or of its schema. `NoSchema` if it can't be one."""
    if isinstance(state, Object):
        return DeclaredModel(state)
    if state is dict or get_origin(state) is dict:
        if (get_args(state) or (str,))[0] is not str:
            raise NoSchema("the keys of a state are names: use dict[str, Any]")
        return DictModel()
    if not has_fields(state):
        name = getattr(state, "__name__", repr(state))
        raise NoSchema(
            f"{name} is no type for a state: use a pydantic model, a dataclass, a TypedDict or dict[str, Any]"
        )
    return FieldsModel(state)


class FieldsModel(Generic[S]):
    """A state with declared fields."""

    __slots__ = ("_cls", "_declared", "_is_dict", "_values", "name", "schema")

    def __init__(self, cls: type[S]) -> None:
        self._is_dict = is_typeddict(cls)
        if self._is_dict:
            _refuse_not_required(cls)
        self._declared = cls
        self._cls: type = dict if self._is_dict else cls
        self.name = cls.__name__
        self.schema = object_of(cls, defaults=True)
        try:
            self._values = Values(cls, "state", self.schema)
        except PydanticUserError as error:
            reason = str(error).partition("\n")[0]
            raise NoSchema(f"{self.name} can't be read and written as JSON: {reason}") from None

    def read(self, state: Mapping[str, Json]) -> S:
        return self._values.read(state)

    def dump(self, state: object) -> dict[str, Json]:
        if not isinstance(state, self._cls):
            raise TypeMismatch([f"{show(state)} is no {self.name}"])
        if self._is_dict:
            _refuse_unknown(cast("dict[str, Json]", state), self.schema)
        dumped: dict[str, Json] = self._values.write(state)
        fields = self.schema.fields
        if len(dumped) == len(fields):
            return dumped
        if len(dumped) < len(fields):
            raise TypeMismatch([f"{name}: is missing" for name in fields if name not in dumped])
        return dumped if self.schema.open else {name: dumped[name] for name in fields}  # without computed fields

    def settle(self, state: dict[str, Json]) -> dict[str, Json]:
        return self.dump(self._values.read(state))

    def complete(self, input: object) -> dict[str, Json]:
        if not isinstance(input, dict | self._cls):
            raise TypeMismatch([f"{show(input)} is neither a {self.name} nor a JSON object"])
        fields = cast("dict[str, Json]", input) if isinstance(input, dict) else self.dump(input)
        refuse_no_json(fields, "input")
        _refuse_unknown(fields, self.schema)
        state = self.settle(fields)
        refuse_no_json(state, "state")
        return state

    def part(self, names: Collection[str]) -> Part | None:
        return part_of(self._declared, names)


class DictModel:
    """A state without declared fields: a dict, JSON as it is. A key that is gone is removed from the state."""

    __slots__ = ()

    name = "dict"
    schema = Object({}, open=True)

    def read(self, state: Mapping[str, Json]) -> dict[str, Json]:
        return msgspec.json.decode(encode(state))

    def dump(self, state: object) -> dict[str, Json]:
        if not isinstance(state, dict):
            raise TypeMismatch([f"{show(state)} is no dict"])
        return cast("dict[str, Json]", state)

    def settle(self, state: dict[str, Json]) -> dict[str, Json]:
        return state

    def complete(self, input: object) -> dict[str, Json]:
        state = self.dump(input)
        refuse_no_json(state, "input")
        return self.read(state)

    def part(self, names: Collection[str]) -> Part | None:
        return None


def _refuse_unknown(given: Mapping[str, Json], schema: Object) -> None:
    if schema.open:
        return
    unknown = [name for name in given if name not in schema.fields]
    if unknown:
        missing = schema.fields.keys() - given.keys()
        hints = {name: did_you_mean(str(name), missing) for name in unknown}
        raise TypeMismatch([f"{name}: there is no such field{hint and '; '}{hint}" for name, hint in hints.items()])


def _refuse_not_required(cls: type) -> None:
    optional = [name for name, field in fields_of(cls).items() if not field.required]
    if optional:
        raise NoSchema(f"`{optional[0]}` is NotRequired, but every field of a state is always there: use `... | None`")
