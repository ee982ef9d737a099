"""Names of activations: `review`, `act[3]`, `act[3][1]`, `score[3]#7`.

An activation is one entry of a node. Its name is the node's id, the iteration of every enclosing loop from
the outermost in (from 1), and for an item its place in the list (from 0). Every key in the system is made
from this name, so there is one way to write it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from pectin.core.error import BadValue, quote

NODE_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""What the whole of a node's id must match."""

MESSAGE_NAME: Final = re.compile(rf"{NODE_ID.pattern}(?:\.{NODE_ID.pattern})*")
"""What the whole of a signal's or an external event's name must match: `go`, `order.paid`."""

_NAME: Final = re.compile(
    rf"(?P<node>{NODE_ID.pattern})(?P<iterations>(?:\[[1-9][0-9]{{0,9}}\])*)(?:#(?P<item>0|[1-9][0-9]{{0,9}}))?"
)


NAMES_KEPT: Final = 16_384
"""Names that stay read: more than 10,000 branches or nodes have, which come up in turn."""


class ActivationName(NamedTuple):
    """The parts of an activation's name; `str()` puts them together again."""

    node: str
    iterations: tuple[int, ...] = ()
    item: int | None = None

    @property
    def iteration(self) -> int | None:
        """That of the innermost loop, None outside loops."""
        return self.iterations[-1] if self.iterations else None

    def __str__(self) -> str:
        return activation_name(self.node, self.iterations, self.item)


def activation_name(node: str, iterations: tuple[int, ...] = (), item: int | None = None) -> str:
    """Write the name of one entry of `node`, which is a node's id already checked.

    Iterations count from 1, the outermost loop first; items count from 0.
    """
    if not iterations and item is None:
        return node
    assert all(iteration >= 1 for iteration in iterations), "iterations count from 1"
    assert item is None or item >= 0, "items count from 0"
    loops = "".join([f"[{iteration}]" for iteration in iterations])
    return f"{node}{loops}" if item is None else f"{node}{loops}#{item}"


@lru_cache(NAMES_KEPT)
def parse_activation(text: str) -> ActivationName:
    """Read a name that `activation_name` wrote, or that a person typed. Raises `BadValue`.

    One name is read several times in a step, so the last ones are remembered.
    """
    if text.isidentifier() and text.isascii():  # most names
        return ActivationName(text)
    match = _NAME.fullmatch(text)
    if match is None:
        raise BadValue(
            "activation",
            f"{quote(text)} is not the name of an activation",
            "write a node's id, then [n] for each loop around it (from 1), then #i for an item (from 0):"
            " review, act[3][1], score[3]#7",
        )
    iterations = tuple(int(number) for number in re.findall("[0-9]+", match["iterations"]))
    return ActivationName(match["node"], iterations, None if match["item"] is None else int(match["item"]))
