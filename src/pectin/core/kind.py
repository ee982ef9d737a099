"""What a node kind is to the core: settings that are checked, an output with a schema, and a way to enter.

A kind is a module of `pectin.nodes`; the core sees it through this protocol only. What kinds need to check themselves
is here too, because kinds know nothing of one another.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import cache
from typing import Final, Protocol, TypeVar

import msgspec

from pectin.core.budget import NOTHING, SORTS, Budget
from pectin.core.definition import Contract, Edge, Node
from pectin.core.duration import DURATION_MS_MAX
from pectin.core.error import quote
from pectin.core.expression import Expression, ExpressionError, accepts, require_type
from pectin.core.hint import did_you_mean
from pectin.core.problem import Problem
from pectin.core.program import Enter
from pectin.core.schema import Any, Decimal, Field, Integer, Map, Object, Schema, String, describe, without_null
from pectin.core.timeout import TimeoutConfig

Config = TypeVar("Config", bound=msgspec.Struct)


class Trait(StrEnum):
    """The fields of a node that not every kind has."""

    EFFECT = "effect"
    RETRY = "retry"
    TIMEOUT = "timeout_ms"
    OUTPUT_KEY = "output_key"
    EACH = "each"
    JOIN = "join"
    CHILD = "child"
    RUN_ON = "run_on"
    RECONCILE = "reconcile"
    POLICY = "policy"
    CEILING = "ceiling"


RUNS = frozenset({Trait.EFFECT, Trait.RETRY, Trait.TIMEOUT})
"""The traits of kinds that a worker runs."""

ERROR: Final = Object(
    {
        "error_class": Field(String()),
        "type": Field(String()),
        "message": Field(String()),
        "attempt": Field(Integer(), required=False),
    }
)
"""The variable `error`, as `ErrorData.variable` gives it."""


class Scope(msgspec.Struct, frozen=True):
    """What surrounds a node: the state's schema, and which of its keys have a reducer; the ids of the nodes with an
    edge to it (`repeat` doesn't count), and the edges that leave it; whether it is in a loop, for an item node what an
    item is, and whether a limit leads to it; the workflow's defaults for timeouts, its limits on what is spent, whether
    it is governed, and its tools by name."""

    state: Object
    reduced: Collection[str] = ()
    sources: tuple[str, ...] = ()
    ways: tuple[Edge, ...] = ()
    in_loop: bool = False
    item: Schema | None = None
    by_limit: bool = False
    timeouts: TimeoutConfig = msgspec.field(default_factory=TimeoutConfig)
    budget: Budget | None = None
    is_governed: bool = False
    tools: Mapping[str, Contract] = {}

    def variables(self) -> dict[str, Schema]:
        """The variables of the node's expressions, as `Entry.variables` gives them."""
        return {**self.edge_variables(), "error": ERROR} if self.by_limit else self.edge_variables()

    def edge_variables(self) -> dict[str, Schema]:
        """The variables of the conditions on the node's edges, but for `output` and `error`."""
        return {"state": self.state, "iteration": Integer()} if self.in_loop else {"state": self.state}

    def input_variables(self) -> dict[str, Schema]:
        """The variables of what the node hands to its child, or to the tool that it calls."""
        each = {} if self.item is None else {"item": self.item, "index": Integer()}
        return {**self.variables(), **each}


class Kind(Protocol):
    """A node kind. `bind` and `output` are only asked for nodes in which `check` finds nothing wrong, except that
    `output` must bear any node whose settings can be read."""

    @property
    def NAME(self) -> str:  # noqa: N802 # a module's constant
        """As it stands in `Node.kind`."""
        ...

    @property
    def TRAITS(self) -> Collection[Trait]:  # noqa: N802
        """The fields of a node that nodes of this kind may have."""
        ...

    @property
    def ROUTES(self) -> bool:  # noqa: N802
        """Whether it only leads on: it neither runs anything nor waits."""
        ...

    @property
    def CHOOSES(self) -> bool:  # noqa: N802
        """Whether it takes one of its edges without a word, not all of them."""
        ...

    @property
    def ACTS(self) -> bool:  # noqa: N802
        """Whether its nodes change the world whatever their effect: they call outward, or run what may."""
        ...

    @property
    def DECIDES(self) -> bool:  # noqa: N802
        """Whether its output is a person's `decision`, whose outcomes the schema of its output lists."""
        ...

    def check(self, node: Node, scope: Scope) -> list[Problem]:
        """What is wrong with the node's settings. The places are filled in by the caller."""
        ...

    def bind(self, node: Node, scope: Scope) -> Enter:
        """The node made ready: its expressions and texts are compiled once, here."""
        ...

    def output(self, node: Node, scope: Scope) -> Schema:
        """The schema of what the node gives: `output` in the conditions of its edges, and what goes to its
        `output_key`, except for kinds that wait (see `waits`)."""
        ...


def waits(kind: Kind) -> bool:
    """Whether its nodes wait for something from outside: they neither lead on at once nor are run by a worker.

    What they give stays `output` beside what goes to their `output_key`; for other kinds it is the patch.
    """
    return not kind.ROUTES and not RUNS.issubset(kind.TRAITS)


def read_config(node: Node, config: type[Config]) -> Config | None:
    """The node's settings, or None if they aren't this kind's (`check_config` says why)."""
    if check_config(node, config):
        return None
    return msgspec.convert(node.config, config)


def bound_config(node: Node, config: type[Config]) -> Config:
    """The settings of a node that `check` has let pass."""
    return msgspec.convert(node.config, config)


def check_config(node: Node, config: type[msgspec.Struct]) -> list[Problem]:
    """Unknown settings, missing ones and those of a wrong type."""
    fields = _fields_of(config)
    missing = [name for name, each in fields.items() if each.required and name not in node.config]
    problems = [
        problem_of(
            node,
            f"{node.kind} `{node.id}` has no setting {quote(name)}",
            did_you_mean(name, missing or fields) or _list_settings(fields),
            part=f"config.{name}",
        )
        for name in node.config
        if name not in fields
    ]
    problems += [problem_of(node, f"{node.kind} `{node.id}` needs the setting `{name}`") for name in missing]
    for name in node.config:
        if name not in fields:
            continue
        try:
            msgspec.convert(node.config[name], fields[name].type)
        except msgspec.ValidationError as error:
            what = str(error)
            problems.append(
                problem_of(
                    node, f"{node.kind} `{node.id}`, `{name}`: {what[0].lower()}{what[1:]}", part=f"config.{name}"
                )
            )
    return problems


@cache
def _fields_of(config: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """The settings of a kind. To look them up takes longer than all the rest of a check."""
    return {each.name: each for each in msgspec.structs.fields(config)}


def problem_of(node: Node, message: str, hint: str = "", *, code: str = "E017", part: str = "") -> Problem:
    """A problem whose message names the node."""
    return Problem(code=code, where="", message=message, hint=hint or None, part=part)


def expression_problem(where: str, error: ExpressionError, part: str = "") -> Problem:
    """A problem with an expression at a part of the graph."""
    return Problem(
        code="E014",
        where=where,
        message=error.message,
        hint=error.hint or None,
        source=error.source,
        start=error.start,
        end=error.end,
        part=part,
    )


def require_stored(expression: Expression, wanted: Schema) -> None:
    """`ExpressionError` unless the result may be stored as it is. An int is no decimal then: nothing converts it."""
    require_type(expression, wanted)
    if isinstance(without_null(wanted), Decimal) and isinstance(without_null(expression.type), Integer):
        source = expression.source
        hint = f"write `decimal({source})`"
        raise ExpressionError("expected a decimal; this is an int", 0, len(source), hint, source)


def check_written(node: Node, key: str, given: Schema, scope: Scope, *, part: str = "output_key") -> list[Problem]:
    """Whether a value of this schema may be written to a key of the state; what a `merge` adds is any object."""
    declared = scope.state.fields.get(key)
    if declared is None:
        return []
    wanted = declared.schema
    if key in scope.reduced and isinstance(without_null(wanted), Object | Map):
        wanted = Map(Any())
    if accepts(wanted, given):
        return []
    message = f"{node.kind} `{node.id}` gives {describe(given)}, and `state.{key}` is {describe(declared.schema)}"
    return [problem_of(node, message, code="E020", part=part)]


def check_key(node: Node, what: str, key: str, scope: Scope, *, part: str = "") -> list[Problem]:
    """Whether the state has a key that the node names as its `what`."""
    if scope.state.open or key in scope.state.fields:
        return []
    message = f"{node.kind} `{node.id}` has the {what} `{key}`, and the state has no such field"
    hint = did_you_mean(key, scope.state.fields) or "declare it there"
    return [problem_of(node, message, hint, code="E019", part=part)]


def check_duration(node: Node, name: str, duration_ms: int | None, *, part: str = "") -> list[Problem]:
    """Whether a duration is more than nothing and less than a hundred years."""
    if duration_ms is None or 1 <= duration_ms <= DURATION_MS_MAX:
        return []
    message = f"{node.kind} `{node.id}`: {quote(duration_ms)} ms is no {name}"
    return [problem_of(node, message, "write more than nothing, and at most 100 years", code="E022", part=part)]


def check_ceiling(node: Node, spends: Collection[str], budget: Budget | None) -> list[Problem]:
    """Whether a node says the most that it `spends` of each sort (the fields of an amount) that is limited."""
    ceiling = NOTHING if node.ceiling is None else node.ceiling
    lacking = [
        sort
        for sort in SORTS
        if sort in spends and budget is not None and budget.limits(sort) and getattr(ceiling, sort) in (0, "0")
    ]
    if not lacking:
        return []
    listed = ", ".join(f"`{sort}`" for sort in lacking)
    message = f"{node.kind} `{node.id}` spends {listed}, which the workflow limits, and has no ceiling for that"
    hint = f'say the most that one attempt may spend: `ceiling={{"{lacking[0]}": ...}}`'
    return [problem_of(node, message, hint, code="E052", part="ceiling")]


def _list_settings(fields: Mapping[str, object]) -> str:
    names = ", ".join(f"`{name}`" for name in fields)
    return f"it has {names}" if names else "it has none"
