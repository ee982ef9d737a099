"""Texts and types drawn from a seed: of everything that a document can say."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from msgspec import UNSET

from pectin.core import schema
from pectin.core.definition import Json

TEXTS = (
    "plain",
    "two words",
    "it's so",
    'say "so"',
    "a: b",
    "a # b",
    "#a",
    "- a",
    "-a",
    "!a",
    "[a]",
    "a, b",
    "{{ state.shared }} ok?",
    "true",
    "null",
    "~",
    "1",
    "1.50",
    "0x1f",
    "12:30",
    "2026-11-23",
    "on",
    "<<",
    "=",
    "...",
    "string",
    "list",
    " a",
    "a ",
    "a  b",
    "tab\there",
    "back\\slash",
    "lines\nof text\n",
    "lines\nof text",
    " lines\nof text",
    "lines\n\n",
    "\n",
    "é 😀 \u2028",
    "\x07",
    "T | null",
    "a" * 120,
    "long words " * 20 + "end",
    "'",
    '"',
    "",
)
"""Texts of which most mean something else without quotes."""


def draw_state(random: Random) -> schema.Object:
    """A state's fields, some with defaults."""
    fields: dict[str, schema.Field] = {}
    for name in random.sample(("a", "b", "c", "$d", "a b", "true", "1", "é", "if"), random.randint(0, 4)):
        drawn = draw_schema(random, 3)
        has_default = random.random() < 0.5
        fields[name] = schema.Field(drawn, not has_default, draw_value(random, drawn) if has_default else UNSET)
    return schema.Object(fields, open=random.random() < 0.2)


def draw_schema(random: Random, levels: int) -> schema.Schema:
    """A type that a document can say."""
    simple: list[schema.Schema] = [
        schema.Any(),
        schema.Null(),
        schema.Bool(),
        schema.Bool((random.random() < 0.5,)),
        schema.Integer(),
        schema.Integer((1, -2, 3)),
        schema.Integer((7,)),
        schema.Float(),
        schema.Decimal(),
        schema.String(),
        schema.String(format=random.choice(sorted(schema.FORMATS))),
        schema.String(tuple(random.sample(TEXTS, random.randint(1, 4)))),
        schema.String(("2026-11-23",), "date"),
    ]
    if levels < 1 or random.random() < 0.4:
        return random.choice(simple)
    inner = draw_schema(random, levels - 1)
    match random.randrange(4):
        case 0:
            return schema.List(inner)
        case 1:
            return schema.Map(inner)
        case 2:
            return schema.nullable(inner)
        case _:
            names = random.sample(("x", "y", "$z", "x y", "null"), random.randint(0, 3))
            fields = {name: schema.Field(draw_schema(random, levels - 1), random.random() < 0.8) for name in names}
            return schema.Object(fields, open=random.random() < 0.2)


def draw_value(random: Random, drawn: schema.Schema) -> Any:
    """A value of a type."""
    match drawn:
        case schema.Any():
            return random.choice(ANYTHING)
        case schema.Null():
            return None
        case schema.Bool() | schema.Integer() | schema.String() if drawn.values:
            return random.choice(drawn.values)
        case schema.Bool():
            return random.random() < 0.5
        case schema.Integer():
            return random.choice((0, -1, 2**63 - 1))
        case schema.Float():
            return random.choice((0.0, -0.0, 1.5, 1e16, 1e-9))
        case schema.Decimal():
            return random.choice(("0", "1299.00", "-1.50", "1E+3", "0.0000001"))
        case schema.String():
            return _FORMATTED[drawn.format] if drawn.format else random.choice(TEXTS)
        case schema.List():
            return [draw_value(random, drawn.item) for _ in range(random.randint(0, 2))]
        case schema.Map():
            return {random.choice(TEXTS): draw_value(random, drawn.value) for _ in range(random.randint(0, 2))}
        case schema.Nullable():
            return None if random.random() < 0.5 else draw_value(random, drawn.inner)
        case schema.Object():
            return {name: draw_value(random, field.schema) for name, field in drawn.fields.items()}


ANYTHING: Sequence[Json] = (None, True, 1, 1.5, "x y", [], {}, [1, {"a": None}], *TEXTS)

_FORMATTED = {
    "date-time": "2026-11-23T09:14:03Z",
    "date": "2026-11-23",
    "time": "09:14:03",
    "uuid": "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41",
}
