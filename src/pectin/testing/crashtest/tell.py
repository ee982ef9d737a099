"""A report in lines, as people read it; whoever shows them knows the width and the signs of the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pectin.testing.crashtest.compare import Kind
from pectin.testing.crashtest.probe import show
from pectin.testing.crashtest.report import Failure, Report, Verdict

Repeat = Callable[[Sequence[str]], str]
"""The command, or the call, that tries just these points."""


def _as_it_is(text: str) -> str:
    return text


def tell(
    report: Report, repeat: Repeat, mark: Callable[[str], str] = _as_it_is, fit: Callable[[str], str] = _as_it_is
) -> list[str]:
    """All lines. `mark` gives the signs of the place for ours, `fit` cuts a line of the table to its width."""
    lines = [_calm(report), "", *map(fit, _table(report, mark)), ""]
    for failure in report.failures:
        lines += [*_failure(failure, repeat), ""]
    lines += [f"note   {note}" for note in report.notes]
    if not report.has_probe:
        lines.append("note   no probe: what bodies did outside of Pectin was not looked at")
    return [*lines, *_end(report)]


def _calm(report: Report) -> str:
    said = f" · probe says: {show(report.probe)}" if report.has_probe else ""
    return f"calm run   {report.status} · {_count(report.nodes, 'node')} · {_count(report.commits, 'commit')}{said}"


def _table(report: Report, mark: Callable[[str], str]) -> list[str]:
    rows = [(v.node, v.effect, str(v.crashes), _entered(v)) for v in report.verdicts]
    head = ("node", "effect", "crashes", "entered")
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    node, effect, crashes, entered = widths
    lines = [f"  {head[0]:<{node}}  {head[1]:<{effect}}  {head[2]:>{crashes}}  {head[3]:<{entered}}  verdict"]
    for row, verdict in zip(rows, report.verdicts, strict=True):
        first = f"  {row[0]:<{node}}  {row[1]:<{effect}}  {row[2]:>{crashes}}  {row[3]:<{entered}}"
        lines.append(f"{first}  {mark('✓' if verdict.ok else '✗')} {verdict.words}")
    return lines


def _entered(verdict: Verdict) -> str:
    if verdict.entered is None:
        return "–"
    least, most = verdict.entered
    if least == most:
        return str(least)
    return f"{least} or {most}" if most - least == 1 else f"{least} to {most}"


def _failure(failure: Failure, repeat: Repeat) -> list[str]:
    lines = [failure.title, *_label("how", [failure.how])]
    details = [detail for detail in failure.details if detail != failure.how]
    if failure.kind is not Kind.WORLD:
        lines += _label("what", details)
    if failure.points:
        lines += _label("repeat", [repeat(failure.points)])
    elif failure.order is not None:
        lines += _label("repeat", [repeat(())])
    if not failure.every_time:
        lines += _label("but", ["the same once more came to no harm: it depends on timing, or on chance"])
    lines += _label("mend", failure.mend)
    return [*lines, *([f"  {failure.source}"] if failure.source else [])]


def _label(label: str, texts: Sequence[str]) -> list[str]:
    return [f"  {label if not index else '':<8} {text}" for index, text in enumerate(texts)]


def _end(report: Report) -> list[str]:
    inside = "before and after" if report.simulated else "before, inside and after"
    places = " then ".join(report.points) or f"{inside} each commit, and between each effect and its record"
    orders = f", {report.orders} other orders of arrival" if report.orders else ""
    crashes = f"{_count(report.crashes, 'crash', 'crashes')} ({places}), "
    recoveries = f"{_count(report.recoveries, 'recovery', 'recoveries')}{orders}:"
    if report.ok:
        sound = (
            "nothing lost, nothing done twice." if report.has_probe else "nothing lost, and the same end every time."
        )
        return [f"{crashes}{recoveries}", f"{sound}   {report.seconds:.1f} s"]
    what = _count(len(report.failures), "failure")
    return [f"{crashes}{recoveries}", f"{what}.   {report.seconds:.1f} s"]


def _count(count: int, what: str, several: str | None = None) -> str:
    return f"{count} {what if count == 1 else several or f'{what}s'}"
