"""Types of which nothing but their annotations decides what they let pass.

A class can do much with a field that its annotation doesn't say, and pydantic with an annotation. What is done to plain
types only is done to them because nobody can tell.
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, NotRequired, Required, Union, get_args, get_origin, is_typeddict
from uuid import UUID

from pydantic import BaseModel

from pectin.authoring.schema_of import fields_of, has_fields

_JSON: Final = (str, int, float, bool, NoneType)
_PLAIN: Final = (*_JSON, Decimal, datetime, date, UUID, Any)
_SCHEMAS: Final = ("__get_pydantic_core_schema__", "__get_validators__")
"""How a class says itself what it lets pass."""

_COMPOUND: Final = (list, dict, Union, UnionType)


def is_plain(annotation: Any) -> bool:
    """Whether a type without fields means what it says."""
    origin = get_origin(annotation)
    if origin is None or origin is Literal:
        return origin is Literal or annotation in _PLAIN
    return origin in _COMPOUND and all(map(is_plain, get_args(annotation)))


def is_json(annotation: Any, inside: tuple[Any, ...] = ()) -> bool:
    """Whether pydantic makes the same of JSON values as of their text, and a copy of each list and object.

    A union could choose another option, and what may be anything is not copied. So these don't count.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        if annotation in _JSON:
            return True
        if annotation in inside or not has_fields(annotation) or not adds_nothing(annotation):
            return False
        return all(is_json(field.annotation, (*inside, annotation)) for field in fields_of(annotation).values())
    if origin in (Union, UnionType):
        return len(arguments) == 2 and NoneType in arguments and all(is_json(each, inside) for each in arguments)
    return origin in (list, dict, Required, NotRequired) and all(is_json(each, inside) for each in arguments)


def adds_nothing(cls: Any) -> bool:
    """Whether nothing but annotations decides what a class lets pass, each for its field: it has no validators, no
    serializers, no settings and no code of its own."""
    if is_typeddict(cls):
        return not hasattr(cls, "__pydantic_config__")
    if type(cls) not in (type, type(BaseModel)):  # what makes the class may make anything of it
        return False
    says_itself = any(name in vars(each) for each in cls.__mro__ if each is not BaseModel for name in _SCHEMAS)
    if says_itself or _is_decorated(cls):
        return False
    return _model_adds_nothing(cls) if issubclass(cls, BaseModel) else _dataclass_adds_nothing(cls)


def _is_decorated(cls: type) -> bool:
    found = getattr(cls, "__pydantic_decorators__", None)
    if found is not None:
        return any(getattr(found, kind.name) for kind in dataclasses.fields(found))
    members: list[object] = [member for each in cls.__mro__ for member in vars(each).values()]
    return any(hasattr(member, "decorator_info") for member in members)


def _model_adds_nothing(cls: type[BaseModel]) -> bool:
    if cls is BaseModel:
        return False
    settings = {**cls.model_config}
    if settings.pop("extra", "ignore") == "allow" or settings:
        return False
    has_own_init = cls.__pydantic_custom_init__ or cls.__pydantic_post_init__ is not None
    return not has_own_init and not any(getattr(info, "exclude_if", None) for info in cls.model_fields.values())


def _dataclass_adds_nothing(cls: Any) -> bool:
    if hasattr(cls, "__post_init__") or hasattr(cls, "__pydantic_config__"):
        return False
    return not any(field.metadata for field in dataclasses.fields(cls))
