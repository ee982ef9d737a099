"""Why an execution doesn't go on by itself right now: one sentence, and what one can do about it.

It is the readable form of the promise that nobody is stranded: whatever state an execution is in, something of it
runs, is due, or waits for somebody, and this says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from pectin.core.duration import format_duration
from pectin.core.error import ErrorData, shorten
from pectin.core.state import Activation, Run
from pectin.core.status import NodeStatus, WorkflowStatus

EXEC: Final = "EXEC"
"""Stands in a command for the execution, in the words of whoever shows it."""

FILE: Final = "FILE"
"""Stands in a command for the file in which the workflow is written."""

RESUME: Final = ("run", FILE, "--resume", EXEC)
WORKER: Final = ("worker", FILE)
SHOW: Final = ("show", EXEC)

Command = tuple[str, ...]
"""The words of a command after `pectin`."""


class Question(msgspec.Struct, frozen=True):
    """What a person is asked, and the commands that answer."""

    activation: str
    prompt: str
    commands: tuple[Command, ...]


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is for programs, `sentence` for people; `questions` are open approvals, `then` what else one can do."""

    code: str
    sentence: str
    questions: tuple[Question, ...] = ()
    then: tuple[Command, ...] = ()


def why(
    run: Run,
    at: int,
    *,
    served: bool,
    tell_time: Callable[[int], str],
    missing: Mapping[str, str] | None = None,
) -> Why:
    """Why the execution is where it is, at the time `at`.

    `served` says whether an engine has its store open, `tell_time` how a time is written for whoever reads it, and
    `missing` names the functions that the engine is known to lack, by node.
    """
    told = _Told(run, at, served, tell_time, missing or {})
    if run.status.is_terminal:
        return _ended(told)
    if run.closing is not None:
        return _closing(told)
    return _at_work(told) or _waits(told)


def status_words(status: WorkflowStatus) -> str:
    """A status as people read it: `limit exceeded`."""
    return status.value.replace("_", " ")


def roughly(duration_ms: int) -> str:
    """A duration in its largest unit only: `41 s`, `2 h`, `3 d`. It is cut, and never less than nothing."""
    cut = duration_ms if duration_ms < 1_000 else duration_ms // 1_000 * 1_000
    return " ".join(format_duration(max(cut, 0)).split()[:2])


def questions_of(run: Run) -> tuple[Question, ...]:
    """The open approvals, in the order in which they were asked."""
    asked = run.approvals()
    several = len(asked) > 1
    return tuple(
        Question(
            name,
            waiting.prompt or "",
            tuple(decision_command(decision, name if several else None) for decision in waiting.decisions),
        )
        for name, waiting in asked.items()
    )


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


RECENT_MS = 10_000
"""What happened less than this ago is still happening, to people: there is nothing to say of when."""


class _Told(msgspec.Struct, frozen=True):
    run: Run
    at: int
    served: bool
    tell_time: Callable[[int], str]
    missing: Mapping[str, str]

    def ago(self, since: int) -> str:
        return roughly(max(self.at - since, 0))

    def unserved(self) -> str:
        alone = "no engine has this store open"
        if self.at - self.run.updated_at < RECENT_MS:
            return alone
        return f"{alone}, and nothing has happened since {self.tell_time(self.run.updated_at)}"


def _ended(told: _Told) -> Why:
    run = told.run
    closing = run.closing
    what = status_words(run.status)
    if closing is not None and closing.activation is not None:
        what += f" at `{closing.activation}`"
    if run.error is not None:
        what += f" ({run.error.error_class})"
    elif run.status is WorkflowStatus.CANCELLED and closing is not None:
        what += f" by {closing.by}" if closing.by else ""
        what += "" if closing.cause == "cancelled" else f' ("{_short(closing.cause)}")'
    ago = told.ago(run.completed_at or run.updated_at)
    return Why(code="ended", sentence=f"Ended: {what}, {ago} ago.", then=(SHOW,))


def _closing(told: _Told) -> Why:
    run, closing = told.run, told.run.closing
    assert closing is not None
    to = status_words(closing.to)
    if not told.served:
        return Why(code="unserved", sentence=f"Is ending as {to}, but nothing runs it: {told.unserved()}.", then=_START)
    finalizers = [activation for activation in run.activations.values() if activation.status is not NodeStatus.PENDING]
    if finalizers:
        names = _names(activation.name for activation in finalizers)
        sentence = f"Is ending as {to}: runs {names} since {told.ago(finalizers[0].since)}."
    elif run.stopping:
        until = told.tell_time(closing.grace_until)
        sentence = f"Is ending as {to}: waits for {_names(run.stopping)} to stop, until {until} at most."
    else:
        sentence = f"Is ending as {to}."
    return Why(code="closing", sentence=sentence, then=(SHOW,))


_START: Final = (RESUME, WORKER)


def _at_work(told: _Told) -> Why | None:
    """It could go on without anybody's doing: what runs, what is ready, what is tried again."""
    run = told.run
    running = [
        activation
        for activation in run.activations.values()
        if activation.status is NodeStatus.RUNNING and activation.waiting is None and activation.mapping is None
    ]
    ready = [run.activations[name] for name in run.ready]
    retried = sorted(run.backoff, key=lambda name: run.backoff[name])
    overdue = [run.activations[name] for name in retried if run.backoff[name] <= told.at]
    questions = questions_of(run)
    if not told.served and (running or ready or overdue):
        return Why(
            code="unserved", sentence=_unserved(told, running, [*ready, *overdue]), questions=questions, then=_START
        )
    if running:
        sentence = f"Runs {_names(a.name for a in running)} since {told.ago(running[0].since)}{_attempt(running)}."
        return Why(code="running", sentence=sentence, questions=questions, then=(("events", EXEC, "--follow"),))
    if ready:
        return Why(code="ready", sentence=_ready(told, ready), questions=questions, then=(WORKER,))
    if retried:
        then = () if told.served else _START
        return Why(code="backoff", sentence=_backoff(told, retried[0]), questions=questions, then=then)
    return None


def _unserved(told: _Told, running: list[Activation], ready: list[Activation]) -> str:
    if running:
        names = _names(activation.name for activation in running)
        were = "was" if len(running) == 1 else "were"
        return f"Is ready, but nothing runs it: {names} {were} cut off, {told.unserved()}."
    return f"Is ready, but nothing runs it: {told.unserved()}."


def _ready(told: _Told, ready: list[Activation]) -> str:
    since = told.ago(min(activation.since for activation in ready))
    lacking = [activation for activation in ready if activation.node in told.missing]
    if lacking:
        functions = _names(dict.fromkeys(told.missing[activation.node] for activation in lacking))
        return f"Is ready since {since}, but the engine doesn't have the function {functions}."
    names = _names(activation.name for activation in ready)
    return f"Is ready since {since}: {names} waits for an engine that has its function and a free slot."


def _backoff(told: _Told, name: str) -> str:
    activation = told.run.activations[name]
    left = roughly(max(told.run.backoff[name] - told.at, 0))
    outcomes_max = activation.retry.max_attempts if activation.retry is not None else 1
    after = "" if activation.error is None else f" after {_error(activation.error)}"
    unserved = "" if told.served else ", but no engine has this store open"
    return f"Retries `{name}` in {left} (attempt {activation.outcomes + 1} of {outcomes_max}){after}{unserved}."


def _waits(told: _Told) -> Why:
    questions = questions_of(told.run)
    approvals = told.run.approvals()
    if len(approvals) > 1:
        return Why(code="person", sentence=f"Waits for people: {_names(approvals)}.", questions=questions)
    for name, wait in approvals.items():
        deadline = "" if wait.until is None else f", {_deadline(told, wait.until)}"
        sentence = f"Waits for a person: `{name}`, asked {told.ago(wait.since)} ago{deadline}."
        then = _START if _is_overdue(told, wait.until) else ()
        return Why(code="person", sentence=sentence, questions=questions, then=then)
    until, name = min(told.run.deadlines())
    if until <= told.at and not told.served:
        sentence = f"Waits for time: `{name}` is over since {told.ago(until)}, but no engine has this store open."
        return Why(code="unserved", sentence=sentence, then=_START)
    left = roughly(max(until - told.at, 0))
    unserved = "" if told.served else "; it takes an engine then, and none has this store open"
    sentence = f"Waits for time: `{name}` until {told.tell_time(until)}, in {left}{unserved}."
    return Why(code="time", sentence=sentence, then=() if told.served else _START)


def _deadline(told: _Told, until: int) -> str:
    if until > told.at:
        return f"deadline in {roughly(until - told.at)}"
    passed = f"the deadline passed {told.ago(until)} ago"
    return passed if told.served else f"{passed}, but no engine has this store open"


def _is_overdue(told: _Told, until: int | None) -> bool:
    return until is not None and until <= told.at and not told.served


def _attempt(running: list[Activation]) -> str:
    return f" (attempt {running[0].attempt})" if len(running) == 1 and running[0].attempt > 1 else ""


def _names(names: Iterable[str]) -> str:
    """At most three of them, and how many more there are."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) <= 3:
        return ", ".join(quoted)
    return f"{', '.join(quoted[:3])} and {len(quoted) - 3} more"


def _error(error: ErrorData) -> str:
    return f"{error.error_class}: {_short(error.message)}" if error.message else error.error_class


def _short(text: str) -> str:
    return shorten(" ".join(text.split()), 100)
