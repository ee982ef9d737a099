"""`wait`: a timer, of a duration or until a time that the state gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from pectin.core.action import Action, Await
from pectin.core.definition import Node
from pectin.core.error import quote
from pectin.core.expression import Expression, ExpressionError, compile_expression, require_type
from pectin.core.kind import (
    Scope,
    Trait,
    bound_config,
    check_config,
    check_duration,
    expression_problem,
    problem_of,
    read_config,
)
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry, NodeError
from pectin.core.schema import Null, Schema, String

NAME: Final = "wait"
TRAITS: Final = frozenset[Trait]()
ROUTES: Final = False
CHOOSES: Final = False

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the two: how long, or an expression that gives a date and time (RFC 3339, with its zone)."""

    duration_ms: int | None = None
    until: str | None = None


def check(node: Node, scope: Scope) -> list[Problem]:
    config = read_config(node, Config)
    if config is None:
        return check_config(node, Config)
    if (config.duration_ms is None) == (config.until is None):
        what = "neither a duration nor a time" if config.until is None else "both a duration and a time"
        return [problem_of(node, f"wait `{node.id}` has {what}", "write `duration_ms` or `until`")]
    try:
        if config.until is not None:
            _compile_until(config.until, scope)
    except ExpressionError as error:
        return [expression_problem(node.id, error)]
    return check_duration(node, "duration", config.duration_ms)


def bind(node: Node, scope: Scope) -> Enter:
    config = bound_config(node, Config)
    if config.until is not None:
        return _until(node.id, _compile_until(config.until, scope))
    assert config.duration_ms is not None, "`check` refuses a wait for nothing"
    duration_ms = config.duration_ms

    def enter(entry: Entry) -> Action:
        return Await(until=entry.at + duration_ms)

    return enter


def output(node: Node, scope: Scope) -> Schema:
    return Null()


def _compile_until(source: str, scope: Scope) -> Expression:
    until = compile_expression(source, scope.variables())
    require_type(until, String())
    return until


def _until(node: str, until: Expression) -> Enter:
    def enter(entry: Entry) -> Action:
        return Await(until=_read_time(node, until.evaluate(entry.variables())))

    return enter


def _read_time(node: str, text: object) -> int:
    """Milliseconds since the epoch. A time that has passed is due at once."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        message = f"`{node}` waits until {quote(text)}, which is no date and time with a zone (2026-11-26T09:14:03Z)"
        raise NodeError("bad_time", message)
    return (time - _EPOCH) // timedelta(milliseconds=1)
