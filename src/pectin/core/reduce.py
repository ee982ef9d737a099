"""Reducers: how what is added to a key becomes part of its value.

Concurrent activations may all add to one key, so what comes of it must not depend on who was first: `add`, `max`,
`min` and `union` don't care, `merge` doesn't unless two patches contradict each other (`clash`), and `append` keeps
the order of the commits. What a history holds are the *contributions*; a value is the fold of them.

Values are never changed in place. A list that grew is a new list, unless nobody else holds the old one (`core.grow`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from typing import Final, assert_never, cast

from msgspec import UNSET

from pectin.core.codec import INTEGER_MAX, INTEGER_MIN, canonical, same
from pectin.core.definition import Json, Reducer
from pectin.core.error import PectinError
from pectin.core.expression.value import DECIMAL_LENGTH_MAX, parse_decimal
from pectin.core.fit import show_json

_EXACT: Final = Context(prec=4_000, traps=[Inexact, InvalidOperation, Overflow])
"""Wide enough for the sum of any two decimals that may enter; a loss would be an error, never silent."""

_DECIMAL: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")

_TAKES: Final = {
    Reducer.APPEND: "a list",
    Reducer.ADD: 'an int, or a decimal as text ("1.50")',
    Reducer.MAX: "a number or text",
    Reducer.MIN: "a number or text",
    Reducer.UNION: "a list",
    Reducer.MERGE: "an object",
}


class ReduceError(PectinError, ValueError):
    """A contribution and a value don't go together: their sum is too large, or the value is of another shape."""


class NoDifference(PectinError, ValueError):
    """No contribution makes the one value of the other, so a function may not return it."""


def check_contribution(reducer: Reducer, contribution: Json) -> str | None:
    """What is wrong with a contribution, for people; None if nothing is."""
    if _is_fit(reducer, contribution):
        return None
    return f"the reducer `{reducer}` takes {_TAKES[reducer]}, not {show_json(contribution)}"


def reduce(reducer: Reducer, value: Json, contribution: Json) -> Json:
    """The value after a (checked) contribution; `UNSET` and null are an empty value. Raises `ReduceError`.

    `max` and `min` know no schema: text that writes a decimal is a number, numbers come before other text, and between
    equal ones (1 and 1.0) their JSON decides, so that all have one order. A list with `union` is kept in one order as
    well: numbers, text, then the rest as canonical JSON.
    """
    result = fold(reducer, value, [contribution])
    if reducer is Reducer.ADD and (problem := _check_size(result)):
        raise ReduceError(f"the sum {problem}")
    return result


def check_reduce(reducer: Reducer, value: Json, contribution: Json) -> None:
    """Raise the `ReduceError` that `reduce` would, without making a list that may be long."""
    if reducer not in (Reducer.APPEND, Reducer.UNION):
        reduce(reducer, value, contribution)
    elif not _is_empty(value):
        _check_shape(reducer, value)


def fold(reducer: Reducer, value: Json, contributions: Sequence[Json]) -> Json:
    """The value after some contributions, in this order. It doesn't look at the size of a sum: that was decided when
    they were accepted, and what is in a history is folded. Raises `ReduceError` for a value of another shape."""
    parts: Sequence[Json] = contributions
    if not _is_empty(value):
        _check_shape(reducer, value)
        parts = [value, *contributions]
    match reducer:
        case Reducer.APPEND:
            return _concatenate(parts)
        case Reducer.UNION:
            return _order(_concatenate(parts))
        case Reducer.ADD:
            return _sum(parts)
        case Reducer.MAX:
            return max(parts, key=_size)
        case Reducer.MIN:
            return min(parts, key=_size)
        case Reducer.MERGE:
            merged: Json = {} if _is_empty(value) else value
            for patch in contributions:
                merged = _merge(merged, patch)
            return merged
    assert_never(reducer)


def difference(reducer: Reducer, before: Json, after: Json) -> Json:
    """The contribution of an attempt that saw one value and returned the other. Raises `NoDifference`.

    `reduce(before, difference(before, after))` is `after`, with two exceptions that are the reducers' sense: `max`
    doesn't sink and `min` doesn't rise. Sums are equal as numbers, `union`s as sets.
    """
    if problem := check_contribution(reducer, after):
        raise NoDifference(problem)
    if not _is_empty(before) and not _has_shape(reducer, before):
        raise NoDifference(f"{_goes_with(reducer)}, and the value was {show_json(before)}")
    match reducer:
        case Reducer.MAX | Reducer.MIN:
            return after
        case Reducer.APPEND:
            return _tail([] if _is_empty(before) else before, after)
        case Reducer.UNION:
            return _new_items([] if _is_empty(before) else before, after)
        case Reducer.ADD:
            return _subtract(0 if _is_empty(before) else before, after)
        case Reducer.MERGE:
            return _patch({} if _is_empty(before) else before, after, "$")
    assert_never(reducer)


def combine(reducer: Reducer, contributions: Sequence[Json]) -> list[Json]:
    """The fewest contributions that do what these do in this order, and that clash with what one of these clashes
    with: one, or two for `merge` patches that contradict each other. At least one is given."""
    if reducer is not Reducer.MERGE:
        return [fold(reducer, UNSET, contributions)]
    earlier, later = {}, contributions[0]
    for patch in contributions[1:]:
        earlier, later = _follow(earlier, later, patch)
    return [earlier, later] if earlier else [later]


def clash(reducer: Reducer, one: Json, other: Json) -> bool:
    """Whether two contributions depend on their order, beyond that of appended items: two `merge` patches that say
    different things of one place."""
    return reducer is Reducer.MERGE and _contradict(one, other)


def _is_empty(value: Json) -> bool:
    return value is UNSET or value is None


def _check_shape(reducer: Reducer, value: Json) -> None:
    if not _has_shape(reducer, value):
        raise ReduceError(f"{_goes_with(reducer)}, and the value is {show_json(value)}")


def _goes_with(reducer: Reducer) -> str:
    return f"the reducer `{reducer}` goes with {_TAKES[reducer]}"


def _is_fit(reducer: Reducer, contribution: Json) -> bool:
    if reducer is Reducer.ADD and isinstance(contribution, str):
        return parse_decimal(contribution) is not None
    return _has_shape(reducer, contribution)


def _has_shape(reducer: Reducer, value: Json) -> bool:
    match reducer:
        case Reducer.APPEND | Reducer.UNION:
            return isinstance(value, list)
        case Reducer.ADD:
            return type(value) is int or _decimal(value) is not None
        case Reducer.MAX | Reducer.MIN:
            return type(value) in (int, float, str)
        case Reducer.MERGE:
            return isinstance(value, dict)
    assert_never(reducer)


# -- numbers and sets -------------------------------------------------------------------------------------------


def _decimal(value: Json) -> Decimal | None:
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def _sum(numbers: Sequence[Json]) -> Json:
    total, *more = (number if type(number) is int else Decimal(number) for number in numbers)
    for number in more:
        total = _add(total, number)
    return total if isinstance(total, int) else _write(total)


def _subtract(before: Json, after: Json) -> Json:
    if type(before) is int and type(after) is int:
        added: Json = after - before
    else:
        try:
            added = _write(_EXACT.subtract(Decimal(after), Decimal(before)))
        except DecimalException:
            raise NoDifference(f"{show_json(after)} and {show_json(before)} have no exact difference") from None
    if problem := _check_size(added):
        raise NoDifference(f"what the reducer `add` would have to add {problem}")
    return added


def _check_size(number: Json) -> str | None:
    """What is wrong with a number that no state may hold."""
    if isinstance(number, str):
        size = len(number)
        return f"has {size} characters, and {DECIMAL_LENGTH_MAX} are allowed" if size > DECIMAL_LENGTH_MAX else None
    return None if INTEGER_MIN <= number <= INTEGER_MAX else f"{number} doesn't fit into 64 bits; use a decimal"


def _add(one: int | Decimal, other: int | Decimal) -> int | Decimal:
    if isinstance(one, int) and isinstance(other, int):
        return one + other
    try:
        return _EXACT.add(one, other)
    except DecimalException:
        raise ReduceError(f"the sum of {show_json(str(one))} and {show_json(str(other))} can't be exact") from None


def _write(number: Decimal) -> str:
    """Without an exponent, and zero without a sign."""
    return format(number or number.copy_abs(), "f")


def _size(value: Json) -> tuple[int, Decimal | str, bytes]:
    """The order of `max` and `min`."""
    number = Decimal(value) if type(value) in (int, float) else _decimal(value)
    return (1, value, b"") if number is None else (0, number, canonical(value))


def _place(value: Json) -> tuple[int, Decimal | str | bytes, bytes]:
    """The order of the items of a `union`."""
    if type(value) in (int, float):
        return 0, Decimal(value), canonical(value)
    return (1, value, b"") if isinstance(value, str) else (2, canonical(value), b"")


def _concatenate(lists: Iterable[list[Json]]) -> list[Json]:
    items: list[Json] = []
    for part in lists:
        items.extend(part)
    return items


def _order(items: Iterable[Json]) -> list[Json]:
    """Each item once, in one order."""
    return sorted({canonical(item): item for item in items}.values(), key=_place)


def _new_items(before: list[Json], after: list[Json]) -> list[Json]:
    known = {canonical(item) for item in before}
    given = {canonical(item): item for item in after}
    if lost := [item for item in before if canonical(item) not in given]:
        raise NoDifference(f"the reducer `union` removes nothing, and {show_json(lost[0])} is gone")
    return _order(item for written, item in given.items() if written not in known)


def _tail(before: list[Json], after: list[Json]) -> list[Json]:
    count = len(before)
    if not same(before, after[:count]):
        raise NoDifference("the reducer `append` only adds at the end, and what was in the list has changed")
    return after[count:]


# -- patches ----------------------------------------------------------------------------------------------------

Patch = dict[str, Json]


def _merge(target: Json, patch: Json) -> Json:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result: Patch = dict(cast(Patch, target)) if isinstance(target, dict) else {}
    for name, value in cast(Patch, patch).items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result


def _patch(before: Patch, after: Patch, where: str) -> Patch:
    patch: Patch = dict.fromkeys(name for name in before if name not in after)
    for name, value in after.items():
        was: Json = before.get(name, UNSET)
        if was is not UNSET and same(was, value):
            continue
        if value is None:
            raise NoDifference(f'in a `merge` patch null means "remove", so `{where}.{name}` can\'t become null')
        if isinstance(value, dict):
            inner = cast(Patch, was) if isinstance(was, dict) else {}
            patch[name] = _patch(inner, cast(Patch, value), f"{where}.{name}")
        else:
            patch[name] = value
    return patch


def _contradict(one: Patch, other: Patch) -> bool:
    if one.keys().isdisjoint(other):
        return False
    return any(_differ(value, other[name]) for name, value in one.items() if name in other)


def _differ(one: Json, other: Json) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return _contradict(cast(Patch, one), cast(Patch, other))
    return not same(one, other)


def _follow(earlier: Patch, later: Patch, patch: Patch) -> tuple[Patch, Patch]:
    """Two patches that do what the three do in this order.

    `later` says something of each place that was written, and `earlier` something else of those where writers
    differed: so whatever contradicts one of the three contradicts one of the two. An object can only be put in place
    of what is none by two patches; then `earlier` has the latter.
    """
    earlier, later = dict(earlier), dict(later)
    for name, value in patch.items():
        was: Json = later.get(name, UNSET)
        before: Json = earlier.get(name, {})
        if was is UNSET:
            later[name] = value
        elif not isinstance(was, dict) or not isinstance(value, dict):
            if not same(was, value):
                earlier[name], later[name] = was, value
        elif isinstance(before, dict):
            differing, later[name] = _follow(cast(Patch, before), cast(Patch, was), cast(Patch, value))
            if differing:
                earlier[name] = differing
        else:
            later[name] = _merge(was, value)
    return earlier, later
