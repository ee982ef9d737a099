"""Times and values in the form in which people read them, and JSON in the form in which programs do."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from pectin.cli.streams import answer
from pectin.core.definition import Json
from pectin.core.error import shorten
from pectin.core.event import AnyEvent
from pectin.core.need import EXEC, FILE, Command, missing_approvals
from pectin.core.record import format_time
from pectin.core.state import Run, Waiting, to_datetime

VALUE_CHARACTERS_MAX: Final = 20
STATE_CHARACTERS_MAX: Final = 400
STATE_KEYS_MAX: Final = 20

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BARE: Final = re.compile(r"[\w.+:/@%-]+")
_TIMES: Final = ("at", "until", "not_before", "grace_until")


def local_time(at: int, now: int) -> str:
    """A time of this place: `09:14` today, else `Thu 26 Nov 09:14`, with the year if it is another."""
    time, today = _local(at), _local(now)
    clock = f"{time.hour:02}:{time.minute:02}"
    if time.date() == today.date():
        return clock
    year = f" {time.year}" if time.year != today.year else ""
    return f"{_DAYS[time.weekday()]} {time.day} {_MONTHS[time.month - 1]}{year} {clock}"


def local_clock(at: int) -> str:
    """`09:14:02.114`, of this place."""
    return f"{_local(at):%H:%M:%S}.{at % 1_000:03}"


def local_date_time(at: int) -> str:
    """`23 Nov 2026 09:14:02`, of this place."""
    time = _local(at)
    return f"{time.day} {_MONTHS[time.month - 1]} {time.year} {time:%H:%M:%S}"


def utc(at: int) -> str:
    """A time for programs."""
    return format_time(to_datetime(at))


def show_path(path: str) -> str:
    """A file as people see it: one in the working directory is relative to it. A URL stays as it is."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def show_value(value: Json, characters_max: int = VALUE_CHARACTERS_MAX) -> str:
    """A value in a few words: numbers and names as they are stored, text with spaces in quotes."""
    match value:
        case str() if _BARE.fullmatch(value) and len(value) <= characters_max:
            return value
        case str():
            quoted = json.dumps(value, ensure_ascii=False)
            return quoted if len(quoted) <= characters_max else quoted[: characters_max - 2].rstrip() + '…"'
        case list():
            return _count(cast("list[Json]", value), "item", "[]")
        case dict():
            return _count(cast("dict[str, Json]", value), "key", "{}")
        case _:
            return json.dumps(value)


def show_patch(patch: Mapping[str, Json], unset: Sequence[str], before: Mapping[str, Json] | None = None) -> str:
    """What changed in the state: `amount 1299.00`, or with the state before it `amount 0 → 1299.00`."""
    parts: list[str] = []
    for key, value in patch.items():
        old = "" if before is None else f"{show_value(before[key])} → " if key in before else ""
        parts.append(f"{key} {old}{show_value(value)}")
    parts += [f"{key} removed" for key in unset]
    return ", ".join(parts)


def show_state(state: Mapping[str, Json], columns: int) -> list[str]:
    """A state: its JSON while that is short, else a line for each of its first keys."""
    whole = dump_json(state, sort=True)
    if len(whole) <= STATE_CHARACTERS_MAX:
        return [whole]
    shown = sorted(state)[:STATE_KEYS_MAX]
    width = max(map(len, shown))
    room = max(columns - width - 10, VALUE_CHARACTERS_MAX)
    lines = [f"{key:<{width}}  {show_value(state[key], room)}" for key in shown]
    return lines if len(state) == len(shown) else [*lines, f"and {len(state) - len(shown)} more"]


def one_line(text: str, characters_max: int = 200) -> str:
    """A text without its line breaks, and not too long."""
    return shorten(" ".join(text.split()), characters_max)


def dump_json(value: object, *, sort: bool = False) -> str:
    """A JSON value in one line, in what standard output can show."""
    is_utf8 = (answer().encoding or "").lower().replace("-", "") == "utf8"
    return json.dumps(value, ensure_ascii=not is_utf8, sort_keys=sort)


def put_json(value: object, *, sort: bool = False) -> None:
    """Write a JSON value to standard output, in a line of its own."""
    stream = answer()
    stream.write(dump_json(value, sort=sort) + "\n")
    stream.flush()


def put_chart(chart: str, code: str) -> None:
    """Write a chart to standard output. What that can't show stands there as its language's `code` for it."""
    stream = answer()
    encoding = stream.encoding or "utf-8"
    shown = "".join(sign if sign.encode(encoding, "ignore") else code.format(ord(sign)) for sign in chart)
    stream.write(shown + "\n")
    stream.flush()


def event_document(seq: int, event: AnyEvent) -> dict[str, Any]:
    """An event for programs: its type first, times in UTC."""
    document: dict[str, Any] = msgspec.to_builtins(event)
    document = {"type": document.pop("type"), "seq": seq, **document}
    for name in _TIMES:
        if isinstance(document.get(name), int):
            document[name] = utc(document[name])
    document["at"] = document.pop("at")
    return document


def show_message(wait: Waiting) -> str:
    """The messages that end a wait: `event parcel "C-77" or signal go`; nothing for one that takes none."""
    key = f" {json.dumps(one_line(wait.correlation, 60), ensure_ascii=False)}" if wait.correlation else ""
    event = [f"event {wait.event}{key}"] if wait.event is not None else []
    return " or ".join([*event, *([f"signal {wait.signal}"] if wait.signal is not None else [])])


def show_editable(wait: Waiting) -> str:
    """What a decision may change, as it was shown: `amount 1299.00, note null`."""
    return ", ".join(f"{key} {show_value(value)}" for key, value in wait.editable.items())


def show_arguments(arguments: Json) -> str:
    """What is called with, in a line: `order "A-1", amount 1299.00`."""
    shown = cast("Mapping[str, Json]", arguments) if isinstance(arguments, dict) else {"it": arguments}
    return one_line(show_patch(shown, ())) or "nothing"


def show_call(wait: Waiting, run: Run, columns: int) -> list[str]:
    """The call that people are to approve: its arguments as they are, and what each rule still asks for."""
    if wait.call is None:
        return []
    lines = ["with", *(f"  {line}" for line in show_state(wait.call.arguments, columns - 6))]
    for ask in wait.call.asks:
        rule = ask.rule
        given = [by for by in wait.approved_by if rule.lets_approve(by, run.requester)]
        people = f" of {', '.join(rule.of)}" if rule.of else ""
        other = f", not by {run.requester}, who started it" if rule.not_requester else ""
        counted = f": {', '.join(given)}" if given else ""
        lines.append(f"{len(given)} of {rule.approvers} approvals{people}{other}{counted} ({ask.level}: {rule.tool})")
    return lines


def call_document(wait: Waiting, run: Run) -> dict[str, Any]:
    """The call that people are to approve, for programs."""
    assert wait.call is not None, "only a call is approved this way"
    rules = [
        {"level": ask.level.value, **msgspec.to_builtins(ask.rule), "missing": ask.rule.lacks(wait.approved_by, by)}
        for by in (run.requester,)
        for ask in wait.call.asks
    ]
    return {
        "name": wait.call.name,
        "arguments": wait.call.arguments,
        "approved_by": list(wait.approved_by),
        "missing": missing_approvals(run, wait),
        "rules": rules,
    }


def waiting_document(run: Run) -> list[dict[str, Any]]:
    """What an execution waits for, for programs: an entry for each thing that can come, with its `kind`. One activation
    that waits for an event or a signal, whichever comes first, has both."""
    found: list[dict[str, Any]] = []
    if run.hold is not None:
        found.append({"kind": "hold", **msgspec.to_builtins(run.hold), "since": utc(run.hold.since), "until": None})
    for name, activation in run.activations.items():
        if name in run.quarantined:
            since = utc(run.quarantined[name])
            found.append({"kind": "quarantine", "activation": name, "since": since, "until": None})
        elif activation.waiting is not None:
            found += _wait_documents(run, name, activation.waiting)
        elif activation.doubt is not None and not activation.doubt.asks:
            doubt = activation.doubt
            entry = {"attempt": doubt.attempt, "reason": doubt.reason, "since": utc(doubt.since), "until": None}
            found.append({"kind": "doubt", "activation": name, **entry})
        elif activation.child is not None:
            entry = {"child": activation.child, "since": utc(activation.since), "until": None}
            found.append({"kind": "child", "activation": name, **entry})
    return found


def _wait_documents(run: Run, name: str, wait: Waiting) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if wait.decisions:
        asked = {"decisions": list(wait.decisions), "prompt": wait.prompt, "digest": wait.digest}
        call = {} if wait.call is None else {"call": call_document(wait, run)}
        found.append({"kind": "person", "activation": name, **asked, "editable": wait.editable, **call})
    if wait.event is not None:
        found.append({"kind": "event", "activation": name, "event": wait.event, "correlation": wait.correlation})
    if wait.signal is not None:
        found.append({"kind": "signal", "activation": name, "signal": wait.signal})
    times = {"since": utc(wait.since), "until": None if wait.until is None else utc(wait.until)}
    return [{**entry, **times} for entry in found or [{"kind": "time", "activation": name}]]


def spell(command: Command, execution: str, file: Sequence[str], options: Sequence[str] = ()) -> str:
    """A command of `core.why` that can be pasted. `file` are the words that name the author's."""
    meant = ([execution] if word == EXEC else file if word == FILE else [word] for word in command)
    words = [word for part in meant for word in part]
    end = words.index("--") if "--" in words else len(words)
    return shlex.join(["pectin", *words[:end], *options, *words[end:]])


def _local(at: int) -> datetime:
    return to_datetime(at).astimezone()


def _count(value: Sequence[Json] | Mapping[str, Json], what: str, brackets: str) -> str:
    left, right = brackets
    return f"{left}{len(value)} {what}{'' if len(value) == 1 else 's'}{right}" if value else left + right
