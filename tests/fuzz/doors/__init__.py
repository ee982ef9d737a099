"""Every place where something comes in that may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.fuzz.doors import commands, definitions, expressions, stored, values, words
from tests.fuzz.judge import Door

DOORS: Final[Mapping[str, Door]] = {
    door.name: door
    for door in (
        *definitions.DOORS,
        *expressions.DOORS,
        *values.DOORS,
        *commands.DOORS,
        *stored.DOORS,
        *words.DOORS,
    )
}
