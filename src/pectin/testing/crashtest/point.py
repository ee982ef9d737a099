"""Where a life of a process ends: at a commit, or between an effect and its record."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean


class When(StrEnum):
    """On which side of a thing the process is killed.

    `inside` a commit all its statements are made and COMMIT is not; `after` it, it is durable and nobody has been told.
    After a body, its effect has happened and no record of it is made.
    """

    BEFORE = "before"
    INSIDE = "inside"
    AFTER = "after"
    BEFORE_BODY = "before-body"
    AFTER_BODY = "after-body"
    BEFORE_RECONCILE = "before-reconcile"
    AFTER_RECONCILE = "after-reconcile"

    @property
    def is_of_commit(self) -> bool:
        return self in (When.BEFORE, When.INSIDE, When.AFTER)

    @property
    def is_of_reconcile(self) -> bool:
        return self in (When.BEFORE_RECONCILE, When.AFTER_RECONCILE)


_COMMIT: Final = re.compile(r"commit-([1-9][0-9]{0,8})")
_ATTEMPT: Final = re.compile(r"(?P<place>[A-Za-z_][^:@]*)(?:@(?P<attempt>[1-9][0-9]{0,8}))?")
_HINT: Final = "write a node or a commit and when: pay:after-body, commit-7:inside"


class Point(msgspec.Struct, frozen=True, order=True):
    """`place` is an activation (`pay`, `act[2]`, and in a child `ship/pack`), in its attempt `number`; or it is empty,
    and `number` is that of the commit in this life, from 1."""

    place: str
    number: int
    when: When

    def __str__(self) -> str:
        if not self.place:
            return f"commit-{self.number}:{self.when}"
        attempt = "" if self.number == 1 else f"@{self.number}"
        return f"{self.place}{attempt}:{self.when}"


def commit_point(number: int, when: When) -> Point:
    """A point at the commit of this number."""
    return Point("", number, when)


def parse_point(text: str) -> Point:
    """Read what `str` of a point writes. Raises `BadValue`."""
    place, _, word = text.rpartition(":")
    if word not in list(When):
        hint = did_you_mean(word, list(When)) or f"it ends in {', '.join(f':{when}' for when in When)}"
        raise BadValue("point", f"{quote(text)} doesn't say when", f"{hint}; {_HINT}")
    when = When(word)
    commit, attempt = _COMMIT.fullmatch(place), _ATTEMPT.fullmatch(place)
    if commit is not None:
        if not when.is_of_commit:
            raise BadValue("point", f"{quote(text)}: a commit has no body", "write before, inside or after")
        return commit_point(int(commit[1]), when)
    if attempt is None:
        raise BadValue("point", f"{quote(text)} is no point of a run", _HINT)
    if when.is_of_commit:
        raise BadValue("point", f"{quote(text)}: `{place}` is no commit", f"write {place}:before-body or after-body")
    return Point(attempt["place"], int(attempt["attempt"] or 1), when)
