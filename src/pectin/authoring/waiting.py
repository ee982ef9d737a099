"""Nodes that wait: for a person, a time, an event or a signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict, cast

from pectin.authoring.draft import Draft, DraftNode, Duration
from pectin.authoring.places import find_caller
from pectin.core.action import TIMEOUT
from pectin.core.definition import Json, Place
from pectin.core.error import quote


class Waits(TypedDict, total=False):
    """How long a wait for an event or a signal is, and where its payload goes.

    After `duration`, or at the time `until`, it goes on without one. Past its `deadline` it fails.
    """

    duration: Duration
    until: str
    deadline: Duration
    output_key: str


class WaitOptions(Waits, total=False):
    """All that a wait can be for."""

    event: str
    key: str
    signal: str


def approval_node(
    draft: Draft,
    name: str,
    prompt: str,
    *,
    deadline: Duration | None,
    decisions: Sequence[str],
    editable: Sequence[str],
) -> DraftNode:
    """A wait for a person."""
    place = find_caller().place
    config: dict[str, Json] = {"prompt": prompt, "decisions": _read_names(draft, name, place, "decisions", decisions)}
    if changeable := _read_names(draft, name, place, "editable", editable):
        config["editable"] = changeable
    deadline_ms = draft.read_duration(deadline, place, f"the deadline of approval `{name}`")
    if deadline_ms is not None:
        config["deadline_ms"] = deadline_ms
    return DraftNode(name=name, kind="human_approval", place=place, config=config)


def outcomes(draft: Draft, node: DraftNode, deadline: Duration | None) -> tuple[str, ...]:
    """The decisions that an approval may lead on by; a deadline decides too."""
    decided = deadline is not None or draft.header.timeouts.approval_timeout_ms is not None
    return (*node.config["decisions"], TIMEOUT) if decided else tuple(node.config["decisions"])


def wait_node(
    draft: Draft,
    name: str,
    *,
    duration: Duration | None = None,
    until: str | None = None,
    event: str | None = None,
    key: str | None = None,
    signal: str | None = None,
    deadline: Duration | None = None,
    output_key: str | None = None,
) -> DraftNode:
    """A wait for a time, an event or a signal, whichever comes first."""
    place = find_caller().place
    for _, message, hint in complain_of_wait(duration, until, event, key, signal):
        draft.note(place, "E017", f"wait `{name}` {message}", hint)
    said: dict[str, Json] = {
        "duration_ms": draft.read_duration(duration, place, f"the duration of wait `{name}`"),
        "until": until,
        "event": event,
        "correlation": key,
        "signal": signal,
        "deadline_ms": draft.read_duration(deadline, place, f"the deadline of wait `{name}`"),
    }
    config = {setting: value for setting, value in said.items() if value is not None}
    return DraftNode(name=name, kind="wait", place=place, config=config, output_key=output_key)


def complain_of_wait(
    duration: Duration | None, until: str | None, event: str | None, key: str | None, signal: str | None
) -> list[tuple[str, str, str]]:
    """What doesn't go together, and what to do: as the kind says it, but by the names that an author writes; before
    that, the setting that it is about."""
    complaints: list[tuple[str, str, str]] = []
    if duration is until is event is signal is None:
        complaints.append(("", "waits for nothing", "write `duration`, `until`, `event` or `signal`"))
    if duration is not None and until is not None:
        complaints.append(("until", "has both a duration and a time", "write `duration` or `until`"))
    if event is not None and not key:
        hint = "write a `key`, such as `{{ state.order }}`"
        complaints.append(("event", f"doesn't say which event `{event}` is its own", hint))
    if event is None and key is not None:
        complaints.append(("correlation", "has a key and no event", "name the event, or delete the key"))
    return complaints


def _read_names(draft: Draft, name: str, place: Place, setting: str, names: object) -> list[Json]:
    """A list of names. A text is no list of its letters."""
    if isinstance(names, list | tuple):
        return list(cast("Sequence[Json]", names))
    message = f"approval `{name}`: `{setting}`, {quote(names)}, is no list"
    example = names if isinstance(names, str) else "..."
    draft.note(place, "E017", message, f'write a list of texts: `{setting}=["{example}"]`')
    return [names] if isinstance(names, str) else []
