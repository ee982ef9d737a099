"""`pectin doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import Json, StoreOption

if TYPE_CHECKING:
    from pectin.cli.paper import Paper
    from pectin.runtime.doctor import Diagnosis, Seen


def doctor(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended without a guess.")] = False,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Check a store, and whether anybody in it is stranded."""
    import asyncio

    return asyncio.run(_doctor(repair, store, as_json))


async def _doctor(repair: bool, store: str | None, as_json: bool) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.visit import store_of, visiting
    from pectin.cli.words import show_path
    from pectin.runtime.doctor import Doctor

    report = _Lines(show_path(store_of(store))) if not as_json else _Documents()
    async with visiting(store) as visitor:
        examining = Doctor(visitor.store, mend=repair)
        async for diagnosis in examining.examine():
            if diagnosis is not None:
                report.tell(diagnosis)
            else:
                report.go_on(examining.seen)
    code = Exit.NO if report.left else Exit.OK
    report.end(examining.seen, code)
    return code


class _Report:
    """Counts what is found, and what of it is left."""

    def __init__(self) -> None:
        self.found = 0
        self.left = 0

    def tell(self, diagnosis: Diagnosis) -> None:
        """Something is wrong."""
        self.found += 1
        self.left += not diagnosis.mended

    def go_on(self, seen: Seen) -> None:
        """One execution more was examined."""

    def end(self, seen: Seen, code: int) -> None:
        """All were."""


class _Documents(_Report):
    """JSON Lines: one for each finding, and one for the outcome."""

    def tell(self, diagnosis: Diagnosis) -> None:
        from pectin.cli.words import put_json

        super().tell(diagnosis)
        finding, execution = diagnosis.finding, diagnosis.execution
        document: dict[str, Any] = {
            "type": "finding",
            "code": finding.code,
            "execution_id": None if execution is None else execution.to_json(),
            "where": finding.where,
            "message": finding.message,
            "hint": diagnosis.why_not or finding.hint,
            "mended": diagnosis.mended,
        }
        put_json(document)

    def end(self, seen: Seen, code: int) -> None:
        import msgspec

        from pectin.cli.words import put_json

        counts: dict[str, Any] = msgspec.to_builtins(seen)
        put_json({"type": "outcome", "exit_code": code, "findings": self.found, "left": self.left, **counts})


class _Lines(_Report):
    """Sentences, under the execution that they are about; on a terminal also how far it is."""

    def __init__(self, store: str) -> None:
        from pectin.cli.paper import err, out

        super().__init__()
        self._store = store
        self._paper: Paper = out()
        self._live: Paper = err()
        self._about: str | None = None
        self._live.live([f"checking {store}"])

    def tell(self, diagnosis: Diagnosis) -> None:
        from pectin.cli.line import FAIL, OK

        super().tell(diagnosis)
        self._live.live([])
        about, paper = _about(diagnosis), self._paper
        if about != self._about:
            self._about = about
            paper.write(about or self._store)
        finding = diagnosis.finding
        mark = paper.mark(OK if diagnosis.mended else FAIL)
        mended = ", mended" if diagnosis.mended else ""
        paper.write_text(f"{mark} {finding.code}{mended}: {finding.message} ({finding.where})", "  ")
        if not diagnosis.mended:
            paper.write_text(diagnosis.why_not or finding.hint, "      ")

    def go_on(self, seen: Seen) -> None:
        self._live.live([f"checking {self._store}: {_count(seen.executions, 'execution')}"])

    def end(self, seen: Seen, code: int) -> None:
        paper = self._paper
        self._live.live([])
        counts = f"{_count(seen.executions, 'execution')}, {_count(seen.events, 'event')}"
        if not self.found:
            paper.write(f"{self._store} is sound: {counts}")
        elif not self.left:
            paper.write("", f"{_count(self.found, 'finding')} in {counts}: all mended")
        else:
            mended = f", {self.found - self.left} of them mended" if self.left < self.found else ""
            paper.write("", f"{_count(self.found, 'finding')} in {counts}{mended}")
        waiting = [
            *([f"{_count(seen.overdue, 'execution')} to wake"] if seen.overdue else []),
            *([f"{_count(seen.undelivered, 'message')} to bring"] if seen.undelivered else []),
        ]
        if waiting and not seen.served:
            paper.write(f"no engine has this store open: {', '.join(waiting)}")


def _about(diagnosis: Diagnosis) -> str:
    """The execution that it is about; nothing for the store itself."""
    summary = diagnosis.summary
    if summary is None:
        return "" if diagnosis.execution is None else str(diagnosis.execution)
    key = "" if summary.key is None else f" · {summary.key}"
    return f"{summary.execution}  {summary.workflow_id} {summary.workflow_version}{key}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
