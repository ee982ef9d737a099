"""The rules of types: what may stand where, what may be compared, what two branches have in common."""

from typing import TypeVar

from pectin.core import schema
from pectin.core.schema import Schema, nullable, without_null

T = TypeVar("T")

NUMBERS = (schema.Integer, schema.Float, schema.Decimal)
ORDERED = (*NUMBERS, schema.String, schema.Bool)

SIGNATURES: dict[str, tuple[tuple[type, ...], Schema]] = {
    "size": ((schema.String, schema.List, schema.Map, schema.Object), schema.Integer()),
    "int": ((*NUMBERS, schema.String), schema.Integer()),
    "double": ((*NUMBERS, schema.String), schema.Float()),
    "decimal": ((schema.Integer, schema.Decimal, schema.String), schema.Decimal()),
    "string": (ORDERED, schema.String()),
}
"""What each function takes and gives."""


def accepts(wanted: Schema, given: Schema) -> bool:
    """Whether a value of schema `given` may stand where `wanted` is declared; `Any` is left to run time."""
    match wanted, given:
        case (schema.Any(), _) | (_, schema.Any()):
            return True
        case schema.Nullable(), _:
            return isinstance(given, schema.Null) or accepts(wanted.inner, without_null(given))
        case ((schema.Float() | schema.Decimal()), schema.Integer()):
            return True
        case (schema.Bool(), schema.Bool()) | (schema.Integer(), schema.Integer()) | (schema.String(), schema.String()):
            return not wanted.values or (bool(given.values) and set(given.values) <= set(wanted.values))
        case schema.List(), schema.List():
            return accepts(wanted.item, given.item)
        case schema.Map(), schema.Map():
            return accepts(wanted.value, given.value)
        case schema.Map(), schema.Object():
            return all(accepts(wanted.value, field.schema) for field in given.fields.values())
        case schema.Object(), schema.Map():
            return True
        case schema.Object(), schema.Object():
            return _accepts_object(wanted, given)
        case _:
            return type(wanted) is type(given)


def _accepts_object(wanted: schema.Object, given: schema.Object) -> bool:
    for name, field in wanted.fields.items():
        found = given.fields.get(name)
        if found is None and field.required and not given.open:
            return False
        if found is not None and not accepts(field.schema, found.schema):
            return False
    return wanted.open or given.open or given.fields.keys() <= wanted.fields.keys()


def comparable(one: Schema, other: Schema) -> bool:
    """Whether two values could be equal at all. Null can be compared with everything."""
    match without_null(one), without_null(other):
        case (schema.Any() | schema.Null(), _) | (_, schema.Any() | schema.Null()):
            return True
        case schema.Integer(), schema.Float() | schema.Decimal():
            return True
        case schema.Float() | schema.Decimal(), schema.Integer():
            return True
        case schema.List(item=first), schema.List(item=second):
            return comparable(first, second)
        case schema.Map() | schema.Object(), schema.Map() | schema.Object():
            return True
        case first, second:
            return type(first) is type(second)


def common(one: Schema, other: Schema) -> Schema:
    """The narrowest schema of which both are; `Any` if there is none."""
    match one, other:
        case _ if one == other:
            return one
        case schema.Null(), _:
            return nullable(other)
        case _, schema.Null():
            return nullable(one)
        case (schema.Nullable(), _) | (_, schema.Nullable()):
            return nullable(common(without_null(one), without_null(other)))
        case schema.String(), schema.String():
            form = one.format if one.format == other.format else ""
            return schema.String(_union(one.values, other.values), form)
        case schema.Integer(), schema.Integer():
            return schema.Integer(_union(one.values, other.values))
        case schema.Bool(), schema.Bool():
            return schema.Bool()
        case (schema.Integer(), schema.Decimal()) | (schema.Decimal(), schema.Integer()):
            return schema.Decimal()
        case schema.List(), schema.List():
            return schema.List(common(one.item, other.item))
        case schema.Map(), schema.Map():
            return schema.Map(common(one.value, other.value))
        case _:
            return schema.Any()


def _union(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*one, *other))) if one and other else ()


def is_read(given: Schema) -> bool:
    """Whether values of this schema look otherwise in expressions than in JSON: decimals, and doubles."""
    match given:
        case schema.Decimal() | schema.Float():
            return True
        case schema.Nullable():
            return is_read(given.inner)
        case schema.List():
            return is_read(given.item)
        case schema.Map():
            return is_read(given.value)
        case schema.Object():
            return any(is_read(field.schema) for field in given.fields.values())
        case _:
            return False


def arithmetic(operator: str, left: Schema, right: Schema) -> Schema | None:
    """The schema of the result, or None if the operator doesn't go with the two."""
    match left, right:
        case schema.Integer(), schema.Integer():
            return schema.Integer()
        case schema.Float(), schema.Float() if operator != "%":
            return schema.Float()
        case (schema.Decimal(), schema.Decimal() | schema.Integer()) | (schema.Integer(), schema.Decimal()) if (
            operator != "%"
        ):
            return schema.Decimal()
        case schema.String(), schema.String() if operator == "+":
            return schema.String()
        case schema.List(), schema.List() if operator == "+":
            return common(left, right)
        case (schema.Any(), known) | (known, schema.Any()):
            extra = (schema.String, schema.List) if operator == "+" else ()
            numbers = (schema.Integer,) if operator == "%" else NUMBERS
            return schema.Any() if isinstance(known, (schema.Any, *numbers, *extra)) else None
        case _:
            return None
