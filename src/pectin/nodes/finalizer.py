"""`finalizer`: a function that runs while the execution closes. No edge leads to it; the core runs it by its trait."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from pectin.core.definition import Node
from pectin.core.kind import RUNS, Scope, Trait, check_config, problem_of
from pectin.core.problem import Problem
from pectin.core.program import Enter, run_always
from pectin.core.schema import Any, Schema

NAME: Final = "finalizer"
TRAITS: Final = RUNS | {Trait.RUN_ON}
ROUTES: Final = False
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`function` is its name in the application's own registry, never a path to import."""

    function: Annotated[str, msgspec.Meta(min_length=1)]


def check(node: Node, scope: Scope) -> list[Problem]:
    problems = check_config(node, Config)
    if node.run_on is None:
        hint = "write `run_on`: success, failure or always"
        problems.append(problem_of(node, f"finalizer `{node.id}` doesn't say which ends it runs on", hint))
    return problems


def bind(node: Node, scope: Scope) -> Enter:
    return run_always


def output(node: Node, scope: Scope) -> Schema:
    return Any()
