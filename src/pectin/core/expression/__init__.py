"""Expressions: a subset of CEL, checked when the workflow is read and evaluated in a microsecond or two.

    compile_expression("state.amount > 1000", {"state": schema}).evaluate({"state": state})

`scan` and `parse` make a tree of the source, `check` finds its types (`types`, `narrow`), `evaluate` makes closures
of it (`value`, `read`). Every expression is a CEL program, but for exact decimals and comparing ints with doubles.
"""

from collections.abc import Mapping
from typing import Never

import msgspec

from pectin.core.error import shorten
from pectin.core.expression import syntax
from pectin.core.expression.check import check
from pectin.core.expression.error import EvaluationError, ExpressionError
from pectin.core.expression.evaluate import TEXT_LENGTH_MAX, Closure, build
from pectin.core.expression.parse import parse
from pectin.core.expression.read import to_json
from pectin.core.expression.types import accepts
from pectin.core.expression.value import Frame, type_of
from pectin.core.schema import Bool, Nullable, Schema, describe

__all__ = [
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "accepts",
    "compile_condition",
    "compile_expression",
    "require_type",
    "to_json",
    "type_of",
]


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression.

    `type` is the schema of its result; `reads` are the keys of `state` that it names, None if it may read all.
    """

    source: str
    type: Schema
    reads: frozenset[str] | None
    _names: tuple[str, ...]
    _blank: tuple[None, ...]
    _closure: Closure

    def evaluate(self, variables: Mapping[str, object]) -> object:
        """The result: a JSON value, with decimals as `Decimal` or as the strings they are in the state (`to_json`).

        `variables` hold raw JSON; nothing of it is copied or changed. `EvaluationError` if there is no result.
        """
        try:
            values = [variables[name] for name in self._names]
        except KeyError as error:
            raise EvaluationError(f"`{error.args[0]}` has no value here (in `{self._shown}`)") from None
        try:
            return self._closure(Frame([*values, *self._blank]))
        except EvaluationError as error:
            raise type(error)(f"{error} (in `{self._shown}`)") from None
        except RecursionError:
            raise EvaluationError(f"a value is nested too deep (in `{self._shown}`)") from None

    def holds(self, variables: Mapping[str, object]) -> bool:
        """The result of a condition. `EvaluationError` if it is neither true nor false."""
        result = self.evaluate(variables)
        if result is True or result is False:
            return result
        raise EvaluationError(f"a condition gave neither true nor false (in `{self._shown}`)")

    @property
    def _shown(self) -> str:
        return shorten(self.source, TEXT_LENGTH_MAX)


def compile_expression(source: str, variables: Mapping[str, Schema]) -> Expression:
    """The expression that `source` writes, checked against the variables' schemas. `ExpressionError` if it is none."""
    try:
        root = parse(source)
        types = check(source, root, variables)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.start, error.end, error.hint, source) from None
    named = {node.name for node, _ in syntax.walk(root) if isinstance(node, syntax.Name)}
    names = tuple(sorted(named & variables.keys()))
    closure, size = build(source, root, types, names)
    blank = (None,) * (size - len(names))
    return Expression(source, types[root], syntax.keys_read(root, "state"), names, blank, closure)


def compile_condition(source: str, variables: Mapping[str, Schema]) -> Expression:
    """An expression that must be true or false."""
    expression = compile_expression(source, variables)
    require_type(expression, Bool())
    return expression


def require_type(expression: Expression, wanted: Schema) -> None:
    """`ExpressionError` unless the result may stand where `wanted` is declared (`Any` is left to run time)."""
    given = expression.type
    if accepts(wanted, given):
        return
    if isinstance(given, Nullable) and accepts(wanted, given.inner):
        _refuse(expression, "the result may be null", "test it against null first")
    hint = "compare it with something" if isinstance(wanted, Bool) else ""
    _refuse(expression, f"expected {describe(wanted)}; this is {describe(given)}", hint)


def _refuse(expression: Expression, message: str, hint: str) -> Never:
    source = expression.source
    raise ExpressionError(message, 0, len(source.rstrip()), hint, source)
