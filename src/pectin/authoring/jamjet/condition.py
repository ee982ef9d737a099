"""JamJet's conditions in our language and back, where the state's schema says that they mean the same.

`state.a.b` holds unless the value is missing, null, false, 0 or empty; `==` and `!=` compare it with a JSON literal, by
type too, and what is missing is null. What would always or never hold is refused like what the schema doesn't know.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple

from pectin.core.error import shorten
from pectin.core.expression.error import ExpressionError
from pectin.core.expression.parse import parse
from pectin.core.expression.syntax import Literal
from pectin.core.hint import did_you_mean
from pectin.core.schema import (
    Bool,
    Decimal,
    Float,
    Integer,
    List,
    Map,
    Nullable,
    Object,
    Schema,
    String,
    describe,
    without_null,
)

_OPERATOR: Final = re.compile(r"!=|==")
_PATH: Final = re.compile(r"state((?:\.[A-Za-z_]\w*)+)", re.ASCII)
_OURS: Final = re.compile(
    r"(?:(?P<tested>state(?:\.\w+)+) != null && )?(?:size\()?(?P<path>state(?:\.\w+)+)\)?"
    r"(?: (?P<operator>==|!=|>) (?P<literal>.+))?",
    re.ASCII | re.DOTALL,
)


class Untranslatable(Exception):
    """A condition without a counterpart, and what to do; `start` and `end` are the part that is why."""

    def __init__(self, message: str, hint: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.hint, self.start, self.end = message, hint, start, end


class _Part(NamedTuple):
    text: str
    start: int
    end: int

    def refuse(self, message: str, hint: str = "") -> Untranslatable:
        return Untranslatable(message, hint, self.start, self.end)


def to_expression(condition: str, state: Object) -> str:
    """JamJet's condition in our language. Raises `Untranslatable`."""
    operator = _OPERATOR.search(condition)
    left = _part(condition, 0, operator.start() if operator else len(condition))
    if not _PATH.fullmatch(left.text):
        message = f"`{shorten(left.text, 40)}` is no path of JamJet, so this never holds there"
        raise left.refuse(message, 'write `state.a.b`, or compare it: `state.a.b == "x"`')
    found = _resolve(left, state)
    if operator is None:
        holds = _truth(left.text, without_null(found))
        if isinstance(found, Nullable):
            return f"{left.text} != null" + (f" && {holds}" if holds else "")
        if holds is None:
            raise left.refuse(f"{describe(found)} is never empty: this always holds", "leave the condition out")
        return holds
    right = _part(condition, operator.end(), len(condition))
    return f"{left.text} {operator[0]} {_literal(right, found)}"


def to_condition(expression: str, state: Object) -> str | None:
    """What JamJet calls a condition of ours, or None if it has no words for it."""
    match = _OURS.fullmatch(expression)
    if match is None:
        return None
    path, candidates = match["path"], [match["path"]]
    if match["operator"] in ("==", "!=") and (literal := _json(match["literal"])) is not None:
        candidates.insert(0, f"{path} {match['operator']} {literal}")
    return next((each for each in candidates if _means(each, expression, state)), None)


def _means(condition: str, expression: str, state: Object) -> bool:
    try:
        return to_expression(condition, state) == expression
    except Untranslatable:
        return False


def _json(literal: str) -> str | None:
    try:
        root = parse(literal)
    except ExpressionError:
        return None
    return json.dumps(root.value, ensure_ascii=False) if isinstance(root, Literal) else None


def _part(text: str, start: int, end: int) -> _Part:
    inner = text[start:end]
    first = start + len(inner) - len(inner.lstrip())
    return _Part(inner.strip(), first, max(first + len(inner.strip()), first + 1))


def _resolve(path: _Part, state: Object) -> Schema:
    """The schema of what a path leads to, which is there whatever the state is."""
    found: Schema = state
    walked = "state"
    for name in path.text.split(".")[1:]:
        if isinstance(found, Nullable):
            raise path.refuse(f"`{walked}` may be null, and has no `{name}` then", "test it in Pectin's language")
        field = found.fields.get(name) if isinstance(found, Object) else None
        if field is None:
            known = found.fields if isinstance(found, Object) and not found.open else ()
            message = f"the state's schema doesn't say what `{walked}.{name}` is"
            raise path.refuse(message, did_you_mean(name, known) or "declare it there")
        walked += f".{name}"
        if field.may_be_missing:
            raise path.refuse(f"`{walked}` may be missing", "test it in Pectin's language: `has(…)`")
        found = field.schema
    return found


def _truth(path: str, found: Schema) -> str | None:
    """When a value that is there isn't empty; None if it never is."""
    match found:
        case Bool():
            return path
        case Integer(values=values) if not values or 0 in values:
            return f"{path} != 0"
        case Float():
            return f"{path} != 0.0"
        case String(values=values, format="") if not values or "" in values:
            return f"{path} != ''"
        case List() | Map():
            return f"size({path}) > 0"
        case Integer() | String() | Decimal():
            return None
        case Object(fields=fields) if any(not field.may_be_missing for field in fields.values()):
            return None
        case _:
            message = f"the state's schema says that `{path}` is {describe(found)}: that can be empty or not"
            raise Untranslatable(message, "declare what it is", 0, len(path))


def _literal(part: _Part, found: Schema) -> str:
    """A literal that a value of this schema may be equal to, in our language."""
    try:
        value: object = json.loads(part.text, parse_constant=_refuse_constant)
    except ValueError:
        hint = f'write it in double quotes: `"{part.text}"`' if part.text.isidentifier() else "write a JSON literal"
        raise part.refuse(f"`{part.text}` is no literal: in JamJet this never holds", hint) from None
    inner = without_null(found)
    match value, inner:
        case None, _ if isinstance(found, Nullable):
            return "null"
        case bool(), Bool(values=known) if not known or value in known:
            return "true" if value else "false"
        case int(), Integer(values=known) if not isinstance(value, bool) and (not known or value in known):
            return str(value)
        case float(), Float() if not value.is_integer():
            return repr(value)
        case str(), String(values=known) if not known or value in known:
            return _quoted(value)
        case _:
            message = f"`{shorten(part.text, 40)}` is never equal to {describe(found)} in JamJet, where types count"
            raise part.refuse(message, "compare it in Pectin's language")


def _quoted(text: str) -> str:
    if text.isprintable() and not set(text) & set("'\\"):
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")
