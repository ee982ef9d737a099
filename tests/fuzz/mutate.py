"""Mutations, as data: an edit says where in a JSON document, or in a text, something becomes something else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final, cast

from tests.fuzz.recipe import Recipe, make, special, text

Path = tuple[str | int, ...]
Edit = list[Any]
"""`["put", path, value]`, `["drop", path]`, `["name", path, key]`, `["insert", path, value]` and `["wrap", path, kind,
levels]` change a document; `["splice", place, length, text]`, `["double", key]` and `["flip", bit]` what it is written
as."""

SIGNS: Final = (
    *("\x00", "\n", "\u2028", "\u202e", "\ufeff", "\ud800", "\udfff", "é", "e\u0301", "ß", "İ", "\U0001f600", "٣"),
    *("'", '"', "`", "\\", "{{", "}}", "${", "%s", "{0}", "/", "..", "$", "#", "[", "]", "{", "}", ":", ",", "-", "+"),
    *(" ", "\t", "=", "!", "&&", "||", "?", "(", ")", "<", ">", "e", "E", "0", "1", "9", ".", "null", "NaN", "--"),
)

_NUMBERS: Final[tuple[Recipe, ...]] = (
    *(0, -1, 1, 2, 127, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 0.0, -0.0, 0.1, 1e308, 5e-324, 1.5),
    *(special("nan"), special("inf"), special("inf", -1), special("power", 10, 5_000), special("power", 10, 30, -1)),
)

_TEXTS: Final[tuple[Recipe, ...]] = (
    *("", " ", "end", "state", "a b", "é", "\ud800", "x\udc00y", "\x00", "\U0001f600", "1299.00", "NaN", "1e400"),
    *("2026-11-23T09:14:03Z", "90s", "1.0.0", "$", "__class__", "constructor", "x" * 129, "İ" * 20),
    text(("x", 100_000)),
    text(("é", 70_000)),
    text(("\ud800", 300)),
    text(("9", 5_000)),
)

_SHAPES: Final[tuple[Recipe, ...]] = (
    *(None, True, False, [], {}, [[]], {"": None}, [None], {"a": {"b": []}}, {"type": "object"}, ["a", "a"]),
    *(special("deep", "list", 127), special("deep", "list", 128), special("deep", "list", 129)),
    *(special("deep", "dict", 128), special("deep", "dict", 3_000), special("deep", "list", 100_000)),
    *(special("repeat", 0, 20_000), special("keys", 3_000), special("count", 5_000)),
)

_FOREIGN: Final[tuple[Recipe, ...]] = (
    *(special("tuple", 1, 2), special("set", 1), special("bytes", "\xff"), special("decimal", "1.5"), special("time")),
    *(special("uuid"), special("word", "x"), special("strange"), special("iterator")),
    *(special("complex"), special("pairs", [1, "one"]), special("pairs", [None, 1]), special("cycle", "list")),
    *(special("cycle", "dict"), special("pairs", [special("tuple", 1), 2]), special("pairs", ["\ud800", 1])),
    *(special("decimal", "NaN"), special("pairs", [special("word", "k"), 1])),
)


def oddity(random: Random, *, foreign: bool = False) -> Recipe:
    """A value that somebody didn't think of; with `foreign`, perhaps one that is no JSON."""
    drawn = random.random()
    if drawn < 0.3:
        return random.choice(_NUMBERS)
    if drawn < 0.6:
        return random.choice(_TEXTS)
    return random.choice((*_SHAPES, *_FOREIGN) if foreign else _SHAPES)


def value(random: Random, levels: int = 3, *, foreign: bool = False) -> Recipe:
    """A small JSON value, mostly an ordinary one."""
    drawn = random.random()
    if drawn < 0.15:
        return oddity(random, foreign=foreign)
    if levels and drawn < 0.4:
        names = ("a", "b", "amount", "items", random.choice(SIGNS))
        return {name: value(random, levels - 1, foreign=foreign) for name in random.sample(names, random.randint(0, 3))}
    if levels and drawn < 0.6:
        return [value(random, levels - 1, foreign=foreign) for _ in range(random.randint(0, 3))]
    return random.choice((None, True, False, 0, 1, -7, 2.5, "", "a", "12.50", "low", random.choice(SIGNS)))


# -- documents -------------------------------------------------------------------------------------------------


def places(document: Any) -> Iterator[Path]:
    """The path of every part but the whole."""
    pending: list[Path] = [()]
    while pending:
        path = pending.pop()
        part: Any = part_at(document, path)
        if path:
            yield path
        if isinstance(part, dict):
            pending.extend((*path, step) for step in cast("dict[str, Any]", part))
        elif isinstance(part, list):
            pending.extend((*path, step) for step in range(len(cast("list[Any]", part))))


def part_at(document: Any, path: Sequence[str | int]) -> Any:
    """The part at a path."""
    for step in path:
        document = document[step]
    return document


def draw_edits(random: Random, document: Any, *, foreign: bool = False) -> list[Edit]:
    """One to three edits of a document, and now and then one of its text."""
    every = list(places(document))
    edits = [_draw_edit(random, document, every, foreign) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    if not foreign and random.random() < 0.12:
        edits.append(_draw_text_edit(random, document, every))
    return edits


def _draw_edit(random: Random, document: Any, every: list[Path], foreign: bool) -> Edit:
    path = random.choice(every)
    old = part_at(document, path)
    drawn = random.random()
    if drawn < 0.15:
        return ["drop", path]
    if drawn < 0.22 and isinstance(path[-1], str):
        return ["name", path, random.choice(("", "type", path[-1] + "s", path[-1].upper(), "\ud800", "end", "$ref"))]
    if drawn < 0.32:
        return ["insert", path, deepcopy(part_at(document, random.choice(every)))]
    if drawn < 0.36:
        return ["wrap", path, random.choice(("list", "dict")), random.choice((1, 1, 127, 2_000))]
    if drawn < 0.55:
        return ["put", path, oddity(random, foreign=foreign)]
    if drawn < 0.75 and isinstance(old, str):
        return ["put", path, change_text(random, old)]
    alike = [other for other in every if type(part_at(document, other)) is type(old)]
    return ["put", path, deepcopy(part_at(document, random.choice(alike if random.random() < 0.8 else every)))]


def _draw_text_edit(random: Random, document: Any, every: list[Path]) -> Edit:
    keys = [path[-1] for path in every if isinstance(path[-1], str)]
    match random.randrange(3):
        case 0 if keys:
            return ["double", random.choice(keys)]
        case 1:
            return ["flip", random.randrange(1 << 16)]
        case _:
            return ["splice", random.randrange(1 << 14), random.randrange(4), random.choice(SIGNS)]


def edited(document: Any, edits: Sequence[Edit]) -> Any:
    """A document after the edits of its parts. One whose place is gone changes nothing."""
    document = deepcopy(document)
    for word, *details in edits:
        if word in _OF_PARTS:
            path, *rest = details
            try:
                owner = part_at(document, path[:-1])
                _OF_PARTS[word](owner, path[-1], *rest)
            except (KeyError, IndexError, TypeError, AttributeError):
                continue
    return document


def written(document: Any, edits: Sequence[Edit]) -> bytes:
    """A document as JSON text, after all edits. NaN and other words stand in it as Python writes them."""
    data = _dump(edited(document, edits))
    for word, *details in edits:
        if word in _OF_TEXT:
            data = _OF_TEXT[word](data, *details)
    return data


def _dump(document: Any) -> bytes:
    try:
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False, check_circular=False).encode(
            "utf-8", "surrogatepass"
        )
    except (RecursionError, ValueError):  # too deep for Python to write, or too many digits
        return b"[" * 100_000


def _put(owner: Any, step: str | int, recipe: Recipe) -> None:
    owner[step] = make(recipe)


def _drop(owner: Any, step: str | int) -> None:
    del owner[step]


def _name(owner: Any, step: str, name: str) -> None:
    owner[name] = owner.pop(step)


def _insert(owner: Any, step: str | int, recipe: Recipe) -> None:
    if isinstance(step, int):
        owner.insert(step, make(recipe))
    else:
        owner[f"{step}2"] = make(recipe)


def _wrap(owner: Any, step: str | int, kind: str, levels: int) -> None:
    for _ in range(levels):
        owner[step] = [owner[step]] if kind == "list" else {"a": owner[step]}


_OF_PARTS: Final[dict[str, Callable[..., None]]] = {
    "put": _put,
    "drop": _drop,
    "name": _name,
    "insert": _insert,
    "wrap": _wrap,
}


def _splice(data: bytes, place: int, length: int, new: str) -> bytes:
    place %= len(data) + 1
    return data[:place] + new.encode("utf-8", "surrogatepass") + data[place + length :]


def _double(data: bytes, key: str) -> bytes:
    sign = json.dumps(key, ensure_ascii=False).encode("utf-8", "surrogatepass") + b":"
    return data.replace(sign, sign + b"null," + sign, 1)


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    if changed:
        changed[bit // 8 % len(changed)] ^= 1 << bit % 8
    return bytes(changed)


_OF_TEXT: Final[dict[str, Callable[..., bytes]]] = {"splice": _splice, "double": _double, "flip": _flip}


# -- texts -----------------------------------------------------------------------------------------------------


def change_text(random: Random, old: str) -> str:
    """A text with a small change or a few."""
    for _ in range(random.choice((1, 1, 2, 4))):
        place = random.randint(0, len(old))
        drawn = random.random()
        if drawn < 0.35:
            old = old[:place] + random.choice(SIGNS) + old[place:]
        elif drawn < 0.65:
            old = old[:place] + old[place + random.randint(1, 3) :]
        elif drawn < 0.8:
            other = random.randint(0, len(old))
            old = old[:place] + old[min(place, other) : max(place, other)] + old[place:]
        else:
            old = old[:place] + random.choice(SIGNS) + old[place + 1 :]
    return old
