"""Signals and external events, as the command line sends them: names that can be right, and what waits for them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import NamedTuple

from pectin.cli.exit import BadUsage
from pectin.cli.given import check_name
from pectin.core.activation import MESSAGE_NAME
from pectin.core.error import quote
from pectin.core.hint import closest, did_you_mean
from pectin.core.limits import LIMITS
from pectin.core.program import Program
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.ports.store import Find
from pectin.runtime.visitor import Visitor

_LOOKED_AT = 50
"""How many of the newest executions are asked what they wait for."""


class Awaited(NamedTuple):
    """An external event that an execution waits for; `execution` is its key, or its id."""

    name: str
    correlation: str
    execution: str


def check_message_name(name: str) -> None:
    """Raise `BadUsage` for what is no signal's and no event's name."""
    if MESSAGE_NAME.fullmatch(name) is None:
        hint = "names are letters, digits, `_`, `.` and `-`, and begin with a letter or `_`"
        raise BadUsage(f"NAME: {quote(name)} is no name of a message; {hint}")
    check_name(name, "NAME", LIMITS.identifier_characters_max)


def check_dedup(dedup: str | None) -> None:
    """Raise `BadValue` or `BadUsage` for a key that can't be kept."""
    check_name(dedup, "--dedup", LIMITS.key_characters_max)
    if dedup is not None and not dedup.strip():
        raise BadUsage("--dedup is empty: write a key that is the same whenever this message is sent, or leave it out")


def signals_of(program: Program) -> list[str]:
    """The signals that an execution may ever wait for."""
    names = (node.config.get("signal") for node in program.nodes.values() if node.kind == "wait")
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


def check_signal(name: str, program: Program, run: Run, execution: str) -> None:
    """Raise `BadUsage` for a signal that nothing of the workflow takes: it would be kept, and never be missed."""
    known = signals_of(program)
    if name not in known:
        listed = ", ".join(f"`{each}`" for each in known)
        hint = did_you_mean(name, known) or (f"it has {listed}" if known else "it waits for none at all")
        what = f"`{run.workflow_id} {run.workflow_version}` has no wait for a signal `{name}`; {hint}"
        near = closest(name, known)
        meant = known[:3] if near is None else [near]
        commands = [shlex.join(["pectin", "signal", execution, each]) for each in meant]
        raise BadUsage(what, *(commands or [shlex.join(["pectin", "why", execution])]))


async def awaited_events(visitor: Visitor) -> list[Awaited]:
    """The events that recent executions wait for, the newest execution first."""
    active = frozenset(status for status in WorkflowStatus if status.is_active)
    found: list[Awaited] = []
    for summary in await visitor.list(Find(statuses=active, limit=_LOOKED_AT)):
        run = (await visitor.read(summary.execution)).run
        called = summary.key or str(summary.execution)
        found += [Awaited(name, correlation, called) for name, correlation in run.listens.values()]
    return found


def nearest(name: str, correlation: str, awaited: Sequence[Awaited]) -> list[Awaited]:
    """What somebody may have meant: the same name with another key, else names that are written alike."""
    same = [each for each in awaited if each.name == name]
    alike = [each for each in awaited if did_you_mean(each.name, [name])]
    return (same or alike)[:3]
