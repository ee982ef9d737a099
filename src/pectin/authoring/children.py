"""Nodes that run another workflow: what they hand in and what they keep, against both states.

The core checks each mapping in the workflow that it stands in. Only here both workflows are at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from pectin.authoring.draft import DraftChild, DraftNode
from pectin.authoring.fitting import COLLECTED
from pectin.authoring.schema_of import fits
from pectin.authoring.state_model import StateModel
from pectin.core import schema
from pectin.core.definition import OnItemFailure
from pectin.core.expression import Expression, ExpressionError, compile_expression, require_type
from pectin.core.hint import did_you_mean
from pectin.core.kind import expression_problem
from pectin.core.problem import Problem


class Relation(NamedTuple):
    """A node that runs a child, between the types of the two states."""

    node: DraftNode
    mappings: DraftChild
    parent: StateModel[Any]
    child: StateModel[Any]

    def check(self) -> list[Problem]:
        """What is wrong with what the node hands in and keeps, apart from what the core finds."""
        found = (*self._check_keys(), *self._check_input(), *self._check_output(), *self._check_output_key())
        return [replace(problem, place=self.node.place) for problem in found]

    def _check_keys(self) -> Iterator[Problem]:
        given, wanted = self.mappings.input, self.child.schema.fields
        missing = [name for name, field in wanted.items() if field.required and name not in given]
        for key in given:
            if key not in wanted and not self.child.schema.open:
                message = f"`{self.node.name}` hands in `{key}`, which {self.child.name} lacks"
                yield Problem("E019", "", message, did_you_mean(key, missing or wanted) or None)
        for name in missing:
            message = f"`{self.node.name}` doesn't hand in `{name}`, which {self.child.name} has no default for"
            yield Problem("E019", "", message, f'add it: `input={{"{name}": "..."}}`')

    def _check_input(self) -> Iterator[Problem]:
        """The types of what is handed in. What is wrong with the expressions themselves is the core's to tell."""
        variables = self._variables()
        for key, source in self.mappings.input.items():
            field = self.child.schema.fields.get(key)
            expression = _compile(source, variables)
            if field is not None and isinstance(expression, Expression):
                yield from self._check_type("input", key, expression, field.schema)

    def _check_output(self) -> Iterator[Problem]:
        """What is kept, which the core can't check: it knows nothing of the child's state."""
        for key, source in self.mappings.output.items():
            field = self.parent.schema.fields.get(key)
            expression = _compile(source, {"output": self.child.schema})
            if isinstance(expression, ExpressionError):
                yield expression_problem(f"{self.node.name}, output `{key}`", expression)
            elif field is not None:
                yield from self._check_type("output", key, expression, field.schema)

    def _check_type(self, side: str, key: str, expression: Expression, wanted: schema.Schema) -> Iterator[Problem]:
        try:
            _require(expression, wanted)
        except ExpressionError as error:
            yield expression_problem(f"{self.node.name}, {side} `{key}`", error)

    def _check_output_key(self) -> Iterator[Problem]:
        """Where the child's whole last state goes, or the list of those of all items."""
        key = self.node.output_key
        field = None if key is None else self.parent.schema.fields.get(key)
        if field is None:
            return
        is_map = self.node.items is not None
        given = schema.List(self.child.schema) if is_map else self.child.schema
        ours = f"`{key}` of {self.parent.name} is {schema.describe(field.schema)}"
        if not fits(given, field.schema):
            named = f"a list of {self.child.name}" if is_map else self.child.name
            yield Problem("E020", "", f"`{self.node.name}` gives {named}, but {ours}")
        elif self.node.on_item_failure is OnItemFailure.COLLECT and not fits(schema.List(COLLECTED), field.schema):
            yield Problem("E020", "", f"`{self.node.name}` gives errors in place of what failed, but {ours}")

    def _variables(self) -> dict[str, schema.Schema]:
        """What mappings see, and `iteration` and `error` wherever they stand: the core knows where they may."""
        always: dict[str, schema.Schema] = {
            "state": self.parent.schema,
            "iteration": schema.Integer(),
            "error": schema.Any(),
        }
        if self.node.items is None:
            return always
        items = _compile(self.node.items, always)
        listed = items.type if isinstance(items, Expression) else None
        item = listed.item if isinstance(listed, schema.List) else schema.Any()
        return {**always, "item": item, "index": schema.Integer()}


def _compile(source: str, variables: Mapping[str, schema.Schema]) -> Expression | ExpressionError:
    try:
        return compile_expression(source, variables)
    except ExpressionError as error:
        return error


def _require(expression: Expression, wanted: schema.Schema) -> None:
    """`ExpressionError` unless the result may be handed over. An int is no decimal then: nothing converts it."""
    require_type(expression, wanted)
    if isinstance(schema.without_null(wanted), schema.Decimal) and isinstance(expression.type, schema.Integer):
        source = expression.source
        hint = f"write `decimal({source})`"
        raise ExpressionError("expected a decimal; this is an int", 0, len(source), hint, source)
