"""What a history means: its events with all their fields, and what they fold to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pectin.core.event import AnyEvent, decode_events
from pectin.core.evolve import fold
from pectin.core.state import Run

RUN = (
    "error",
    "closing",
    "hold",
    "parent",
    "children",
    "limit",
    "wall",
    "inbox",
    "dedups",
    "listens",
    "decided",
    "resolved",
    "stopping",
    "quarantined",
    "fired",
    "unhandled",
    "budget",
    "part",
    "spent",
    "reserve",
    "reserved",
    "line",
)
ACTIVATION = (
    "status",
    "attempt",
    "outcomes",
    "interruptions",
    "timeout_ms",
    "retry",
    "begun_by",
    "not_before",
    "error",
    "waiting",
    "mapping",
    "child",
    "doubt",
    "ceiling",
    "wish",
)


def read(rows: list[bytes]) -> dict[str, Any]:
    """The meaning of a history, as JSON."""
    events: list[AnyEvent] = [event for row in rows for event in decode_events(row)]
    run = fold(Run(), events)
    return {
        "events": [{"type": type(event).__name__, **whole(event)} for event in events],
        "status": run.status,
        "state": run.data,
        **_tell(run, RUN),
        "loops": {name: loop.iteration for name, loop in run.loops.items()},
        "arrived": {name: whole(arrivals.collected) for name, arrivals in run.arrivals.items()},
        "activations": {name: _tell(activation, ACTIVATION) for name, activation in run.activations.items()},
    }


def read_least(rows: list[bytes]) -> dict[str, Any]:
    """What events mean that stand in no history: all their fields, by kind."""
    return {type(event).__name__: whole(event) for row in rows for event in decode_events(row)}


def whole(part: Any) -> Any:
    """A record as JSON with all its fields, those that have their defaults too."""
    fields: tuple[str, ...] | None = getattr(part, "__struct_fields__", None)
    if fields is not None:
        return _tell(part, fields)
    if isinstance(part, Mapping):
        return {str(name): whole(each) for name, each in cast("Mapping[Any, Any]", part).items()}
    if isinstance(part, list | tuple):
        return [whole(each) for each in cast("list[Any]", part)]
    return repr(part) if type(part).__name__ == "UnsetType" else part


def changes(then: Any, now: Any, where: str = "$") -> Iterator[str]:
    """What a meaning no longer says as it did. A field that it says besides is none: the code has learnt to ask."""
    if isinstance(then, dict) and isinstance(now, dict):
        said, says = cast("dict[str, Any]", then), cast("dict[str, Any]", now)
        for name, value in said.items():
            yield from changes(value, says[name], f"{where}.{name}") if name in says else [f"{where}.{name} is gone"]
    elif isinstance(then, list) and isinstance(now, list) and len(cast("Any", then)) == len(cast("Any", now)):
        for index, (one, other) in enumerate(zip(cast("list[Any]", then), cast("list[Any]", now), strict=True)):
            yield from changes(one, other, f"{where}[{index}]")
    elif then != now:
        yield f"{where} was {then!r} and is {now!r}"


def _tell(part: object, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: whole(getattr(part, name)) for name in fields}
