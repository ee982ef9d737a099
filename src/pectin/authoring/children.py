"""Nodes that run another workflow: what they hand in and what they keep, against both states.

The core checks each mapping in the workflow that it stands in. Only here both workflows are at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from pectin.authoring.draft import DraftChild, DraftNode, Header
from pectin.authoring.fitting import COLLECTED
from pectin.authoring.schema_of import fits
from pectin.authoring.state_model import StateModel
from pectin.core import schema
from pectin.core.budget import SORTS
from pectin.core.definition import Definition, Node, OnItemFailure, Place
from pectin.core.expression import Expression, ExpressionError, compile_expression
from pectin.core.hint import did_you_mean
from pectin.core.kind import check_ceiling, expression_problem, require_stored
from pectin.core.problem import Problem
from pectin.core.status import SessionType


class Relation(NamedTuple):
    """A node that runs a child, between the types of the two states."""

    node: DraftNode
    mappings: DraftChild
    parts: Mapping[str, Place]
    parent: StateModel[Any]
    child: StateModel[Any]

    def check(self) -> list[Problem]:
        """What is wrong with what the node hands in and keeps, apart from what the core finds."""
        found = (*self._check_keys(), *self._check_input(), *self._check_output(), *self._check_output_key())
        return [replace(problem, place=self.parts.get(problem.part, self.node.place)) for problem in found]

    def _check_keys(self) -> Iterator[Problem]:
        given, wanted = self.mappings.input, self.child.schema.fields
        missing = [name for name, field in wanted.items() if field.required and name not in given]
        for key in given:
            if key not in wanted and not self.child.schema.open:
                message = f"`{self.node.name}` hands in `{key}`, which {self.child.name} lacks"
                yield Problem(
                    "E019", "", message, did_you_mean(key, missing or wanted) or None, part=f"child.input.{key}.key"
                )
        for name in missing:
            message = f"`{self.node.name}` doesn't hand in `{name}`, which {self.child.name} has no default for"
            yield Problem("E019", "", message, f"add it to its input: `{name}`", part="child.input")

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
                yield expression_problem(f"{self.node.name}, output `{key}`", expression, f"child.output.{key}")
            elif field is not None:
                yield from self._check_type("output", key, expression, field.schema)

    def _check_type(self, side: str, key: str, expression: Expression, wanted: schema.Schema) -> Iterator[Problem]:
        try:
            require_stored(expression, wanted)
        except ExpressionError as error:
            yield expression_problem(f"{self.node.name}, {side} `{key}`", error, f"child.{side}.{key}")

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
            yield Problem("E020", "", f"`{self.node.name}` gives {named}, but {ours}", part="output_key")
        elif self.node.on_item_failure is OnItemFailure.COLLECT and not fits(schema.List(COLLECTED), field.schema):
            message = f"`{self.node.name}` gives errors in place of what failed, but {ours}"
            yield Problem("E020", "", message, part="output_key")

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


def check_type(node: DraftNode, parent: Header, child: Header) -> list[Problem]:
    """Whether a workflow of the child's session type can be a child: an ephemeral one only where all is a preview."""
    if child.session_type is not SessionType.EPHEMERAL or parent.session_type is SessionType.EPHEMERAL:
        return []
    message = f"`{node.name}` runs `{child.id}`, which is ephemeral: it can only be previewed"
    return [Problem("E057", "", message, f"make `{child.id}` `resumable`", node.place)]


def check_ceilings(parent: Definition, node: Node, child: Definition) -> list[Problem]:
    """A child that spends what its parent limits needs a part of it: without one it could spend nothing."""
    ceilings = [inner.ceiling for inner in child.nodes if inner.ceiling is not None]
    spends = [sort for sort in SORTS if any(getattr(ceiling, sort) not in (0, "0") for ceiling in ceilings)]
    return check_ceiling(node, spends, parent.budget)


def _compile(source: str, variables: Mapping[str, schema.Schema]) -> Expression | ExpressionError:
    try:
        return compile_expression(source, variables)
    except ExpressionError as error:
        return error
