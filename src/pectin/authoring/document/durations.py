"""Durations as a document says them: exactly, and in the units in which people say them."""

from __future__ import annotations

from typing import Final

_DAY_MS: Final = 86_400_000
_HOUR_MS: Final = 3_600_000
_UNITS_MS: Final = {"d": _DAY_MS, "h": _HOUR_MS, "m": 60_000, "s": 1_000, "ms": 1}


def write_duration(duration_ms: int) -> str:
    """The shortest text that is read as this duration: `72h`, `1h30m`, `1s500ms`. Days are for 100 hours and more."""
    parts: list[str] = []
    rest_ms = duration_ms
    for unit, unit_ms in _UNITS_MS.items():
        if unit == "d" and duration_ms < 100 * _HOUR_MS:
            continue
        count, rest_ms = divmod(rest_ms, unit_ms)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
