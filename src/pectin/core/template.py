"""Texts with expressions in them: `Refund {{ state.amount }} for {{ state.order }}?`

There is no logic but the expressions' own. A literal `{{` is written `{{ '{{' }}`; a lone `}}` is itself.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

import msgspec

from pectin.core.expression import EvaluationError, Expression, ExpressionError, compile_expression, to_json
from pectin.core.schema import Schema

EXPRESSIONS_MAX = 200
LENGTH_MAX = 1_000_000
"""Characters of a text with its values in it, which people are to read."""

_OPENING, _CLOSING = "{{", "}}"
_TOKEN = re.compile(r"""["'{}]""")


class Template(msgspec.Struct, frozen=True):
    """A compiled text. `reads` are the keys of `state` that it names, None if it may read all."""

    text: str
    reads: frozenset[str] | None
    _parts: tuple[str | Expression, ...]

    def render(self, variables: Mapping[str, object]) -> str:
        """The text with each expression's value in its place. `EvaluationError` if one has none.

        Strings stand as they are, decimals and numbers exactly, null as `null`, lists and objects as compact JSON.
        """
        pieces: list[str] = []
        length = 0
        for part in self._parts:
            piece = part if isinstance(part, str) else _write(part.evaluate(variables))
            length += len(piece)
            if length > LENGTH_MAX:
                raise EvaluationError(f"the text has more than {LENGTH_MAX:,} characters")
            pieces.append(piece)
        return "".join(pieces)


def compile_template(text: str, variables: Mapping[str, Schema]) -> Template:
    """The template that `text` writes. `ExpressionError` with offsets in `text` for its first problem."""
    parts: list[str | Expression] = []
    reads: frozenset[str] | None = frozenset()
    place = 0
    while (opening := text.find(_OPENING, place)) >= 0:
        if len(parts) >= 2 * EXPRESSIONS_MAX:
            raise ExpressionError(f"a text holds at most {EXPRESSIONS_MAX} expressions", opening, opening + 2, "", text)
        closing = _closing(text, opening)
        expression = _compile(text, opening + 2, closing, variables)
        reads = None if reads is None or expression.reads is None else reads | expression.reads
        parts += (text[place:opening], expression)
        place = closing + 2
    return Template(text, reads, (*parts, text[place:]))


def _closing(text: str, opening: int) -> int:
    """Where the `}}` of the `{{` at `opening` stands: not in a string, not the end of a map."""
    depth, place = 0, opening + 2
    while match := _TOKEN.search(text, place):
        sign, place = match[0], match.end()
        if sign in "'\"":
            place = _end_of_string(text, place, sign)
        elif sign == "{":
            depth += 1
        elif depth:
            depth -= 1
        elif text.startswith(_CLOSING, match.start()):
            return match.start()
    raise ExpressionError("`{{` is never closed", opening, opening + 2, "add `}}`; a literal one is `{{ '{{' }}`", text)


def _end_of_string(text: str, place: int, quote: str) -> int:
    while place < len(text) and text[place] != quote:
        place += 2 if text[place] == "\\" else 1
    return place + 1


def _compile(text: str, start: int, end: int, variables: Mapping[str, Schema]) -> Expression:
    try:
        return compile_expression(text[start:end], variables)
    except ExpressionError as error:
        raise ExpressionError(error.message, start + error.start, start + error.end, error.hint, text) from None


def _write(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    try:
        return msgspec.json.encode(to_json(value)).decode()
    except RecursionError:
        raise EvaluationError("a value is nested too deep to be written") from None
