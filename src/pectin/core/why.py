"""Why an execution doesn't go on by itself right now: one sentence, and what one can do about it.

It is the readable form of the promise that nobody is stranded: whatever state an execution is in, something of it
runs, is due, or waits for somebody, and this says which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from pectin.core.audit import prospects
from pectin.core.duration import roughly
from pectin.core.error import ErrorData, shorten
from pectin.core.identity import show_id
from pectin.core.line import fitting
from pectin.core.need import EXEC, FILE, RELEASE, Command, Need, NeedKind, needs_of
from pectin.core.spending import tell_line
from pectin.core.state import Activation, Hold, Run
from pectin.core.status import WorkflowStatus

RESUME: Final = ("run", FILE, "--resume", EXEC)
WORKER: Final = ("worker", FILE)
SHOW: Final = ("show", EXEC)
START: Final = (RESUME, WORKER)
MEND: Final = ("doctor", "--repair")


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is for programs, `sentence` for people. `needs` are what somebody can give, `then` what else one can
    do."""

    code: str
    sentence: str
    needs: tuple[Need, ...] = ()
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
    told = _Told(run, at, served, tell_time, missing or {}, needs_of(run))
    if run.status.is_terminal:
        return _ended(told)
    if not prospects(run):
        sentence = "Is stranded: nothing of it runs, waits, is due or is held."
        return _with_asides(told, Why(code="stranded", sentence=sentence, then=(MEND,)))
    if run.closing is not None:
        return _closing(told)
    if run.hold is not None:
        return _with_asides(told, _held(told, run.hold))
    if run.status is WorkflowStatus.PENDING:
        return _pending(told)
    return _with_asides(told, _at_work(told) or _waits(told))


def unreadable(problem: str) -> Why:
    """What is said of an execution whose history can't be read, or folded."""
    sentence = f"Is left alone, and the others go on: {problem.rstrip('.')}."
    return Why(code="unreadable", sentence=sentence, then=(("events", EXEC), ("doctor",)))


def status_words(status: WorkflowStatus) -> str:
    """A status as people read it: `limit exceeded`."""
    return status.value.replace("_", " ")


RECENT_MS = 10_000
"""What happened less than this ago is still happening, to people: there is nothing to say of when."""


class _Told(msgspec.Struct, frozen=True):
    run: Run
    at: int
    served: bool
    tell_time: Callable[[int], str]
    missing: Mapping[str, str]
    needs: list[Need]

    def ago(self, since: int) -> str:
        return roughly(self.at - since)

    def left(self, until: int) -> str:
        return roughly(until - self.at)

    def unserved(self) -> str:
        alone = "no engine has this store open"
        if self.at - self.run.updated_at < RECENT_MS:
            return alone
        return f"{alone}, and nothing has happened since {self.tell_time(self.run.updated_at)}"

    def asked(self) -> tuple[Need, ...]:
        """The needs that somebody can give."""
        return tuple(need for need in self.needs if need.kind not in (NeedKind.TIME, NeedKind.CHILD))


def _with_asides(told: _Told, why: Why) -> Why:
    """What comes of it in the end, if that is known already."""
    run, clauses = told.run, list[str]()
    if run.unhandled:
        name, error = next(iter(run.unhandled.items()))
        more = f", and {len(run.unhandled) - 1} more" if len(run.unhandled) > 1 else ""
        clauses.append(f"it will end as failed, for `{name}` failed ({_error(error)}){more}")
    if run.wall is not None and run.wall > told.at:
        clauses.append(f"the time of the whole execution is up in {told.left(run.wall)}")
    elif run.wall is not None:
        unserved = "" if told.served else ", but no engine has this store open"
        clauses.append(f"the time of the whole execution is over since {told.ago(run.wall)}{unserved}")
    if (line := tell_line(run)) is not None:
        clauses.append(line)
    sentence = f"{'; '.join([why.sentence.removesuffix('.'), *clauses])}."
    overdue = run.wall is not None and run.wall <= told.at and not told.served and why.then != START
    return msgspec.structs.replace(why, sentence=sentence, then=(*why.then, *START) if overdue else why.then)


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
    if len(run.unhandled) > 1:
        what += f", one of {len(run.unhandled)} failures"
    ago = told.ago(run.completed_at or run.updated_at)
    return Why(code="ended", sentence=f"Ended: {what}, {ago} ago.", then=(SHOW,))


def _closing(told: _Told) -> Why:
    """A finalizer runs, or is to; it may be in doubt or in quarantine; or attempts are to stop first."""
    run, closing = told.run, told.run.closing
    assert closing is not None
    to = status_words(closing.to)
    last = _at_work(told) or (_waits(told) if told.needs else None)
    if not told.served and (last is None or not last.needs):
        return Why(code="unserved", sentence=f"Is ending as {to}, but nothing runs it: {told.unserved()}.", then=START)
    if last is None:
        until = told.tell_time(closing.grace_until)
        what = f"waits for {_names(run.stopping)} to stop, until {until} at most."
    else:
        what = last.sentence[:1].lower() + last.sentence[1:]
        if last.needs:
            return msgspec.structs.replace(last, sentence=f"Is ending as {to}; {what}")
    return Why(code="closing", sentence=f"Is ending as {to}: {what}", then=(SHOW,))


def _held(told: _Told, hold: Hold) -> Why:
    running = _running(told.run)
    still = f"; {_names(a.name for a in running)} still {'runs' if len(running) == 1 else 'run'}" if running else ""
    by = f" by {hold.by}" if hold.by else ""
    reason = f' ("{_short(hold.reason)}")' if hold.reason else ""
    since = told.ago(hold.since)
    parent = told.run.parent
    if not hold.inherited or parent is None:
        sentence, release = f"Is paused{by} since {since}{reason}{still}.", RELEASE
    else:
        sentence = f"Is paused since {since} with its parent{by and ', paused'}{by}{reason}{still}."
        release = ("resume", show_id(parent.execution))
    return Why(code="held", sentence=sentence, needs=told.asked(), then=(release,))


def _pending(told: _Told) -> Why:
    run = told.run
    if not told.served:
        return Why(code="unserved", sentence=f"Is ready, but nothing runs it: {told.unserved()}.", then=START)
    since = told.ago(run.created_at)
    sentence = f"Is ready since {since}: it waits for an engine that has the workflow `{run.workflow_id}`."
    return Why(code="ready", sentence=sentence, then=(WORKER,))


# -- what goes on without anybody's doing -----------------------------------------------------------------------


def _running(run: Run) -> list[Activation]:
    """Those that a worker is at, a reconcile too."""
    return [activation for activation in run.activations.values() if activation.is_at_worker]


def _at_work(told: _Told) -> Why | None:
    """What runs, what is ready, what is tried again."""
    run, needs = told.run, told.asked()
    running = _running(run)
    ready = [run.activations[name] for name in (*run.ready, *fitting(run))]
    retried = sorted(run.backoff, key=lambda name: run.backoff[name])
    overdue = [run.activations[name] for name in retried if run.backoff[name] <= told.at]
    if not told.served and (running or ready or overdue):
        return Why(code="unserved", sentence=_unserved(told, running), needs=needs, then=START)
    if running:
        return Why(code="running", sentence=_runs(told, running), needs=needs, then=(("events", EXEC, "--follow"),))
    if ready:
        return Why(code="ready", sentence=_ready(told, ready), needs=needs, then=(WORKER,))
    if retried:
        then = () if told.served else START
        return Why(code="backoff", sentence=_backoff(told, retried[0]), needs=needs, then=then)
    return None


def _unserved(told: _Told, running: list[Activation]) -> str:
    if running:
        names = _names(activation.name for activation in running)
        were = "was" if len(running) == 1 else "were"
        return f"Is ready, but nothing runs it: {names} {were} cut off, {told.unserved()}."
    return f"Is ready, but nothing runs it: {told.unserved()}."


def _runs(told: _Told, running: list[Activation]) -> str:
    first = running[0]
    if all(activation.doubt is not None for activation in running) and first.doubt is not None:
        return f"Asks whether {_names(a.name for a in running)} happened, in doubt since {told.ago(first.doubt.since)}."
    attempt = f" (attempt {first.attempt})" if len(running) == 1 and first.attempt > 1 else ""
    return f"Runs {_names(activation.name for activation in running)} since {told.ago(first.since)}{attempt}."


def _ready(told: _Told, ready: list[Activation]) -> str:
    since = told.ago(min(a.since if a.doubt is None else a.doubt.since for a in ready))
    lacking = [activation for activation in ready if activation.node in told.missing]
    if lacking:
        functions = _names(dict.fromkeys(told.missing[activation.node] for activation in lacking))
        return f"Is ready since {since}, but the engine doesn't have the function {functions}."
    names = _names(activation.name for activation in ready)
    if all(activation.doubt is not None for activation in ready):
        return f"Is in doubt since {since}: an engine with a free slot is to ask whether {names} happened."
    wait, what = ("waits", "its function") if len(ready) == 1 else ("wait", "their functions")
    return f"Is ready since {since}: {names} {wait} for an engine that has {what} and a free slot."


def _backoff(told: _Told, name: str) -> str:
    activation = told.run.activations[name]
    outcomes_max = activation.retry.max_attempts if activation.retry is not None else 1
    after = "" if activation.error is None else f" after {_error(activation.error)}"
    unserved = "" if told.served else ", but no engine has this store open"
    left = told.left(told.run.backoff[name])
    return f"Retries `{name}` in {left} (attempt {activation.outcomes + 1} of {outcomes_max}){after}{unserved}."


# -- what waits for somebody, or for time -----------------------------------------------------------------------


def _waits(told: _Told) -> Why:
    """Nothing goes on by itself, so there is something that it needs."""
    needs = told.needs
    kinds = {need.kind for need in needs}
    if len(kinds) > 1:
        return _several(told)
    kind = needs[0].kind
    match kind:
        case NeedKind.PERSON if len(needs) > 1:
            sentence, then = f"Waits for people: {_names(need.activation for need in needs)}.", ()
        case NeedKind.PERSON:
            sentence, then = _person(told, needs[0])
        case NeedKind.EVENT | NeedKind.SIGNAL if len(needs) == 1:
            sentence, then = _message(told, needs[0])
        case NeedKind.EVENT | NeedKind.SIGNAL:
            sentence, then = f"Waits for {', '.join(map(_brief, needs[:3]))}{_and_more(needs)}.", ()
        case NeedKind.DOUBT:
            sentence, then = _in_doubt(told, needs), ()
        case NeedKind.QUARANTINE:
            sentence, then = f"{_capital(_quarantined(told, needs))}.", ()
        case NeedKind.CHILD:
            sentence, then = _children(told, needs), ()
        case NeedKind.TIME:
            return _time(told)
    if kind is NeedKind.CHILD:
        then = tuple(command for need in needs[:3] for command in need.commands)
    return Why(code=kind.value, sentence=sentence, needs=told.asked(), then=then)


def _several(told: _Told) -> Why:
    needs = told.needs
    overdue = any(_is_overdue(told, need.until) for need in needs)
    children = tuple(command for need in needs if need.kind is NeedKind.CHILD for command in need.commands)[:3]
    sentence = f"Waits for several things: {', '.join(map(_brief, needs[:4]))}{_and_more(needs, 4)}."
    return Why(code="several", sentence=sentence, needs=told.asked(), then=(*children, *(START if overdue else ())))


def _brief(need: Need) -> str:
    return f"{need.what} (`{need.activation}`)"


def _and_more(needs: Sequence[Need], shown: int = 3) -> str:
    return f" and {len(needs) - shown} more" if len(needs) > shown else ""


def _person(told: _Told, need: Need) -> tuple[str, tuple[Command, ...]]:
    deadline = "" if need.until is None else f", {_deadline(told, need.until)}"
    if need.call is not None:
        more = "an approval" if need.missing == 1 else f"{need.missing} approvals"
        what = f"Waits for {more}: `{need.activation}` is to call `{need.call.name}`"
        sentence = f"{what}, asked {told.ago(need.since)} ago{deadline}."
        return sentence, START if _is_overdue(told, need.until) else ()
    sentence = f"Waits for a person: `{need.activation}`, asked {told.ago(need.since)} ago{deadline}."
    return sentence, START if _is_overdue(told, need.until) else ()


def _message(told: _Told, need: Need) -> tuple[str, tuple[Command, ...]]:
    sentence = f"Waits for {need.what} since {told.ago(need.since)} ago"
    if need.until is None:
        return f"{sentence}.", ()
    until = f"until {told.tell_time(need.until)}" if need.until > told.at else _deadline(told, need.until)
    return f"{sentence}, {until}.", START if _is_overdue(told, need.until) else ()


def _in_doubt(told: _Told, needs: Sequence[Need]) -> str:
    if len(needs) > 1:
        return f"Is in doubt: nobody knows whether {_names(need.activation for need in needs)} happened."
    name = needs[0].activation
    activation = told.run.activations[name]
    ago = told.ago(activation.since)
    doubt = activation.doubt
    tried = ""
    if doubt is not None and doubt.error is not None:
        tried = f"; its reconcile failed ({_error(doubt.error)})"
    elif doubt is not None and doubt.interruptions:
        tried = f"; asking its reconcile was cut off {_times(doubt.interruptions)}"
    return f"Is in doubt: `{name}` was started {ago} ago and cut off; nobody knows whether it happened{tried}."


def _quarantined(told: _Told, needs: Sequence[Need]) -> str:
    names = _names(need.activation for need in needs)
    if len(needs) > 1:
        return f"is in quarantine: {names} were cut off too often in a row"
    activation = told.run.activations[needs[0].activation]
    return f"is in quarantine: {names} was cut off {_times(activation.interruptions)}"


def _times(count: int) -> str:
    return f"{count} time{'' if count == 1 else 's'} in a row"


def _children(told: _Told, needs: Sequence[Need]) -> str:
    since = told.ago(needs[0].since)
    if len(needs) > 1:
        return f"Waits for {len(needs)} children: {_names(need.activation for need in needs)}, since {since}."
    name = needs[0].activation
    return f"Waits for a child: `{name}` is {show_id(told.run.children[name])}, since {since}."


def _time(told: _Told) -> Why:
    until, name = min((need.until or 0, need.activation) for need in told.needs)
    if until <= told.at and not told.served:
        sentence = f"Waits for time: `{name}` is over since {told.ago(until)}, but no engine has this store open."
        return Why(code="unserved", sentence=sentence, then=START)
    unserved = "" if told.served else "; it takes an engine then, and none has this store open"
    sentence = f"Waits for time: `{name}` until {told.tell_time(until)}, in {told.left(until)}{unserved}."
    return Why(code="time", sentence=sentence, then=() if told.served else START)


def _deadline(told: _Told, until: int) -> str:
    if until > told.at:
        return f"deadline in {roughly(until - told.at)}"
    passed = f"the deadline passed {told.ago(until)} ago"
    return passed if told.served else f"{passed}, but no engine has this store open"


def _is_overdue(told: _Told, until: int | None) -> bool:
    return until is not None and until <= told.at and not told.served


# -- words ------------------------------------------------------------------------------------------------------


def _names(names: Iterable[str]) -> str:
    """At most three of them, and how many more there are."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) <= 3:
        return ", ".join(quoted)
    return f"{', '.join(quoted[:3])} and {len(quoted) - 3} more"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _error(error: ErrorData) -> str:
    return f"{error.error_class}: {_short(error.message)}" if error.message else error.error_class


def _short(text: str) -> str:
    return shorten(" ".join(text.split()), 100)
