"""The line in which the commits of one execution stand, while those before them are on their way."""

from __future__ import annotations


class Line:
    """Commits of one execution, each made in memory on top of the one before and before that was through.

    Once one of them fails, those behind it rest on what never happened. Their versions may fit all the same, because
    another writer, who came first, wrote as many events. So a store that fails one breaks the line, and refuses the
    rest with `VersionConflict`.
    """

    __slots__ = ("is_broken",)

    def __init__(self) -> None:
        self.is_broken = False
