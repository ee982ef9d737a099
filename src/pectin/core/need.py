"""What an execution needs from outside to go on: a person's word, a message, a time, the end of a child.

There is one list of it for all who tell people: the sentences of `why`, the end of a run, a worker's lines.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from pectin.core.codec import canonical
from pectin.core.event import Call
from pectin.core.identity import show_id
from pectin.core.policy import lacking
from pectin.core.state import Activation, Doubt, Run, Waiting

EXEC: Final = "EXEC"
"""Stands in a command for the execution, in the words of whoever shows it."""

FILE: Final = "FILE"
"""Stands in a command for the file in which the workflow is written."""

PAYLOAD: Final = "{}"
"""Stands in a command for what a message brings."""

RESULT: Final = '{"…": "…"}'
"""Stands in a command for the result of a node. No state has such a key, so it can't be taken for one."""

RELEASE: Final = ("resume", EXEC)

Command = tuple[str, ...]
"""The words of a command after `pectin`."""


class NeedKind(StrEnum):
    """Whom or what it is needed from, the most urgent first."""

    DOUBT = "doubt"
    QUARANTINE = "quarantine"
    PERSON = "person"
    EVENT = "event"
    SIGNAL = "signal"
    TIME = "time"
    CHILD = "child"


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One activation's need, since `since` and until `until`. `what` is it in words, `prompt` what a person is asked,
    `commands` are those that give it, or that look at who can. Of a `call` so many approvals are `missing`."""

    kind: NeedKind
    activation: str
    what: str
    since: int
    until: int | None = None
    prompt: str | None = None
    commands: tuple[Command, ...] = ()
    call: Call | None = None
    missing: int = 1


def needs_of(run: Run) -> list[Need]:
    """All needs, the most urgent kind first, and in each the oldest first."""
    several = len(run.approvals()) > 1
    found: list[Need] = []
    for name, activation in run.activations.items():
        if name in run.quarantined:
            found.append(_of_quarantine(run, activation))
        elif activation.waiting is not None:
            found.append(_of_wait(run, name, activation.waiting, several))
        elif activation.doubt is not None and not activation.doubt.asks:
            found.append(_of_doubt(run, name, activation.doubt))
        elif activation.child is not None:
            found.append(_of_child(activation, activation.child))
    order = list(NeedKind)
    return sorted(found, key=lambda need: (order.index(need.kind), need.since))


def missing_approvals(run: Run, wait: Waiting) -> int:
    """How many people at least are still to approve what is asked."""
    return 1 if wait.call is None else lacking(wait.call.asks, wait.approved_by, run.requester)


def decision_command(decision: str, activation: str | None) -> Command:
    """The command that decides so; the node is named where several wait."""
    node = () if activation is None else (activation,)
    match decision:
        case "approved":
            return ("approve", EXEC, *node)
        case "rejected":
            return ("reject", EXEC, *node)
        case _:
            return ("decide", EXEC, *node, "--decision", decision)


def resolve_commands(activation: str, attempt: int | None = None) -> tuple[Command, Command]:
    """The commands that say that it happened, and that it did not. The attempt is named if it isn't the first one that
    was in doubt."""
    resolve = ("resolve", EXEC, activation)
    which = () if attempt is None else ("--attempt", str(attempt))
    return (*resolve, "--happened", RESULT, *which), (*resolve, "--did-not", *which)


def send_command(event: str, correlation: str) -> Command:
    """The command that sends an event."""
    if correlation.startswith("-"):
        return ("send", "--payload", PAYLOAD, "--", event, correlation)
    return ("send", event, correlation, "--payload", PAYLOAD)


def _of_wait(run: Run, name: str, wait: Waiting, several: bool) -> Need:
    if wait.decisions:
        node = name if several else None
        commands = tuple(decision_command(decision, node) for decision in wait.decisions)
        kind, what = NeedKind.PERSON, "a person"
    elif wait.event is None and wait.signal is None:
        kind, what, commands = NeedKind.TIME, "time", ()
    else:
        kind = NeedKind.SIGNAL if wait.event is None else NeedKind.EVENT
        what, commands = _message(wait)
    return Need(
        kind=kind,
        activation=name,
        what=what,
        since=wait.since,
        until=wait.until,
        prompt=wait.prompt,
        commands=commands,
        call=wait.call,
        missing=missing_approvals(run, wait),
    )


def _message(wait: Waiting) -> tuple[str, tuple[Command, ...]]:
    """The messages that end a wait, in words, and the commands that send them."""
    whats: list[str] = []
    commands: list[Command] = []
    if wait.event is not None:
        key = f" with key {canonical(wait.correlation).decode()}" if wait.correlation else ""
        whats.append(f"the event `{wait.event}`{key}")
        commands.append(send_command(wait.event, wait.correlation))
    if wait.signal is not None:
        whats.append(f"the signal `{wait.signal}`")
        commands.append(("signal", EXEC, wait.signal))
    return " or ".join(whats), tuple(commands)


def _of_doubt(run: Run, name: str, doubt: Doubt) -> Need:
    return Need(
        kind=NeedKind.DOUBT,
        activation=name,
        what="a person's word on what is in doubt",
        since=doubt.since,
        commands=resolve_commands(name, doubt.attempt if name in run.resolved else None),
    )


def _of_quarantine(run: Run, activation: Activation) -> Need:
    return Need(
        kind=NeedKind.QUARANTINE,
        activation=activation.name,
        what="somebody to let it out of quarantine",
        since=run.quarantined[activation.name],
        commands=(RELEASE,),
    )


def _of_child(activation: Activation, child: str) -> Need:
    return Need(
        kind=NeedKind.CHILD,
        activation=activation.name,
        what="a child",
        since=activation.since,
        commands=(("why", show_id(child)),),
    )
