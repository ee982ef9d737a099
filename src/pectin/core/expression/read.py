"""Between JSON and the values of expressions: a decimal is a string there and a number here.

The state isn't converted before an evaluation: a value is read where the expression names it, and a list or an
object only when all of it is looked at. So a reader leaves alone what has been read already.
"""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from typing import cast

from pectin.core import schema
from pectin.core.codec import INTEGER_MAX, INTEGER_MIN
from pectin.core.expression.error import EvaluationError
from pectin.core.expression.types import is_read
from pectin.core.expression.value import to_decimal, type_of
from pectin.core.limits import LIMITS
from pectin.core.schema import Schema

Reader = Callable[[object], object]


def scalar_reader(declared: Schema) -> Reader | None:
    """How a value is read when an expression names it; None if it is taken as it is."""
    match schema.without_null(declared):
        case schema.Decimal():
            return _read_decimal
        case schema.Float():
            return _read_double
        case _:
            return None


def reader(declared: Schema) -> Reader | None:
    """How a value is read when an expression looks at all of it."""
    if not is_read(declared):
        return None
    match schema.without_null(declared):
        case schema.List(item=item):
            return _read_list(reader(item) or _as_it_is)
        case schema.Map(value=value):
            return _read_map(reader(value) or _as_it_is)
        case schema.Object(fields=fields):
            return _read_object({name: found for name, field in fields.items() if (found := reader(field.schema))})
        case inner:
            return scalar_reader(inner)


def _read_decimal(value: object) -> object:
    return to_decimal(value) if isinstance(value, str | int) else value


def _read_double(value: object) -> object:
    return float(value) if type(value) is int else value


def _as_it_is(value: object) -> object:
    return value


def _read_list(read: Reader) -> Reader:
    def each(value: object) -> object:
        return [read(item) for item in cast("list[object]", value)] if isinstance(value, list) else value

    return each


def _read_map(read: Reader) -> Reader:
    def each(value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {key: read(item) for key, item in cast("dict[str, object]", value).items()}

    return each


def _read_object(readers: dict[str, Reader]) -> Reader:
    def each(value: object) -> object:
        if not isinstance(value, dict):
            return value
        given = cast("dict[str, object]", value)
        return {**given, **{name: read(given[name]) for name, read in readers.items() if name in given}}

    return each


def to_json(value: object, target: Schema | None = None) -> object:
    """A result as a JSON value of its own: decimals as strings, nothing shared with the state.

    With a `target` schema, an int that stands for a decimal is written as one. `EvaluationError` for a double
    that JSON can't write (inf, nan), an integer past 64 bits, and more than may be stored: a short expression names one
    large value a thousand times.
    """
    if target is not None and (read := reader(target)):
        value = read(value)
    return _Copy().of(value)


class _Copy:
    """Copies a value as long as its JSON can be no larger than what may be stored.

    What stands in it several times is copied once: nothing is ever changed in place.
    """

    def __init__(self) -> None:
        self._bytes_left = LIMITS.payload_bytes_max
        self._known: dict[int, tuple[object, int]] = {}

    def of(self, value: object) -> object:
        self._spend(1)
        match value:
            case Decimal():
                return str(value)
            case float() if not isfinite(value):
                raise EvaluationError(f"the result is {value}, which JSON can't write")
            case int() if not INTEGER_MIN <= value <= INTEGER_MAX:
                raise EvaluationError("the integer doesn't fit into 64 bits")
            case str():
                self._spend(len(value) + 1)
                return value
            case None | int() | float():
                return value
            case list() | dict():
                return self._of_parts(cast("list[object] | dict[str, object]", value))
            case _:
                raise EvaluationError(f"the result holds {type_of(value)} that is no JSON: {type(value).__name__}")

    def _of_parts(self, value: list[object] | dict[str, object]) -> object:
        if (known := self._known.get(id(value))) is not None:
            copy, size = known
            self._spend(size)
            return copy
        before = self._bytes_left
        self._spend(len(value) + 1)
        if isinstance(value, list):
            copy = [self.of(item) for item in value]
        else:
            self._spend(sum(map(len, value)) + 3 * len(value))
            copy = {key: self.of(item) for key, item in value.items()}
        self._known[id(value)] = copy, before - self._bytes_left
        return copy

    def _spend(self, bytes: int) -> None:
        self._bytes_left -= bytes
        if self._bytes_left < 0:
            raise EvaluationError(f"the result has more than {LIMITS.payload_bytes_max} bytes")
