"""The canonical schema of Python's types, and which schema's values fit which."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, TypedDict
from uuid import UUID, uuid4

import pytest
from msgspec import UNSET
from pydantic import (
    AliasChoices,
    BaseModel,
    Field,
    PlainSerializer,
    RootModel,
    computed_field,
    create_model,
    field_serializer,
)

from pectin.authoring.schema_of import NoSchema, fields_of, fits, object_of, schema_of
from pectin.core import schema

Sha = NewType("Sha", str)


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1


class Mixed(Enum):
    A = 1
    B = "b"


class Item(BaseModel):
    price: Decimal = Decimal(1)


class Tree(BaseModel):
    children: list["Tree"] = []


class Names(RootModel[list[str]]):
    pass


ITEM = schema.Object({"price": schema.Field(schema.Decimal())}, name="Item")


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (bool, schema.Bool()),
        (int, schema.Integer()),
        (float, schema.Float()),
        (str, schema.String()),
        (Decimal, schema.Decimal()),
        (datetime, schema.String(format="date-time")),
        (date, schema.String(format="date")),
        (time, schema.String(format="time")),
        (UUID, schema.String(format="uuid")),
        (None, schema.Null()),
        (Any, schema.Any()),
        (object, schema.Any()),
        (complex, schema.Any()),
        (Sha, schema.String()),
        (Annotated[int, Field(gt=0)], schema.Integer()),
        (Annotated[Decimal, PlainSerializer(float)], schema.Any()),
        (Optional[int], schema.Nullable(schema.Integer())),  # noqa: UP045 # the old way to say it
        (int | None, schema.Nullable(schema.Integer())),
        (int | str, schema.Any()),
        (int | str | None, schema.Any()),
        (Literal["a", "b"], schema.String(("a", "b"))),
        (Literal["a", None], schema.Nullable(schema.String(("a",)))),
        (Literal[1, 2], schema.Integer((1, 2))),
        (Literal[True], schema.Bool((True,))),
        (Literal[1, "a"], schema.Any()),
        (Color, schema.String(("red", "blue"))),
        (Level, schema.Integer((1,))),
        (Mixed, schema.Any()),
        (list[int], schema.List(schema.Integer())),
        (list, schema.List(schema.Any())),
        (tuple[str, ...], schema.List(schema.String())),
        (tuple[str, int], schema.List(schema.Any())),
        (dict[str, int], schema.Map(schema.Integer())),
        (dict, schema.Map(schema.Any())),
        (Item, ITEM),
        (list[Item], schema.List(ITEM)),
        (Tree, schema.Object({"children": schema.Field(schema.List(schema.Any()))}, name="Tree")),
        (Names, schema.Any()),
    ],
)
def test_a_type_has_its_schema(annotation: Any, expected: schema.Schema) -> None:
    assert schema_of(annotation) == expected


class Model(BaseModel):
    order: str
    amount: Decimal = Decimal("1.50")
    note: str | None = None
    items: list[Item] = Field(default_factory=list[Item])
    names: list[str] = Field(default_factory=list)
    key: UUID = Field(default_factory=uuid4)
    tax: Decimal = Decimal(0)

    @field_serializer("tax")
    def write_tax(self, tax: Decimal) -> float:
        return float(tax)

    @computed_field
    @property
    def total(self) -> Decimal:
        return self.amount


def test_a_state_says_its_constant_defaults_and_an_input_may_leave_them_out() -> None:
    fields = object_of(Model, defaults=True).fields
    assert {name: field.default for name, field in fields.items()} == {
        "order": UNSET,
        "amount": "1.50",
        "note": None,
        "items": UNSET,
        "names": [],
        "key": UNSET,
        "tax": UNSET,
    }
    assert not any(field.may_be_missing for field in fields.values())
    assert fields["tax"].schema == schema.Any()


@pytest.mark.parametrize(
    ("annotation", "default", "told"),
    [
        (float, float("nan"), "`n`: the default can't be stored: nan is no JSON number; use null, or text"),
        (int, 2**70, "`n`: the default can't be stored: an integer beyond 64 bits; write it as text"),
        (Decimal, Decimal("NaN"), "`n`: the default 'NaN' can't be read back: it should be a finite number"),
        (str, None, "`n`: the default None can't be read back: it should be a valid string"),
        (Annotated[int, Field(gt=0)], 0, "`n`: the default 0 can't be read back: it should be greater than 0"),
    ],
)
def test_a_default_that_could_not_be_stored_and_read_is_refused(annotation: Any, default: Any, told: str) -> None:
    made = create_model("Made", n=(annotation, default))
    with pytest.raises(NoSchema) as refusal:
        object_of(made, defaults=True)
    assert str(refusal.value) == told
    assert object_of(made).fields["n"].required


@dataclass
class Data:
    order: str
    names: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    price: Decimal = Decimal(2)


def test_a_dataclass_is_an_object() -> None:
    found = object_of(Data, defaults=True)
    assert found.name == "Data"
    assert found.fields["names"] == schema.Field(schema.List(schema.String()), False, [])
    assert found.fields["price"] == schema.Field(schema.Decimal(), False, "2")
    assert found.fields["order"] == schema.Field(schema.String())


class Keys(TypedDict):
    order: str
    risk: NotRequired[str]


def test_a_typed_dict_says_which_keys_may_be_missing() -> None:
    assert {name: field.required for name, field in fields_of(Keys).items()} == {"order": True, "risk": False}


class Open(BaseModel, extra="allow"):
    order: str


def test_a_model_that_allows_more_is_open() -> None:
    assert object_of(Open).open


class Hidden(BaseModel):
    secret: str = Field(exclude=True)


class Renamed(BaseModel):
    order: str = Field(alias="orderId")


class Choices(BaseModel):
    order: str = Field(validation_alias=AliasChoices("a", "b"))


@dataclass
class Derived:
    order: str = field(init=False)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (set[str], "a set has no order"),
        (frozenset, "a set has no order"),
        (dict[str, list[set[int]]], r"`\.\*\[\]`: a set"),
        (Hidden, "`secret`: the field is left out"),
        (Renamed, "`order`: a field with an alias"),
        (Choices, "`order`: a field with an alias"),
        (Derived, "`order`: a field with init=False"),
    ],
)
def test_what_would_be_lost_is_refused(annotation: Any, text: str) -> None:
    with pytest.raises(NoSchema, match=text):
        schema_of(annotation)


LOW, ANY_TEXT = schema.String(("low",)), schema.String()


@pytest.mark.parametrize(
    ("given", "wanted", "fit"),
    [
        (schema.Any(), schema.Integer(), True),
        (schema.Integer(), schema.Any(), True),
        (schema.Integer(), schema.Float(), True),
        (schema.Float(), schema.Integer(), False),
        (schema.Integer(), schema.Decimal(), False),
        (LOW, ANY_TEXT, True),
        (ANY_TEXT, LOW, False),
        (schema.String(("low", "high")), LOW, False),
        (schema.String(format="date"), ANY_TEXT, True),
        (ANY_TEXT, schema.String(format="date"), False),
        (schema.Integer((1,)), schema.Integer(), True),
        (schema.Bool(), schema.Bool((True,)), False),
        (ANY_TEXT, schema.Nullable(ANY_TEXT), True),
        (schema.Nullable(ANY_TEXT), ANY_TEXT, False),
        (schema.Nullable(LOW), schema.Nullable(ANY_TEXT), True),
        (schema.Null(), schema.Nullable(ANY_TEXT), True),
        (schema.List(LOW), schema.List(ANY_TEXT), True),
        (schema.List(ANY_TEXT), schema.List(LOW), False),
        (schema.Map(LOW), schema.Map(ANY_TEXT), True),
        (ITEM, schema.Map(schema.Decimal()), True),
        (ITEM, schema.Map(ANY_TEXT), False),
        (ITEM, ITEM, True),
        (ITEM, schema.Object({}), False),
        (ITEM, schema.Object({}, open=True), True),
        (schema.Object({}), ITEM, False),
        (schema.Object({"price": schema.Field(ANY_TEXT)}), ITEM, False),
    ],
)
def test_fits(given: schema.Schema, wanted: schema.Schema, fit: bool) -> None:
    assert fits(given, wanted) is fit
