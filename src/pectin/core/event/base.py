"""What all events have, and how a settled activation leads on."""

from __future__ import annotations

from typing import Final

import msgspec

SAME_TIME: Final = -(2**63)
"""In a stored row, `at` of an event that happened when the first did: an encoder leaves it out."""


class Event(
    msgspec.Struct,
    frozen=True,
    gc=False,
    omit_defaults=True,
    tag_field="type",
    kw_only=True,
    forbid_unknown_fields=True,
):
    """What all events have. `at` has a default for the encoder's sake only."""

    at: int = SAME_TIME


class Route(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Where a settled activation leads: its edges, resolved.

    `taken` and `dead` are activations in the same iteration. Edges that leave the innermost loop are held by it until
    it ends: `exits`, `error_exits` (taken on failure: they end the loop) and `dead_exits` are the nodes they lead to.
    A target stands once for each edge to it.
    `collected` are those of `taken` that keep what arrives (joins), `collected_exits` those of the exits.
    `approved`, in an `approval_gated` execution, are those of `taken` and of the exits to which every taken edge leads
    with a person's approval, and the loop's header if it `repeats` so.
    """

    taken: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    exits: tuple[str, ...] = ()
    error_exits: tuple[str, ...] = ()
    dead_exits: tuple[str, ...] = ()
    collected: tuple[str, ...] = ()
    collected_exits: tuple[str, ...] = ()
    repeats: bool = False
    approved: tuple[str, ...] = ()


NOWHERE: Final = Route()
"""No edges. An encoder leaves out only what *is* the default: hand in this one."""


class Settling(Event, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """An event that settles an activation, once and for all. `loop` is the innermost loop that counts it.

    `unresolved` counts the edges to a join that were still to be resolved when it fired: what comes by them is dropped.
    """

    activation: str
    route: Route = NOWHERE
    loop: str | None = None
    unresolved: int = 0
