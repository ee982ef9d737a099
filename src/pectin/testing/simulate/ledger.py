"""What the world outside saw: which bodies were entered, and which had their effect. It asks no engine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Entry:
    """A body was entered. It is `late` if its process had been deposed by then, and `done` once it had its effect."""

    execution: str
    activation: str
    attempt: int
    key: str
    asks: bool
    late: bool
    done: bool = False


Ledger = list[Entry]
"""All entries, in their order."""
