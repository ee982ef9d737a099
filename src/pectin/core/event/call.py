"""Facts about calls that a policy stops until people have approved them."""

from __future__ import annotations

import msgspec

from pectin.core.definition import Json
from pectin.core.event.base import Event
from pectin.core.policy import Ask


class Call(msgspec.Struct, frozen=True, gc=False):
    """A call that is to be approved: the name of what is called, with which arguments, and the rules that ask."""

    name: str
    arguments: Json
    asks: tuple[Ask, ...]


class CallParked(Event, tag="call_parked", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """scheduled to running: the activation's call waits for people to approve it, until `until`.

    `digest` is of the call with its arguments; an approval is of that call and of no other.
    """

    activation: str
    call: Call
    digest: str
    until: int | None = None


class CallApproved(Event, tag="call_approved", frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Somebody approves the call. With the one who `decides` its rules are met: running to scheduled."""

    activation: str
    by: str
    comment: str | None = None
    decides: bool = False
