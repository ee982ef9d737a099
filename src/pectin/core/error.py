"""Errors, of two sorts: what Pectin raises, and failures as data.

An exception ends a call. A failure of a node is a fact: it is stored, retried by its class, routed by
`on_error` edges and shown to people, so it is JSON and never an exception object.
"""

from __future__ import annotations

import msgspec


class PectinError(Exception):
    """The base of everything that Pectin raises on purpose."""


class BadValue(PectinError, ValueError):
    """Something handed in that can't be used.

    `path` says where (`$.items[3]`, `line 2, column 5`, or the name of a field), `what` is wrong with it, and
    `hint` says what to do instead.
    """

    def __init__(self, path: str, what: str, hint: str) -> None:
        super().__init__(path, what, hint)
        self.path = path
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.hint}"


class ErrorData(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failure as it stands in a history, and as `error` in expressions.

    `error_class` is what a retry policy names (`timeout`, `io_error`, any custom one), `type` the name of the
    exception's type. `traceback` holds the author's frames. `attempt` counts from 1; an activation that fails
    without being run has none.
    """

    error_class: str
    type: str
    message: str
    traceback: str | None = None
    attempt: int | None = None

    def variable(self) -> dict[str, str | int]:
        """`error` in expressions: without the traceback, and without `attempt` if there was none."""
        shown: dict[str, str | int] = {"error_class": self.error_class, "type": self.type, "message": self.message}
        if self.attempt is not None:
            shown["attempt"] = self.attempt
        return shown


def quote(value: object) -> str:
    """A value as messages show it: not more than 80 characters of its `repr`."""
    try:
        return shorten(repr(value), 80)
    except (ValueError, RecursionError):  # an integer of thousands of digits, or thousands of levels
        return f"a huge {type(value).__name__}"


def clean(text: str) -> str:
    """The text without what JSON and UTF-8 can't hold (lone surrogates)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def shorten(text: str, characters_max: int) -> str:
    """The text, or as much of its beginning and end as fits, with a mark where something was left out."""
    if len(text) <= characters_max:
        return text
    mark = " … "
    kept = max(characters_max - len(mark), 0)
    tail = kept // 2
    return text[: kept - tail] + mark[: characters_max - kept] + text[len(text) - tail :]
