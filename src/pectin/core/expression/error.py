"""The two ways an expression goes wrong: it can't be accepted, or it can't be evaluated.

Both texts are for people. `ExpressionError` knows its place, so that whoever holds the surrounding document
(YAML, a Python file, a template) can draw its own caret.
"""

from pectin.core.hint import picture


class ExpressionError(ValueError):
    """The source is no expression, or doesn't fit the variables' schemas.

    `start` and `end` are offsets in characters of `source`; `hint` says what to do, or is empty.
    """

    def __init__(self, message: str, start: int, end: int, hint: str = "", source: str = "") -> None:
        super().__init__(message, start, end, hint, source)
        self.message, self.start, self.end, self.hint, self.source = message, start, end, hint, source

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def render(self) -> str:
        """The line of the source and, below it, carets and the hint."""
        return picture(self.source, self.start, self.end, self.hint)


class EvaluationError(Exception):
    """These values have no result: a missing key, null where a number is needed, an overflow, …"""


class StepsExceeded(EvaluationError):
    """The evaluation takes more steps than one may. Unlike other errors, `&&` and `||` don't absorb it."""
