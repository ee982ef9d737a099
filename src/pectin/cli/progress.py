"""What `pectin run` shows on standard error while an execution goes on, and at its end."""

from __future__ import annotations

import re
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pectin.cli.line import AGAIN, Columns, Line, tell_error, tell_hold
from pectin.cli.paper import Paper
from pectin.cli.present import present, waits
from pectin.cli.story import Story
from pectin.cli.words import one_line, show_call, show_editable, show_path
from pectin.core.duration import format_duration, roughly
from pectin.core.error import ErrorData
from pectin.core.event import AnyEvent
from pectin.core.need import RELEASE, Command, Need, NeedKind, needs_of
from pectin.core.program import Program
from pectin.core.state import Activation, Run
from pectin.core.status import SessionType, WorkflowStatus
from pectin.core.why import RESUME, SHOW, WORKER, status_words
from pectin.ports.store import Summary

_TIMES: Final[Mapping[int, str]] = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}
_ABOUT: Final[Mapping[NeedKind, tuple[str, tuple[str, ...]]]] = {
    NeedKind.DOUBT: (
        "in doubt: {name} was begun and cut off, and nobody knows whether it happened",
        ("it happened", "it did not"),
    ),
    NeedKind.QUARANTINE: ("in quarantine: {name} was cut off too often in a row", ("let it out",)),
    NeedKind.PERSON: ("waiting for a person: {prompt}", ("decide",)),
    NeedKind.EVENT: ("waiting for {what}", ("send it",)),
    NeedKind.SIGNAL: ("waiting for {what}", ("send it",)),
    NeedKind.CHILD: ("waiting for the child of {name}", ("look at it",)),
}
"""What is said of a need, and what its commands do."""

_NEEDS_MAX: Final = 10
_FRAME: Final = re.compile(r"(?P<file>.*):(?P<line>\d+) in \S+: (?P<code>.*)")
_FRAMES_MAX: Final = 3
_NOT_THE_AUTHORS: Final = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))


class Progress:
    """The lines of one execution, as they come. `before` is what was there when the command began, if anything was."""

    def __init__(self, program: Program, paper: Paper, summary: Summary, before: Summary | None, store: str) -> None:
        self._paper = paper
        self._summary = summary
        self._before = before
        self._store = store
        self._story = Story(program)
        self._columns = Columns(paper, program)
        self._waits: set[str] = set()
        self._nobody_ms = 0

    @property
    def run(self) -> Run:
        """The fold of what was shown."""
        return self._story.run

    def begin(self, now: int) -> None:
        """Say what is run."""
        summary, before = self._summary, self._before
        parts = [
            f"{summary.workflow_id} {summary.workflow_version}",
            *([one_line(summary.key, 40)] if summary.key is not None else []),
            f"exec …{summary.execution.uuid.hex[-6:]}",
            self._store,
        ]
        if before is not None and before.status.is_terminal:
            parts.append(f"ended {roughly(max(now - before.updated_at, 0))} ago")
        elif before is not None:
            parts.append(f"goes on where it stopped {roughly(max(now - before.updated_at, 0))} ago")
        self._paper.write_text(" · ".join(parts))
        self._paper.write("")

    def show(self, events: Sequence[tuple[int, AnyEvent]], now: int) -> None:
        """The next events."""
        known = 0 if self._before is None else self._before.version
        old = [(seq, event) for seq, event in events if seq <= known]
        new = events[len(old) :]
        if old:
            self._write(self._story.tell(old), "done before")
            self._write(self._half_done())
        if new:
            if self._before is not None and new[0][0] == known + 1 and self._before.status is WorkflowStatus.RUNNING:
                self._nobody_ms = max(new[0][1].at - self._before.updated_at, 0)
            self._write(self._story.tell(new))
        self.live(now)

    def adopt(self, run: Run, now: int) -> None:
        """A run whose events nobody keeps: only what goes on can be shown."""
        self._story.run = run
        self.live(now)

    def live(self, now: int) -> None:
        """What is going on, rewritten in place."""
        if not self.run.status.is_terminal:
            self._paper.live(self._columns.write(present(self.run, now)))

    def tell_waits(self, now: int) -> None:
        """What waits, as lines that stay; each once."""
        lines = waits(self.run, now)
        self._write([line for line in lines if line.activation not in self._waits])
        self._waits.update(line.activation for line in lines)

    def end(self, spell: Callable[[Command], str], again: str | None) -> None:
        """How it ended. `again` is the command that starts it anew."""
        run, paper = self.run, self._paper
        took = format_duration(max((run.completed_at or 0) - run.created_at, 0), measured=True)
        nobody = (
            f", of which {format_duration(self._nobody_ms, measured=True)} nobody ran it" if self._nobody_ms else ""
        )
        status = status_words(run.status)
        paper.write("")
        if run.status is WorkflowStatus.COMPLETED:
            paper.write(f"completed in {took}{nobody}")
            return
        closing = run.closing
        if run.error is None:
            by = f" by {closing.by}" if closing is not None and closing.by else ""
            cause = f": {closing.cause}" if closing is not None and closing.cause != "cancelled" else ""
            paper.write_text(f"{status}{by}{cause}")
        else:
            where = f"{closing.activation}: " if closing is not None and closing.activation else ""
            paper.write_text(f"{status}: {where}{_tell(run.error)}")
            paper.write(*frames_of(run.error))
        choices = [("look into it", spell(SHOW))] if run.session_type is not SessionType.STATELESS else []
        paper.write_choices(*choices, *([("try again", again)] if again is not None else []))

    def wait(self, spell: Callable[[Command], str], now: int) -> None:
        """What it waits for, the commands that give it, and how to go on."""
        paper, hold = self._paper, self.run.hold
        self.tell_waits(now)
        needs = needs_of(self.run)
        for need in needs[:_NEEDS_MAX]:
            if need.kind is not NeedKind.TIME:
                paper.write("")
                self._tell_need(need, spell)
        if len(needs) > _NEEDS_MAX:
            paper.write("", f"and {len(needs) - _NEEDS_MAX} more")
        if hold is not None:
            paper.write("")
            paper.write_text(tell_hold(hold))
            paper.write_choices(("let it go on", spell(RELEASE)))
        if hold is not None or any(need.kind is not NeedKind.TIME for need in needs):
            width = max([len("decide"), *(len(_ABOUT[need.kind][1][0]) for need in needs if need.kind in _ABOUT)])
            paper.write_whole(f"  {'go on':<{width}}   {spell(RESUME)}")
            return
        _, name = self.run.deadlines()[0]
        paper.write("", f"waiting for time: {name}")
        paper.write_choices(("go on then", spell(RESUME)), ("or keep it going", spell(WORKER)))

    def _tell_need(self, need: Need, spell: Callable[[Command], str]) -> None:
        paper = self._paper
        about, verbs = _ABOUT[need.kind]
        paper.write_text(about.format(what=need.what.replace("`", ""), name=need.activation, prompt=need.prompt or ""))
        waiting = self.run.activations[need.activation].waiting
        if waiting is not None and waiting.editable:
            paper.write_text(f"what can be changed, with --set KEY=JSON: {show_editable(waiting)}", "  ")
        for line in () if waiting is None else show_call(waiting, self.run, paper.columns):
            paper.write_text(line, "  ")
        names = [*verbs, *("or" for _ in need.commands)][: len(need.commands)]
        paper.write_choices(*zip(names, map(spell, need.commands), strict=True))

    def _half_done(self) -> list[Line]:
        """Maps that were cut off in the middle."""
        return [
            Line(0, AGAIN, activation.name, None, f"{_settled(activation)} done before")
            for activation in self.run.activations.values()
            if activation.mapping is not None
        ]

    def _write(self, lines: Sequence[Line], note: str = "") -> None:
        if lines:
            self._paper.write(*self._columns.write(lines, note))


def frames_of(error: ErrorData) -> list[str]:
    """The author's frames, `  refund.py:22  state.amount = …`, the innermost last."""
    frames = [match for line in (error.traceback or "").split("\n") if (match := _FRAME.fullmatch(line))]
    own = [frame for frame in frames if not frame["file"].startswith(_NOT_THE_AUTHORS)] or frames
    return [f"  {show_path(frame['file'])}:{frame['line']}  {frame['code']}" for frame in own[-_FRAMES_MAX:]]


def _tell(error: ErrorData) -> str:
    what = f"timeout, {error.message}" if error.error_class == "timeout" else tell_error(error)
    times = error.attempt or 1
    return f"{what}, {_TIMES.get(times, f'{times} times')}" if times > 1 else what


def _settled(activation: Activation) -> str:
    mapping = activation.mapping
    assert mapping is not None, "only maps are counted"
    return f"{mapping.settled} of {len(mapping.items)}"
