"""`wait`: for a time, an external event, a signal, or whichever of them comes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from pectin.core.action import Action, Await
from pectin.core.activation import MESSAGE_NAME
from pectin.core.definition import Node
from pectin.core.error import quote
from pectin.core.expression import Expression, ExpressionError, accepts, compile_expression, require_type
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
from pectin.core.limits import LIMITS
from pectin.core.problem import Problem
from pectin.core.program import Enter, Entry, NodeError
from pectin.core.schema import Any, Field, Null, Object, Schema, String
from pectin.core.template import compile_template

NAME: Final = "wait"
TRAITS: Final = frozenset({Trait.OUTPUT_KEY})
ROUTES: Final = False
CHOOSES: Final = False
ACTS: Final = False
DECIDES: Final = False

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ends the wait, at least one of three: a time, so long from its entry (`duration_ms`), or a date and time
    that an expression gives (`until`: RFC 3339, with its zone); an external `event` with this `correlation`, a text
    with `{{ expressions }}` over the state; a `signal`. Beside messages alone a `deadline_ms` may stand, a failure."""

    duration_ms: int | None = None
    until: str | None = None
    event: str | None = None
    correlation: str | None = None
    signal: str | None = None
    deadline_ms: int | None = None

    @property
    def is_timed(self) -> bool:
        """Whether time alone ends it well."""
        return self.duration_ms is not None or self.until is not None

    def comes(self) -> tuple[str, ...]:
        """What may come, as `output.came` says it."""
        possible = {"timer": self.is_timed, "signal": self.signal is not None, "event": self.event is not None}
        return tuple(name for name, may_come in possible.items() if may_come)


def check(node: Node, scope: Scope) -> list[Problem]:
    config = read_config(node, Config)
    if config is None:
        return check_config(node, Config)
    problems = [
        problem_of(node, f"wait `{node.id}` {what}", hint, part=part and f"config.{part}")
        for part, what, hint in _complain(config)
    ]
    problems += check_duration(node, "duration", config.duration_ms, part="config.duration_ms")
    problems += check_duration(node, "deadline", config.deadline_ms, part="config.deadline_ms")
    if config.event is not None and scope.is_governed:
        message = f"wait `{node.id}` is for the event `{config.event}`, which names no sender to a governed execution"
        problems.append(
            problem_of(
                node, message, "wait for a signal: who sends one says who it is", code="E023", part="config.event"
            )
        )
    try:
        if config.until is not None:
            _compile_until(config.until, scope)
    except ExpressionError as error:
        problems.append(expression_problem(node.id, error, "config.until"))
    try:
        compile_template(config.correlation or "", scope.variables())
    except ExpressionError as error:
        problems.append(expression_problem(f"{node.id}, correlation", error, "config.correlation"))
    return problems + (_check_output_key(node, node.output_key, config, scope) if node.output_key is not None else [])


def bind(node: Node, scope: Scope) -> Enter:
    config = bound_config(node, Config)
    find_until = _bind_until(node, config, scope)
    correlation = compile_template(config.correlation or "", scope.variables())

    def enter(entry: Entry) -> Action:
        return Await(
            until=find_until(entry),
            signal=config.signal,
            event=config.event,
            correlation=_check_correlation(node, correlation.render(entry.variables())) if config.event else "",
            fails_late=config.deadline_ms is not None,
        )

    return enter


def output(node: Node, scope: Scope) -> Schema:
    config = read_config(node, Config)
    if config is None:
        return Any()
    if config.event is None and config.signal is None:
        return Null()
    return Object({"came": Field(String(config.comes())), "payload": Field(Any())})


def _complain(config: Config) -> list[tuple[str, str, str]]:
    """What doesn't go together: the setting that it is about, what is wrong, and what to do."""
    complaints: list[tuple[str, str, str]] = []
    if not config.comes():
        complaints.append(("", "waits for nothing", "write `duration_ms`, `until`, `event` or `signal`"))
    elif config.is_timed and config.deadline_ms is not None:
        complaints.append(
            ("deadline_ms", "has both a time and a deadline", "delete the deadline: the time ends the wait by itself")
        )
    if config.duration_ms is not None and config.until is not None:
        complaints.append(("until", "has both a duration and a time", "write `duration_ms` or `until`"))
    if config.event is not None and not config.correlation:
        hint = "write a `correlation`, such as `{{ state.order }}`"
        complaints.append(("event", f"doesn't say which event `{config.event}` is its own", hint))
    if config.event is None and config.correlation is not None:
        complaints.append(
            ("correlation", "has a correlation and no event", "name the event, or delete the correlation")
        )
    for part, what, name in (("event", "an event", config.event), ("signal", "a signal", config.signal)):
        if name is not None and not MESSAGE_NAME.fullmatch(name):
            hint = "use letters, digits, `_`, `.` and `-`; begin with a letter or `_`"
            complaints.append((part, f"waits for {quote(name)}, which can't be the name of {what}", hint))
    return complaints


def _check_output_key(node: Node, key: str, config: Config, scope: Scope) -> list[Problem]:
    """The payload goes there; a timer brings none."""
    if config.event is None and config.signal is None:
        message = f"wait `{node.id}` has the `output_key` `{key}`, and nothing that it waits for brings a payload"
        return [
            problem_of(node, message, "delete it, or wait for an event or a signal", code="E019", part="output_key")
        ]
    declared = scope.state.fields.get(key)
    if config.is_timed and declared is not None and not accepts(declared.schema, Null()):
        message = f"wait `{node.id}` gives null where its time ends it, and `state.{key}` can't be null"
        return [
            problem_of(
                node,
                message,
                "let it be null, or give the wait a deadline, which fails",
                code="E020",
                part="output_key",
            )
        ]
    return []


def _compile_until(source: str, scope: Scope) -> Expression:
    until = compile_expression(source, scope.variables())
    require_type(until, String())
    return until


def _bind_until(node: Node, config: Config, scope: Scope) -> Callable[[Entry], int | None]:
    if config.until is not None:
        until = _compile_until(config.until, scope)
        return lambda entry: _read_time(node.id, until.evaluate(entry.variables()))
    length_ms = config.duration_ms if config.duration_ms is not None else config.deadline_ms
    return lambda entry: None if length_ms is None else entry.at + length_ms


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


def _check_correlation(node: Node, text: str) -> str:
    if not 1 <= len(text) <= LIMITS.key_characters_max:
        message = f"`{node.id}` waits for an event with the correlation {quote(text)}, which is empty or too long"
        raise NodeError("bad_correlation", message)
    return text
