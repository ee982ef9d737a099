"""Attempts of which nobody knows whether they happened, and whoever is asked about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pectin import DidNot, Limits, WorkflowStatus
from pectin.testing.script import Script
from tests.crash.every_write.scenarios import reconciles
from tests.crash.every_write.stage import (
    Scenario,
    add,
    answer_the_cancel,
    cancel,
    do_and_hang,
    hang,
    hang_first,
    tidy,
    workflow,
)


def _doubted(id: str, reconcile: Callable[..., Any] | None, body: Callable[..., Any] = do_and_hang) -> Any:
    """A workflow whose first attempt hangs until its time is up, after it has had its effect."""
    wf = workflow(id)
    charge = wf.node(body, name="charge", effect="once", timeout="30s")
    if reconcile is not None:
        charge.reconcile(reconcile)
    charge.then(wf.node(add, name="after"))
    return wf


def found_out() -> Scenario:
    """It happened, and is found out: nobody is asked, and nothing happens twice."""
    wf = _doubted("found-out", reconciles.look_it_up)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def found_undone() -> Scenario:
    """It did not happen, and is found out: it is done now."""
    wf = _doubted("found-undone", reconciles.look_it_up, hang_first)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def unknown() -> Scenario:
    """`reconcile` doesn't know: a person does."""
    wf = _doubted("unknown", reconciles.know_nothing)
    return Scenario(workflow=wf, results={"charge": {"n": 1}}, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def not_reached() -> Scenario:
    """`reconcile` fails: a person knows."""
    wf = _doubted("not-reached", reconciles.break_down)
    return Scenario(workflow=wf, results={"charge": {"n": 1}}, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def no_answer() -> Scenario:
    """`reconcile` hangs until its time is up: a person knows."""
    wf = _doubted("no-answer", reconciles.hang_for_ever)
    return Scenario(workflow=wf, results={"charge": {"n": 1}}, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def denied() -> Scenario:
    """`reconcile` lies: what it says did not happen happens again, and the history says who said so."""
    wf = _doubted("denied", reconciles.lie)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2}, honest=False)


def boasted() -> Scenario:
    """`reconcile` lies: what it says happened never does."""
    wf = _doubted("boasted", reconciles.boast, hang)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2}, honest=False)


def told_wrongly() -> Scenario:
    """A person says that it did not happen, whatever the books say."""
    wf = _doubted("told-wrongly", None)
    return Scenario(
        workflow=wf,
        script=Script(resolve={"charge": DidNot()}),
        ends=WorkflowStatus.COMPLETED,
        state={"n": 2},
        honest=False,
    )


def answered_late() -> Scenario:
    """Its own result comes when its time is up, and settles it."""
    wf = _doubted("answered-late", reconciles.look_it_up, answer_the_cancel)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def cancelled_in_doubt() -> Scenario:
    """Cancelled before anybody knows: it ends so, and is marked."""
    wf = _doubted("cancelled-in-doubt", None)
    wf.finalizer(name="tidy")(tidy)
    return Scenario(
        workflow=wf,
        script=Script(resolve={"charge": reconciles.Unknown()}),
        deeds=(cancel(lambda run: bool(run.doubts())),),
        ends=WorkflowStatus.CANCELLED,
    )


def quarantined() -> Scenario:
    """One interruption is one too many here: somebody has to let it out."""
    wf = workflow("quarantined")
    first = wf.node(add, name="first")
    first.then(wf.node(add, name="second", effect="keyed"))
    return Scenario(workflow=wf, limits=Limits(interruptions_max=1), ends=WorkflowStatus.COMPLETED, state={"n": 2})
