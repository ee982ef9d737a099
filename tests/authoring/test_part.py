"""What a function writes beside the part of the state that it takes: checked by itself where its fields are plain, and
with the whole state wherever there may be more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, Literal, Required, TypedDict

import pytest
from pydantic import (
    AfterValidator,
    Base64Str,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    computed_field,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass

from pectin.authoring.workflow import Workflow
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Request, Result


class Asked(TypedDict):
    question: str


class Written(TypedDict, total=False):
    price: Any
    tries: Any


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str = ""
    price: Decimal = Decimal(0)
    tries: int | None = 0
    log: list[dict[str, Any]] = []


@dataclass
class Data:
    question: str = ""
    price: Decimal = Decimal(0)
    tries: int | None = 0
    log: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


class Dict(TypedDict):
    question: str
    price: Decimal
    tries: int | None
    log: list[dict[str, Any]]


STATE: dict[str, Any] = {"question": "?", "price": "1", "tries": 1, "log": [{}, {}]}


def function(state: Any, returned: dict[str, Any], **options: Any) -> Any:
    def f(state: Asked) -> Written:
        assert state == {"question": "?"}
        return returned  # type: ignore[return-value]

    workflow: Any = Workflow("asking", version="1.0.0", state=state, **options)
    workflow.node(f, name="f")
    return workflow.build().functions["f"]


def call(state: Any, returned: dict[str, Any], stored: dict[str, Any] = STATE) -> Any:
    made = function(state, returned)
    given = stored if made.keys is None else {key: stored[key] for key in made.keys}
    return made.call(Request(given, Context()))


@pytest.mark.parametrize("state", [Model, Data, Dict])
class TestByTheirFields:
    def test_only_what_is_taken_and_written_is_needed(self, state: Any) -> None:
        assert function(state, {}).keys == {"question", "price", "tries"}
        assert function(state, {}, reducers={"tries": "add"}).keys == {"question", "price"}

    def test_what_is_written_is_stored_as_its_field_says_and_nothing_else(self, state: Any) -> None:
        assert call(state, {"price": 2}) == Result({"price": "2"})
        assert call(state, {"price": 1, "tries": "2"}) == Result({"tries": 2})
        assert call(state, {"tries": None}) == Result({"tries": None})
        assert call(state, {}) == Result({})

    def test_what_its_field_refuses_is_told_by_field(self, state: Any) -> None:
        text = rf"`f` returned what is no {state.__name__}: tries: should be a integer, unable to parse"
        with pytest.raises(BadResult, match=text):
            call(state, {"tries": "x"})


# -- where the whole state is checked --------------------------------------------------------------------------


class Related(Model):
    @model_validator(mode="after")
    def is_related(self) -> Related:
        if self.price > len(self.log):
            raise ValueError("dearer than its log is long")
        return self


class Computed(Model):
    @computed_field
    @property
    def dear(self) -> bool:
        return self.price > 1


class Initialised(Model):
    def model_post_init(self, context: Any, /) -> None:
        self.price += 1


class Schemed(Model):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any, /) -> Any:
        return handler(source)


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    question: str = ""
    price: Decimal = Decimal(0)
    tries: int = 0


class Texts(Model):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class Constrained(Model):
    tries: int | None = Field(default=0, le=3)


class Encoded(Model):
    price: Base64Str = ""  # type: ignore[assignment]


class Cents(Model):
    price: Annotated[int, PlainSerializer(lambda value: value * 100), AfterValidator(lambda value: value // 100)] = 0  # type: ignore[assignment]


def beyond(value: int, info: ValidationInfo) -> int:
    if value > info.data["price"]:
        raise ValueError("more than its price")
    return value


class Compared(Model):
    tries: Annotated[int, AfterValidator(beyond)]  # type: ignore[assignment]


class Colour(Enum):
    RED = "red"


class Coloured(Model):
    tries: Colour | int = 0  # type: ignore[assignment]


@dataclass
class Validated(Data):
    @field_validator("price")
    @classmethod
    def is_positive(cls, price: Decimal) -> Decimal:
        assert price > 0, "it is negative"
        return price


@dataclass
class Serialized(Data):
    @field_serializer("price")
    def mark(self, price: Decimal) -> str:
        return f"{price:.2f}"


@dataclass
class PostInit(Data):
    def __post_init__(self) -> None:
        self.log.append({"made": True})


@dataclass
class WithMetadata(Data):
    tries: int | None = field(default=0, metadata={"le": 3})


@pydantic_dataclass(config=ConfigDict(str_strip_whitespace=True))
class Stripped:
    question: str = ""
    price: Decimal = Decimal(0)
    tries: int = 0


class Defaults(TypedDict):
    question: str
    price: Decimal
    tries: Annotated[int, Field(default=0)]


class Needed(TypedDict):
    question: Required[str]
    price: Required[Decimal]
    tries: Required[int]


class Configured(TypedDict):
    __pydantic_config__ = ConfigDict(str_to_lower=True)  # type: ignore[misc]

    question: str
    price: Decimal
    tries: int


WHOLE: list[Any] = [
    Related,
    Computed,
    Initialised,
    Schemed,
    Loose,
    Texts,
    Constrained,
    Encoded,
    Cents,
    Compared,
    Coloured,
    Validated,
    Serialized,
    PostInit,
    WithMetadata,
    Stripped,
    Defaults,
    Needed,
    Configured,
]


@pytest.mark.parametrize("state", WHOLE)
def test_where_there_may_be_more_than_plain_fields_the_whole_is_checked(state: Any) -> None:
    assert function(state, {}).keys is None


@pytest.mark.parametrize(
    ("state", "returned", "text"),
    [
        (Related, {"price": 3}, "dearer than its log is long"),
        (Constrained, {"tries": 4}, "tries: should be less than or equal to 3"),
        (Compared, {"tries": 2}, "more than its price"),
        (Validated, {"price": -2}, "it is negative"),
        (WithMetadata, {"tries": 9}, "tries: should be less than or equal to 3"),
    ],
)
def test_what_the_whole_refuses_is_refused(state: Any, returned: dict[str, Any], text: str) -> None:
    with pytest.raises(BadResult, match=text):
        call(state, returned)


def test_what_is_written_is_serialized_once() -> None:
    assert call(Cents, {"price": 200}, {**STATE, "price": 100}) == Result({"price": 200})
    assert call(Serialized, {"price": 2}, {**STATE, "price": "1.00"}) == Result({"price": "2.00"})


def test_names_and_qualifiers_of_fields_mean_nothing_to_it() -> None:
    @dataclass
    class Named:
        question: str = ""
        price: Literal["low", "high"] = "low"
        tries: datetime | None = None
        model_config: str = "gpt"

    assert function(Named, {}).keys == {"question", "price", "tries"}
    assert call(Named, {"price": "high"}, {"question": "?", "price": "low", "tries": None}) == Result({"price": "high"})

    @dataclass
    class Fixed:
        question: str = ""
        price: int = 0
        tries: Final[int] = 0  # type: ignore[misc]

    assert function(Fixed, {}).keys is None
