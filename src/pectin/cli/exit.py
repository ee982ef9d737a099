"""What the command says when it ends, and the one place that maps exceptions to it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from pectin.core.error import PectinError, clean

if TYPE_CHECKING:
    from pectin.core.problem import DefinitionError


class Exit(IntEnum):
    """The exit codes. A script can tell an answer from a mistake, and a mistake from a wait."""

    OK = 0
    NO = 1
    USAGE = 2
    NOT_FOUND = 3
    WAITING = 4
    REFUSED = 5
    STORE = 6
    BUG = 70
    OUTPUT = 74
    INTERRUPTED = 130
    TERMINATED = 143


_DAMAGED = (
    "Leave the store as it is. Look at what can be read with `pectin events`, and restore a backup, or use the version "
    "of Pectin that wrote it."
)


_BROKEN = "Leave the store as it is, and keep a copy: somebody has changed it who could write to it."


class BadUsage(PectinError):
    """Something in the command can't be used; `then` are commands that help."""

    def __init__(self, message: str, *then: str) -> None:
        super().__init__(clean(message))
        self.then = tuple(map(clean, then))


class Judgement(NamedTuple):
    """An exception, judged: `code` is for programs, `message` for people, `then` the commands that help."""

    exit: Exit
    code: str
    message: str
    then: tuple[str, ...] = ()


def judge(error: Exception, args: Sequence[str]) -> Judgement:
    """What an exception means for whoever ran `pectin` with `args`."""
    if (usage := getattr(error, "format_message", None)) is not None:  # the command line's own
        return Judgement(Exit.USAGE, "usage", str(usage()).strip(), (_help(error, args),))
    if isinstance(error, BadUsage):
        return Judgement(Exit.USAGE, "usage", str(error), error.then)
    if isinstance(error, PectinError):
        return _judge_ours(error, args)
    command = shlex.join(["pectin", *args])
    what = f"{type(error).__name__}: {error}"
    message = f"this is a bug in Pectin: {what}\n  please report it to the project, with what this prints:"
    return Judgement(Exit.BUG, "bug", message, (f"PECTIN_DEBUG=1 {command}",))


def _judge_ours(error: PectinError, args: Sequence[str]) -> Judgement:
    from pectin.authoring.blueprint import BadInput
    from pectin.cli.streams import OutputLost
    from pectin.core.error import BadValue
    from pectin.core.event import UnknownEvent
    from pectin.core.problem import DefinitionError
    from pectin.ports.store import DedupTaken, DefinitionTaken, StoreBusy, StoreError
    from pectin.runtime.error import (
        Ambiguous,
        AuditKeyMissing,
        ChainBroken,
        CommandRefused,
        EngineStopped,
        ExecutionFailed,
        ExecutionWaiting,
        NotFound,
        Quarantined,
    )

    message = str(error)
    match error:
        case DefinitionError():
            return Judgement(Exit.USAGE, "bad_definition", message, (_explain(error),))
        case BadInput():
            listed = "\n".join(f"  {problem}" for problem in error.problems)
            return Judgement(Exit.USAGE, "bad_input", f"the input of `{error.workflow}` can't be used:\n{listed}")
        case BadValue():
            return Judgement(Exit.USAGE, "bad_value", message)
        case DefinitionTaken():
            return Judgement(Exit.USAGE, "definition_taken", message)
        case Ambiguous():
            return Judgement(Exit.USAGE, "ambiguous", message)
        case NotFound():
            return Judgement(Exit.NOT_FOUND, "not_found", message, (_list(args),))
        case CommandRefused():
            then: tuple[str, ...] = getattr(error, "then", ())
            return Judgement(Exit.REFUSED, error.code, f"refused: {message}", then)
        case DedupTaken():
            return Judgement(Exit.REFUSED, "dedup_taken", f"refused: {message}")
        case StoreBusy():
            return Judgement(Exit.STORE, "store_busy", message)
        case StoreError() | EngineStopped():
            return Judgement(Exit.STORE, "store", message)
        case AuditKeyMissing():
            return Judgement(Exit.STORE, "audit_key", message)
        case ChainBroken():
            return Judgement(Exit.STORE, "chain_broken", f"{message}\n{_BROKEN}", (_verify(args),))
        case Quarantined() | UnknownEvent():
            return Judgement(Exit.STORE, "quarantined", f"{message}\n{_DAMAGED}")
        case OutputLost():
            return Judgement(Exit.OUTPUT, "output", message)
        case ExecutionFailed():
            return Judgement(Exit.NO, error.execution.status.value, message)
        case ExecutionWaiting():
            return Judgement(Exit.WAITING, "waiting", message)
        case _:
            return Judgement(Exit.USAGE, "error", message)


def _explain(error: DefinitionError) -> str:
    return f"pectin check --explain {error.problems[0].code}"


def _list(args: Sequence[str]) -> str:
    """The command that lists what is there."""
    return _in_store("list", args)


def _verify(args: Sequence[str]) -> str:
    """The command that says what was done to it."""
    return _in_store("verify", args)


def _in_store(command: str, args: Sequence[str]) -> str:
    """A command in the store that was named."""
    words = list(args)
    at = words.index("--store") if "--store" in words else len(words)
    return shlex.join(["pectin", command, *words[at : at + 2]])


def _help(error: Exception, args: Sequence[str]) -> str:
    """Where the command line says what can be given: at the command in which the error was, as far as that is known."""
    context = getattr(error, "ctx", None)
    if context is not None:
        return f"{context.command_path} --help"
    return " ".join(["pectin", *(word for word in args[:1] if not word.startswith("-")), "--help"])
