"""A crash test in a suite of tests: one call, which fails with the report that the command would print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pectin.authoring.workflow import Workflow
from pectin.core.definition import Json
from pectin.testing.crashtest.campaign import Plan, try_crashes
from pectin.testing.crashtest.case import Case
from pectin.testing.crashtest.probe import Probe
from pectin.testing.crashtest.report import Report
from pectin.testing.crashtest.tell import tell
from pectin.testing.script import Resolution, Script

_NOTHING: Mapping[str, Any] = {}


class CrashesFound(AssertionError):
    """The workflow does not survive every crash; the message is the report."""

    def __init__(self, text: str, report: Report) -> None:
        super().__init__(text)
        self.report = report


class Crashtest(Protocol):
    """What the fixture `crashtest` gives: `check_crashes`."""

    def __call__(
        self,
        workflow: Workflow[Any],
        input: object = None,
        *,
        decide: Mapping[str, str] = ...,
        edits: Mapping[str, Json] = ...,
        signal: Mapping[str, Json] = ...,
        send: Mapping[str, Json] = ...,
        resolve: Mapping[str, Resolution] = ...,
        silent: Sequence[str] = ...,
        probe: Probe | None = ...,
        at: str | Sequence[str] = ...,
        simulate: bool = ...,
        any_order: bool = ...,
        everything: bool = ...,
        seconds_max: float = ...,
    ) -> Report: ...


def check_crashes(
    workflow: Workflow[Any],
    input: object = None,
    *,
    decide: Mapping[str, str] = _NOTHING,
    edits: Mapping[str, Json] = _NOTHING,
    signal: Mapping[str, Json] = _NOTHING,
    send: Mapping[str, Json] = _NOTHING,
    resolve: Mapping[str, Resolution] = _NOTHING,
    silent: Sequence[str] = (),
    probe: Probe | None = None,
    at: str | Sequence[str] = (),
    simulate: bool = False,
    any_order: bool = False,
    everything: bool = False,
    seconds_max: float = 30.0,
) -> Report:
    """Kill the workflow at every point of its run, and compare what comes of it with a calm run.

    `Script` says what `decide` to `silent` mean, `Plan` what `at` to `everything` do; `probe` is a function, or a
    command, that tells of the outside world, and a trial that takes longer than `seconds_max` hangs.

    Raises `CrashesFound` if it comes to anything else, `BadInput` and `BadValue` for what can't be tried.
    """
    script = Script(decide=decide, edits=edits, signal=signal, send=send, resolve=resolve, silent=silent)
    workflow.build().complete({} if input is None else input)
    case = Case(workflow, input, script, seconds_max=seconds_max)
    points = (at,) if isinstance(at, str) else tuple(at)
    report = try_crashes(case, Plan(points, probe, simulate, any_order, everything))
    if not report.ok:

        def repeat(points: Sequence[str]) -> str:
            return f"crashtest({workflow.id}, …{f', at={list(points)!r}' if points else ''})"

        raise CrashesFound("\n".join(["", *tell(report, repeat)]), report)
    return report
