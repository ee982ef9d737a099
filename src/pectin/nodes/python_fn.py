"""`python_fn`: a function of the application, by the name it is registered under."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from pectin.core.definition import Node
from pectin.core.kind import RUNS, Scope, Trait, check_config
from pectin.core.problem import Problem
from pectin.core.program import Enter, run_always
from pectin.core.schema import Any, Field, Object, Schema

NAME: Final = "python_fn"
TRAITS: Final = RUNS | {Trait.OUTPUT_KEY, Trait.RECONCILE, Trait.POLICY, Trait.CEILING}
ROUTES: Final = False
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`function` is its name in the application's own registry, never a path to import."""

    function: Annotated[str, msgspec.Meta(min_length=1)]


def check(node: Node, scope: Scope) -> list[Problem]:
    return check_config(node, Config)


def bind(node: Node, scope: Scope) -> Enter:
    return run_always


def output(node: Node, scope: Scope) -> Schema:
    """The patch: any of the state's fields. With an `output_key` the value is the function's own affair."""
    if node.output_key is not None:
        return Any()
    return Object(
        {name: Field(field.schema, required=False) for name, field in scope.state.fields.items()},
        open=scope.state.open,
    )
