"""What a function writes beside the part of the state that it takes: checked by its own fields where that is enough,
and with the whole state where it is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal, TypedDict

import pytest
from pydantic import BaseModel, ConfigDict, Discriminator, Field, field_validator, model_validator
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
    tries: Annotated[int, Field(le=3)] = 0
    log: list[str] = []


@dataclass
class Data:
    question: str = ""
    price: Decimal = Decimal(0)
    tries: Annotated[int, Field(le=3)] = 0
    log: list[str] = field(default_factory=list[str])


class Dict(TypedDict):
    question: str
    price: Decimal
    tries: Annotated[int, Field(le=3)]
    log: list[str]


class Validated(Model):
    @field_validator("price")
    @classmethod
    def is_even(cls, price: Decimal) -> Decimal:
        return price - price % 2


class Related(Model):
    @model_validator(mode="after")
    def is_related(self) -> Related:
        if self.price > len(self.log):
            raise ValueError("dearer than its log is long")
        return self


class Settled(Model):
    model_config = ConfigDict(coerce_numbers_to_str=True)


class Initialised(Model):
    def model_post_init(self, context: Any, /) -> None:
        self.price += 1


class Schemed(Model):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any, /) -> Any:
        return handler(source)


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"


class Kept(Model):
    pet: Cat | Dog = Field(default=Cat(), discriminator="kind")


class KeptAnnotated(Model):
    pet: Annotated[Cat | Dog, Discriminator("kind")] = Cat()


@dataclass
class PostInit(Data):
    def __post_init__(self) -> None:
        self.log.append("made")


@pydantic_dataclass(config=ConfigDict(str_strip_whitespace=True))
class Stripped:
    question: str = ""
    price: Decimal = Decimal(0)
    tries: int = 0


STATE: dict[str, Any] = {"question": "?", "price": "1", "tries": 1, "log": ["a", "b"]}


def function(state: Any, returned: dict[str, Any], **options: Any) -> Any:
    def f(state: Asked) -> Written:
        assert state == {"question": "?"}
        return returned  # type: ignore[return-value]

    workflow: Any = Workflow("asking", version="1.0.0", state=state, **options)
    workflow.node(f, name="f")
    return workflow.build().functions["f"]


def call(state: Any, returned: dict[str, Any]) -> Any:
    made = function(state, returned)
    given = STATE if made.keys is None else {key: STATE[key] for key in made.keys}
    return made.call(Request(given, Context()))


@pytest.mark.parametrize("state", [Model, Data, Dict, KeptAnnotated])
class TestByTheirFields:
    def test_only_what_is_taken_and_written_is_needed(self, state: Any) -> None:
        assert function(state, {}).keys == {"question", "price", "tries"}
        assert function(state, {}, reducers={"tries": "add"}).keys == {"question", "price"}

    def test_what_is_written_is_stored_as_its_field_says(self, state: Any) -> None:
        assert call(state, {"price": 2}) == Result({"price": "2"})
        assert call(state, {"price": 1, "tries": "2"}) == Result({"tries": 2})
        assert call(state, {}) == Result({})

    def test_what_its_field_refuses_is_told_by_field(self, state: Any) -> None:
        text = rf"`f` returned what is no {state.__name__}: tries: should be less than or equal to 3, got 4"
        with pytest.raises(BadResult, match=text):
            call(state, {"tries": 4})


@pytest.mark.parametrize("state", [Validated, Related, Settled, Initialised, Schemed, Kept, PostInit, Stripped])
def test_with_code_or_settings_of_its_own_the_whole_is_checked(state: Any) -> None:
    assert function(state, {}).keys is None


def test_validators_see_what_is_written_beside_a_part() -> None:
    assert call(Validated, {"price": 3}) == Result({"price": "2"})
    with pytest.raises(BadResult, match="dearer than its log is long"):
        call(Related, {"price": 3})
