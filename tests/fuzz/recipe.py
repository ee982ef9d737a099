"""Inputs as JSON: what a fuzzer draws can be written down, kept for ever and made again.

A recipe is JSON. An object with the one key `$` stands for what JSON can't say, or says at length:
`{"$": ["nan"]}`, `{"$": ["text", "ab", 100000]}`. `make` gives the value that a recipe stands for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

Recipe = Any
"""JSON."""


class Word(str):
    """A subclass of `str`, which JSON would lose."""

    __slots__ = ()


class Strange:
    """An object that is no value at all."""

    def __repr__(self) -> str:
        return "Strange()"


class Empty:
    """An iterator."""

    def __iter__(self) -> Empty:
        return self

    def __next__(self) -> None:
        raise StopIteration

    def __repr__(self) -> str:
        return "Empty()"


def special(name: str, *parts: Recipe) -> Recipe:
    """The recipe of what JSON can't say."""
    return {"$": [name, *parts]}


def make(recipe: Recipe) -> Any:
    """The value that a recipe stands for."""
    if isinstance(recipe, list):
        return [make(part) for part in cast("list[Recipe]", recipe)]
    if not isinstance(recipe, dict):
        return recipe
    members = cast("dict[str, Recipe]", recipe)
    kind: Any = members.get("$")
    match kind:
        case [str(name), *parts] if name in _SPECIAL:
            return _SPECIAL[name](*parts)
        case _:
            pass
    return {key: make(part) for key, part in members.items()}


def text(*parts: str | tuple[str, int]) -> Recipe:
    """The recipe of a long text: its pieces, or pieces with how often they stand there."""
    return special("join", *(part if isinstance(part, str) else list(part) for part in parts))


def spell(recipe: Recipe) -> str:
    """A recipe as one line."""
    return json.dumps(recipe, separators=(",", ":"))


def _join(*parts: Any) -> str:
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts)


def _deep(kind: str, levels: int, inner: Recipe = None) -> Any:
    value = make(inner)
    for _ in range(levels):
        value = [value] if kind == "list" else {"a": value}
    return value


def _number(pattern: Recipe, times: int) -> list[Any]:
    """Copies of a pattern with `#` for the copy's number, and `##` for the next one's, in the order of their texts."""
    written = json.dumps(pattern)
    copies = [written.replace("##", str(number + 1)).replace("#", str(number)) for number in range(times)]
    return [json.loads(copy) for copy in sorted(copies)]


def _nest(around: dict[str, Any], key: str, levels: int, inner: Recipe) -> Any:
    """`inner` under this key of `around`, that under it of another one, and so on."""
    value = make(inner)
    for _ in range(levels):
        value = {**around, key: value}
    return value


def _cycle(kind: str) -> Any:
    if kind == "list":
        items: list[Any] = []
        items.append(items)
        return items
    members: dict[str, Any] = {}
    members["a"] = members
    return members


def _infinity(sign: int = 1) -> float:
    return sign * float("inf")


def _power(base: int, exponent: int, sign: int = 1) -> int:
    return sign * base**exponent


def _repeat(inner: Recipe, times: int) -> list[Any]:
    return [make(inner)] * times


def _count(times: int) -> list[int]:
    return list(range(times))


def _keys(times: int, inner: Recipe = None) -> dict[str, Any]:
    return {f"k{number}": make(inner) for number in range(times)}


def _bytes(latin: str = "") -> bytes:
    return latin.encode("latin-1")


def _pairs(*pairs: Recipe) -> dict[Any, Any]:
    return {make(key): make(value) for key, value in pairs}


def _span(microseconds: int) -> timedelta:
    return timedelta(microseconds=microseconds)


_SPECIAL: Final[dict[str, Callable[..., Any]]] = {
    "nan": lambda: float("nan"),
    "inf": _infinity,
    "power": _power,
    "join": _join,
    "repeat": _repeat,
    "count": _count,
    "number": _number,
    "nest": _nest,
    "keys": _keys,
    "deep": _deep,
    "cycle": _cycle,
    "bytes": _bytes,
    "tuple": lambda *parts: tuple(map(make, parts)),
    "set": lambda *parts: set(map(make, parts)),
    "pairs": _pairs,
    "decimal": Decimal,
    "time": lambda: datetime(2026, 11, 23, tzinfo=UTC),
    "span": _span,
    "uuid": lambda: UUID(int=7),
    "word": Word,
    "strange": Strange,
    "iterator": Empty,
    "complex": lambda: 1j,
}
