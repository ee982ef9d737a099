"""What the operators and functions do with values: CEL's semantics on JSON, and exact decimals beside it.

Integers have 64 bits and overflow is an error; division cuts towards zero and the remainder has the sign of the
dividend; int and double compare but don't add; `true` is not 1. Unlike CEL's own libraries, ints and doubles past
2^53 are compared exactly.
"""

import operator
import re
from collections.abc import Callable, Iterable
from decimal import Context, Decimal, DecimalException, DivisionByZero, Inexact, InvalidOperation, Overflow
from math import copysign, inf, isfinite, isnan
from typing import cast

from pectin.core.codec import INTEGER_MAX, INTEGER_MIN
from pectin.core.expression.error import EvaluationError, StepsExceeded

STEPS_MAX = 10_000
CHARACTERS_PER_STEP = 100
CHARACTERS_COMPARED_PER_STEP = 5_000
PARTS_PER_STEP = 10
DOUBLE_LENGTH_MAX = 1_000
DECIMAL_LENGTH_MAX = 200
DECIMAL_EXPONENT_MAX = 1_000

_FAULTS = [InvalidOperation, DivisionByZero, Overflow]
_EXACT = Context(prec=100, traps=[*_FAULTS, Inexact])
_QUOTIENT = Context(prec=34, traps=_FAULTS)

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

_NUMBERS = frozenset({(int, float), (float, int), (int, Decimal), (Decimal, int)})
_MIXTURES = frozenset({(float, Decimal), (Decimal, float)})
_ORDERED = _NUMBERS | {(kind, kind) for kind in (int, float, Decimal, str, bool)}


class Frame:
    """One evaluation: the variables' values by number, and the steps left."""

    __slots__ = ("parts_read", "steps_left", "values")

    def __init__(self, values: list[object]) -> None:
        self.values = values
        self.steps_left = STEPS_MAX
        self.parts_read = 0

    def spend(self, steps: int) -> None:
        self.steps_left -= steps
        if self.steps_left < 0:
            raise StepsExceeded(f"it takes more than {STEPS_MAX:,} steps")

    def read(self, parts: int) -> None:
        """Spend what it takes to look at so many parts of a value at once, a few of which cost nothing."""
        self.parts_read += parts
        steps, self.parts_read = divmod(self.parts_read, PARTS_PER_STEP)
        self.spend(steps)

    def compare(self, text: str) -> None:
        """Spend what it takes to go through a text."""
        if len(text) >= CHARACTERS_COMPARED_PER_STEP:
            self.spend(len(text) // CHARACTERS_COMPARED_PER_STEP)


def type_of(value: object) -> str:
    """What a value is, for errors."""
    match value:
        case None:
            return "null"
        case bool():
            return "a bool"
        case int():
            return "an int"
        case float():
            return "a double"
        case Decimal():
            return "a decimal"
        case str():
            return "a string"
        case list():
            return "a list"
        case _:
            return "a map"


# Comparison


def equal(frame: Frame, one: object, other: object) -> bool:
    """Deep equality. Values of different kinds are unequal; only numbers compare across kinds."""
    kinds = type(one), type(other)
    if kinds[0] is kinds[1]:
        if kinds[0] is list:
            return _equal_lists(frame, cast("list[object]", one), cast("list[object]", other))
        if kinds[0] is dict:
            return _equal_maps(frame, cast("dict[str, object]", one), cast("dict[str, object]", other))
        if kinds[0] is str:
            frame.compare(cast("str", one))
        return one == other
    if kinds in _MIXTURES:
        raise EvaluationError("a decimal is exact and a double is not: they can't be compared")
    return kinds in _NUMBERS and one == other


def _equal_lists(frame: Frame, one: list[object], other: list[object]) -> bool:
    if len(one) != len(other):
        return False
    frame.spend(len(one))
    return all(equal(frame, first, second) for first, second in zip(one, other, strict=True))


def _equal_maps(frame: Frame, one: dict[str, object], other: dict[str, object]) -> bool:
    if one.keys() != other.keys():
        return False
    frame.spend(len(one))
    return all(equal(frame, value, other[key]) for key, value in one.items())


def contains(frame: Frame, container: object, item: object) -> bool:
    """`item in container`: an item of a list or a key of a map."""
    if isinstance(container, list):
        items = cast("list[object]", container)
        frame.spend(len(items))
        return any(equal(frame, item, each) for each in items)
    if isinstance(container, dict):
        if item is None or isinstance(item, list | dict | Decimal):
            raise EvaluationError(f"a key is a string, not {type_of(cast('object', item))}")
        return isinstance(item, str) and item in container
    raise EvaluationError(f"`in` takes a list or a map on its right, not {type_of(container)}")


def _ordering(sign: str, holds: Callable[..., bool]) -> Callable[[Frame, object, object], bool]:
    def order(frame: Frame, one: object, other: object) -> bool:
        if (type(one), type(other)) in _ORDERED:
            if type(one) is str:
                frame.compare(one)
            return holds(one, other)
        raise _mismatch(sign, one, other)

    return order


# Arithmetic


def _mismatch(sign: str, one: object, other: object) -> EvaluationError:
    return EvaluationError(f"`{sign}` doesn't go with {type_of(one)} and {type_of(other)}")


def _bounded(number: int) -> int:
    if INTEGER_MIN <= number <= INTEGER_MAX:
        return number
    raise EvaluationError("the integer doesn't fit into 64 bits")


def add(frame: Frame, one: object, other: object) -> object:
    if isinstance(one, str) and isinstance(other, str):
        frame.spend((len(one) + len(other)) // CHARACTERS_PER_STEP)
        return one + other
    if isinstance(one, list) and isinstance(other, list):
        whole = [*cast("list[object]", one), *cast("list[object]", other)]
        frame.spend(len(whole))
        return whole
    return _calculate("+", cast("object", one), other)


def remainder(frame: Frame, one: object, other: object) -> int:
    if type(one) is int and type(other) is int:
        return one - other * _quotient(one, other)
    raise _mismatch("%", one, other)


def _quotient(one: int, other: int) -> int:
    if other == 0:
        raise EvaluationError("division by zero")
    whole = abs(one) // abs(other)
    return _bounded(whole if (one < 0) == (other < 0) else -whole)


def _divide(one: float, other: float) -> float:
    if other:
        return one / other
    return inf * copysign(1, one) * copysign(1, other) if one and not isnan(one) else inf - inf


_ON_INTEGERS: dict[str, Callable[[int, int], int]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _quotient,
}
_ON_DOUBLES: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
}
_ON_DECIMALS: dict[str, Callable[[Decimal | int, Decimal | int], Decimal]] = {
    "+": _EXACT.add,
    "-": _EXACT.subtract,
    "*": _EXACT.multiply,
    "/": _QUOTIENT.divide,
}


def _calculate(sign: str, one: object, other: object) -> object:
    if type(one) is int and type(other) is int:
        return _bounded(_ON_INTEGERS[sign](one, other))
    if type(one) is float and type(other) is float:
        return _ON_DOUBLES[sign](one, other)
    if isinstance(one, Decimal | int) and isinstance(other, Decimal | int):
        if isinstance(one, bool) or isinstance(other, bool):
            raise _mismatch(sign, one, other)
        try:
            return _ON_DECIMALS[sign](one, other)
        except DivisionByZero:
            raise EvaluationError("division by zero") from None
        except DecimalException:
            raise EvaluationError(f"the result of `{sign}` is no decimal of at most 100 digits") from None
    raise _mismatch(sign, one, other)


def negate(value: object) -> object:
    if type(value) is int:
        return _bounded(-value)
    if isinstance(value, float):
        return -value
    if isinstance(value, Decimal):
        return value.copy_negate() if value else value
    raise EvaluationError(f"`-` doesn't go with {type_of(value)}")


BINARY: dict[str, Callable[[Frame, object, object], object]] = {
    "==": equal,
    "!=": lambda frame, one, other: not equal(frame, one, other),
    "<": _ordering("<", operator.lt),
    "<=": _ordering("<=", operator.le),
    ">": _ordering(">", operator.gt),
    ">=": _ordering(">=", operator.ge),
    "in": lambda frame, one, other: contains(frame, other, one),
    "+": add,
    "-": lambda frame, one, other: _calculate("-", one, other),
    "*": lambda frame, one, other: _calculate("*", one, other),
    "/": lambda frame, one, other: _calculate("/", one, other),
    "%": remainder,
}

# Functions


def size(value: object) -> int:
    """Characters (code points) of a string, items of a list, keys of a map."""
    if isinstance(value, str | list | dict):
        return len(cast("str | list[object]", value))
    raise EvaluationError(f"`size` takes a string, a list or a map, not {type_of(value)}")


def to_integer(value: object) -> int:
    match value:
        case int():
            return int(value)
        case float() if isfinite(value):
            return _bounded(int(value))
        case Decimal() if value.adjusted() <= 19:
            return _bounded(int(value))
        case str() if _INTEGER.fullmatch(value):
            return _bounded(int(value))
        case _:
            raise _unconvertible("an int", value)


def to_double(value: object) -> float:
    if type(value) in (int, float, Decimal) or (isinstance(value, str) and _is_double(value)):
        number = float(cast("int | float | Decimal | str", value))
        if isinstance(value, float) or isfinite(number):
            return number
    raise _unconvertible("a double", value)


def _is_double(text: str) -> bool:
    return len(text) <= DOUBLE_LENGTH_MAX and _DOUBLE.fullmatch(text) is not None


def to_decimal(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if type(value) is int:
        return Decimal(value)
    if isinstance(value, str) and (number := parse_decimal(value)) is not None:
        return number
    raise _unconvertible("a decimal", value)


def parse_decimal(text: str) -> Decimal | None:
    """The finite decimal that `text` writes ("1299.00", "1E+3"), or None. Bounded: its use is cheap."""
    if len(text) > DECIMAL_LENGTH_MAX or not _DECIMAL.fullmatch(text):
        return None
    number = Decimal(text)
    return number if abs(number.adjusted()) <= DECIMAL_EXPONENT_MAX else None


def to_string(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case float():
            return _write_double(value)
        case _:
            raise _unconvertible("a string", value)


def _write_double(value: float) -> str:
    """The shortest digits that read back as the same double, with an exponent where CEL writes one."""
    if not isfinite(value) or value == 0 or 1e-4 <= abs(value) < 1e6:
        return repr(value).removesuffix(".0")
    digits = Decimal(repr(value)).normalize().as_tuple().digits
    return f"{value:.{len(digits) - 1}e}"


def _unconvertible(wanted: str, value: object) -> EvaluationError:
    shown = f"'{value}'" if isinstance(value, str) and len(value) <= 40 else type_of(value)
    return EvaluationError(f"{shown} can't be read as {wanted}")


FUNCTIONS: dict[str, Callable[[object], object]] = {
    "size": size,
    "int": to_integer,
    "double": to_double,
    "decimal": to_decimal,
    "string": to_string,
}
METHODS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": str.__contains__,
}


def parts_of(value: object) -> int:
    """How many values a list or a map holds, those in its parts too; none for anything else."""
    pending, parts = [value], 0
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            inner = cast("list[object]", part)
        elif isinstance(part, dict):
            inner = cast("dict[str, object]", part).values()
        else:
            continue
        parts += len(inner)
        pending.extend(inner)
    return parts


def elements(frame: Frame, value: object) -> Iterable[object]:
    """What a macro goes over: a list's items, or a map's keys in their order as text, so that replays agree."""
    if isinstance(value, list):
        return cast("list[object]", value)
    if isinstance(value, dict):
        frame.read(len(cast("dict[str, object]", value)))
        return sorted(cast("dict[str, object]", value))
    raise EvaluationError(f"a macro goes over a list or a map, not {type_of(value)}")
