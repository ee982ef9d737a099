"""Durations: read from the forms that people and documents use, kept as whole milliseconds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, cast

from pectin.core.error import BadValue, quote

DURATION_MS_MAX: Final = 100 * 365 * 86_400_000
"""A hundred years. Longer is a mistake, and would lead to times that no calendar has."""

_HINT: Final = 'write "250ms", "90s", "1h30m", "3d", an ISO 8601 duration such as "PT1H30M", or whole seconds'

_UNITS_MS: Final = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "min": 60_000, "s": 1_000, "ms": 1}

_NUMBER: Final = r"([0-9]{1,15}(?:\.[0-9]{1,9})?)"
_PLAIN: Final = re.compile(
    rf"(?:{_NUMBER} ?d)? ?(?:{_NUMBER} ?h)? ?(?:{_NUMBER} ?m(?:in)?)? ?(?:{_NUMBER} ?s)? ?(?:{_NUMBER} ?ms)?"
)
_PLAIN_UNITS: Final = ("d", "h", "min", "s", "ms")
_ISO: Final = re.compile(
    rf"P(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?=[0-9])(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_ISO_UNITS: Final = ("w", "d", "h", "min", "s")


def parse_duration(value: object, path: str = "duration") -> int:
    """Read a duration, in milliseconds. Raises `BadValue` at `path`.

    Forms: text as `90s`, `1h30m`, `72h`, `250ms`, `3d`, `1.5 h`, or ISO 8601 (`PT1H30M`, `P3D`); an int of
    seconds; a `timedelta`; JamJet's `{"secs": 90, "nanos": 0}`. A float is refused: 0.1 s has no exact one.
    Nothing is rounded: what is finer than a millisecond is refused, and so is what is over 100 years.
    """
    duration_ms = _read(value, path)
    if duration_ms < 0:
        raise BadValue(path, f"{quote(value)} is negative", _HINT)
    if duration_ms > DURATION_MS_MAX:
        raise BadValue(path, f"{quote(value)} is longer than 100 years", "write a shorter one")
    if duration_ms != int(duration_ms):
        raise BadValue(path, f"{quote(value)} is finer than a millisecond", "write whole milliseconds")
    return int(duration_ms)


def format_duration(duration_ms: int, *, measured: bool = False) -> str:
    """Write a duration for people, in its two largest units: `72 h`, `1 h 30 min`, `8.2 s`, `2 ms`.

    What is finer is cut, so it never says more time than there is. A measured time keeps its tenth of a
    second: `30.0 s` took that long, and `30 s` was allowed.
    """
    assert duration_ms >= 0
    if duration_ms < 1_000:
        return f"{duration_ms} ms"
    if duration_ms < 60_000:
        seconds, tenths = divmod(duration_ms // 100, 10)
        return f"{seconds}.{tenths} s" if tenths or measured else f"{seconds} s"
    if duration_ms < 3_600_000:
        return _two_units(duration_ms // 1_000, 60, ("min", "s"))
    if duration_ms < 100 * 3_600_000:  # 72 h is said as it was written; from 100 h on, days are clearer
        return _two_units(duration_ms // 60_000, 60, ("h", "min"))
    return _two_units(duration_ms // 3_600_000, 24, ("d", "h"))


def duration_to_json(duration_ms: int) -> int | dict[str, int]:
    """The form that JamJet writes, whole seconds; what has a fraction in the form that it also reads."""
    seconds, rest_ms = divmod(duration_ms, 1_000)
    return {"secs": seconds, "nanos": rest_ms * 1_000_000} if rest_ms else seconds


def _two_units(small: int, per_large: int, units: tuple[str, str]) -> str:
    large, rest = divmod(small, per_large)
    return f"{large} {units[0]} {rest} {units[1]}" if rest else f"{large} {units[0]}"


def _read(value: object, path: str) -> Decimal:
    """The milliseconds, exactly, of a duration in any form."""
    match value:
        case str():
            return _read_text(value, path)
        case int() if not isinstance(value, bool):
            return Decimal(value) * 1_000
        case timedelta():
            return Decimal(value // timedelta(microseconds=1)) / 1_000
        case Mapping():
            return _read_parts(cast(Mapping[Any, Any], value), path)
        case _:
            raise BadValue(path, f"{quote(value)} is no duration", _HINT)


def _read_text(text: str, path: str) -> Decimal:
    """The milliseconds of a text, which may have a fraction in its last number."""
    stripped = text.strip()
    iso = stripped.startswith("P")
    match = (_ISO if iso else _PLAIN).fullmatch(stripped)
    numbers = [] if match is None else [number for number in match.groups() if number is not None]
    if match is None or not numbers:
        raise BadValue(path, f"{quote(text)} is no duration", _hint_for(stripped))
    if any("." in number for number in numbers[:-1]):
        raise BadValue(path, f"{quote(text)} has a fraction before its last number", _HINT)
    units = _ISO_UNITS if iso else _PLAIN_UNITS
    return sum(
        (Decimal(number) * _UNITS_MS[unit] for number, unit in zip(match.groups(), units, strict=True) if number),
        Decimal(0),
    )


def _hint_for(text: str) -> str:
    if re.fullmatch("[0-9]{1,15}", text):
        return f'write "{text}s" for seconds, or with another unit'
    if re.match(r"P[^T]*[YM]", text):
        return "write days: years and months have no fixed length"
    return _HINT


def _read_parts(parts: Mapping[Any, Any], path: str) -> Decimal:
    """The milliseconds of JamJet's `{secs, nanos}`."""
    if set(parts) != {"secs", "nanos"} or any(type(part) is not int for part in parts.values()):
        raise BadValue(path, f"{quote(dict(parts))} is no duration", 'write {"secs": 90, "nanos": 0}, both integers')
    secs, nanos = parts["secs"], parts["nanos"]
    if secs < 0 or not 0 <= nanos < 1_000_000_000:
        raise BadValue(
            path, f"{quote(dict(parts))} is out of range", "write secs from 0, and nanos from 0 to 999999999"
        )
    return Decimal(secs) * 1_000 + Decimal(nanos) / 1_000_000


def roughly(duration_ms: int) -> str:
    """A duration in its largest unit only: `41 s`, `2 h`, `3 d`. It is cut, and never less than nothing."""
    cut = duration_ms if duration_ms < 1_000 else duration_ms // 1_000 * 1_000
    return " ".join(format_duration(max(cut, 0)).split()[:2])
