"""What an execution that has not ended can still go on by: the promise that nobody is stranded, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pectin.core.activation import parse_activation
from pectin.core.audit.finding import Finding, found
from pectin.core.line import waits_for_budget
from pectin.core.program import Program
from pectin.core.state import Activation, Run
from pectin.core.status import WorkflowStatus


class Prospect(StrEnum):
    """One of the things that it can go on by."""

    RUNNING = "running"
    READY = "ready"
    TIMER = "timer"
    WAIT = "wait"
    CHILD = "child"
    DOUBT = "doubt"
    HOLD = "hold"
    QUARANTINE = "quarantine"
    BUDGET = "budget"


def prospects(run: Run) -> frozenset[Prospect]:
    """All that it can go on by; nothing for one that has ended, or is stranded.

    The limit on its wall time is none: it would only end it.
    """
    if run.status.is_terminal:
        return frozenset()
    found = {own for activation in run.activations.values() if (own := prospect(run, activation)) is not None}
    if run.hold is not None:
        found.add(Prospect.HOLD)
    if run.in_grace:
        found.add(Prospect.TIMER)
    if run.status is WorkflowStatus.PENDING and run.version:
        found.add(Prospect.READY)
    return frozenset(found)


def prospect(run: Run, activation: Activation) -> Prospect | None:
    """What one activation can go on by. A map goes on by its items."""
    name, doubt = activation.name, activation.doubt
    if activation.waiting is not None:
        return Prospect.WAIT
    if activation.child is not None:
        return Prospect.CHILD
    if activation.is_at_worker:
        return Prospect.RUNNING
    if doubt is not None and not doubt.asks:
        return Prospect.DOUBT
    if name in run.quarantined:
        return Prospect.QUARANTINE
    if name in run.backoff:
        return Prospect.TIMER
    if name in run.line:
        return _prospect_in_line(run)
    return Prospect.READY if name in run.ready else None


def _prospect_in_line(run: Run) -> Prospect | None:
    """Who stands in line goes on when its turn comes, and its turn comes when others settle."""
    if not waits_for_budget(run):
        return Prospect.READY
    return Prospect.BUDGET if run.reserved or run.hold is not None else None


def stranded(run: Run, program: Program | None = None) -> list[Finding]:
    """What of an execution nobody and nothing will ever go on with. It looks at where a commit has left it."""
    if run.status.is_terminal or not run.version:
        return []
    if not prospects(run):
        return [
            found("stranded", "the execution", "it has not ended, and nothing of it runs, waits, is due or is held")
        ]
    findings = [
        found("activation_stranded", f"`{name}`", f"`{name}` is {activation.status}, and nothing will go on with it")
        for name, activation in run.activations.items()
        if prospect(run, activation) is None and not _has_items(run, activation)
    ]
    if program is not None and run.hold is None and run.closing is None:
        findings += [
            found("never_entered", f"`{name}`", f"all edges to `{name}` are resolved, and it was not entered")
            for name in _complete_arrivals(run, program)
        ]
    waits = run.hold is not None or (run.busy == 0 and run.waits > 0 and not run.children)
    if (
        run.closing is None
        and waits != (run.status is WorkflowStatus.PAUSED)
        and run.status is not WorkflowStatus.PENDING
    ):
        what = "all of it waits" if waits else "not all of it waits"
        findings.append(found("pause_forgotten", "the status", f"it is {run.status}, and {what}"))
    return findings


def _has_items(run: Run, activation: Activation) -> bool:
    """Whether a map has items that have not settled, or is held before it may schedule the next."""
    mapping = activation.mapping
    if mapping is None:
        return False
    return mapping.settled < mapping.scheduled or run.hold is not None


def _complete_arrivals(run: Run, program: Program) -> Iterator[str]:
    """What the last edge has led to. The header of a loop is entered anew by what is kept of its entry."""
    for name, arrivals in run.arrivals.items():
        target = parse_activation(name)
        is_again = target.node in program.graph.loops and bool(target.iterations) and target.iterations[-1] > 1
        if is_again or arrivals.resolved >= program.graph.indegree[target.node]:
            yield name
