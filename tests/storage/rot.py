"""What becomes of files in years: bits flip, pages are zeroed or exchanged, ends are cut off."""

from __future__ import annotations

import random
from collections.abc import Callable

PAGE = 4096


def flip(content: bytearray, chance: random.Random) -> None:
    """One bit, where something is written."""
    while not content[place := chance.randrange(len(content))]:
        pass
    content[place] ^= 1 << chance.randrange(8)


def flip_some(content: bytearray, chance: random.Random) -> None:
    """Some bits of one page."""
    page = chance.randrange(len(content) // PAGE) * PAGE
    for _ in range(8):
        content[page + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)


def zero(content: bytearray, chance: random.Random) -> None:
    """A whole page."""
    page = chance.randrange(len(content) // PAGE) * PAGE
    content[page : page + PAGE] = bytes(PAGE)


def exchange(content: bytearray, chance: random.Random) -> None:
    """One page was written over another."""
    source, target = (chance.randrange(len(content) // PAGE) * PAGE for _ in range(2))
    content[target : target + PAGE] = content[source : source + PAGE]


def cut(content: bytearray, chance: random.Random) -> None:
    """The end is missing."""
    del content[chance.randrange(len(content)) :]


Damage = Callable[[bytearray, random.Random], None]
DAMAGES: tuple[Damage, ...] = (flip, flip, flip, flip_some, zero, exchange, cut)
"""Single bits most often: they are the least to be seen."""
