"""The audit of one history, event by event, as it grows: what no history may hold is found, and never raised."""

from __future__ import annotations

from pectin.core.audit.books import Books
from pectin.core.audit.finding import Finding, found
from pectin.core.audit.laws import check
from pectin.core.event import AnyEvent, ExecutionCreated
from pectin.core.evolve import evolve
from pectin.core.program import Program
from pectin.core.state import Run


class Audit:
    """`run` is what the events fold to, as long as it `folds`; `findings` is all that was found so far.

    An event that breaks a law and doesn't fold for that is found once.
    """

    __slots__ = ("_books", "_program", "findings", "folds", "run", "seq")

    def __init__(self, program: Program | None = None) -> None:
        self.run = Run()
        self.folds = True
        self.findings: list[Finding] = []
        self.seq = 0
        self._program = program
        self._books = Books()

    def take(self, seq: int, event: AnyEvent) -> None:
        """The next event, with its number."""
        known = len(self.findings)
        if seq != self.seq + 1:
            self._find("gap", seq, event, f"event {seq} follows event {self.seq}")
        if (self.seq == 0) != isinstance(event, ExecutionCreated):
            what = "does not begin with" if self.seq == 0 else "has a second"
            self._find("beginning", seq, event, f"the history {what} execution_created")
        for code, message in check(self._books, event, self._program):
            self._find(code, seq, event, message)
        self._books.note(seq, event)
        self.seq = seq
        if self.folds:
            self._fold(seq, event, is_explained=len(self.findings) > known)

    def _fold(self, seq: int, event: AnyEvent, *, is_explained: bool) -> None:
        try:
            evolve(self.run, event)
        except Exception as problem:  # damage has no limits
            self.folds = False
            if not is_explained:
                what = str(problem).partition("\n")[0] or type(problem).__name__  # pytest says more of an assertion
                self._find("unfoldable", seq, event, f"it can't follow what came before: {what}")

    def _find(self, code: str, seq: int, event: AnyEvent, message: str) -> None:
        tag = type(event).__struct_config__.tag
        self.findings.append(found(code, f"event {seq}, {tag}", message))
