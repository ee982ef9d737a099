"""Ends: by a failure, a cancel or a limit, with finalizers on each; and beginning again under the same key."""

from __future__ import annotations

from pectin import WorkflowStatus
from tests.crash.every_write.stage import (
    FIRST,
    Scenario,
    add,
    cancel,
    fail,
    fail_first,
    hang,
    hold,
    runs,
    tidy,
    waits,
    workflow,
    write,
)


def cancelled() -> Scenario:
    """Cancelled while a body runs: what runs on success is left out."""
    wf = workflow("cancelled")
    wf.node(hang, name="slow")
    wf.finalizer(name="tell", run_on="success")(tidy)
    wf.finalizer(name="tidy", run_on="always")(tidy)
    wf.finalizer(name="clean", run_on="always")(write)
    return Scenario(
        workflow=wf, deeds=(cancel(runs("slow")),), ends=WorkflowStatus.CANCELLED, state={"notes": ["clean"]}
    )


def cancelled_in_a_wait() -> Scenario:
    """Cancelled while it waits for a time and, in another branch, for a person."""
    wf = workflow("cancelled-in-a-wait")
    both = wf.parallel("both")
    pause = wf.wait("pause", duration="72h")
    review = wf.approval("review", "Go on?", deadline="72h")
    both.then(pause, review)
    review.on(approved="end", rejected="end", timeout="end")
    wf.finalizer(name="tidy")(tidy)
    return Scenario(workflow=wf, deeds=(cancel(waits("review")),), ends=WorkflowStatus.CANCELLED)


def cut() -> Scenario:
    """All is done and a finalizer of success hangs: a cancel cuts it, and the end stands."""
    wf = workflow("cut")
    wf.node(add, name="work")
    wf.finalizer(name="tell", run_on="success")(hang)
    wf.finalizer(name="tidy", run_on="always")(tidy)
    return Scenario(workflow=wf, deeds=(cancel(runs("tell")),), ends=WorkflowStatus.COMPLETED, state={"n": 1})


def failed() -> Scenario:
    """A failure that nothing catches ends a body beside it."""
    wf = workflow("failed")
    both = wf.parallel("both")
    both.then(wf.node(fail, name="breaks"), wf.node(hang, name="slow"))
    wf.finalizer(name="tell", run_on="success")(tidy)
    wf.finalizer(name="tidy", run_on="failure")(tidy)
    return Scenario(workflow=wf, ends=WorkflowStatus.FAILED)


def failed_at_the_end() -> Scenario:
    """Two failures, and everything else runs to its end first."""
    wf = workflow("failed-at-the-end", on_failure="wait", reducers={"notes": "append"})
    both = wf.parallel("both")
    breaks = wf.node(fail, name="breaks")
    breaks.then(wf.node(add, name="unused"))
    good = wf.node(write, name="good")
    good.then(wf.node(fail, name="breaks_too"))
    both.then(breaks, good)
    wf.finalizer(name="tidy", run_on="failure")(tidy)
    return Scenario(workflow=wf, ends=WorkflowStatus.FAILED, state={"n": 0, "notes": ["good"]})


def failed_last() -> Scenario:
    """All is well until a finalizer fails; one that comes after it runs all the same."""
    wf = workflow("failed-last")
    wf.node(add, name="work")
    wf.finalizer(name="tell", run_on="success")(fail)
    wf.finalizer(name="tidy")(tidy)
    return Scenario(workflow=wf, ends=WorkflowStatus.FAILED, state={"n": 1})


def limited() -> Scenario:
    """A loop passes a limit, which leads to a node of its own and to an end that says so."""
    wf = workflow("limited", max_iterations=2)
    step = wf.node(add, name="step")
    step.repeat(step, when="state.n < 9")
    tell = wf.node(write, name="tell")
    tell.then(wf.limit_exceeded("out", "stopped at {{ state.n }}"))
    wf.start(step)
    wf.on_limit(tell)
    wf.finalizer(name="tidy", run_on="failure")(tidy)
    return Scenario(workflow=wf, ends=WorkflowStatus.LIMIT_EXCEEDED, state={"n": 2, "notes": ["tell"]})


def out_of_time() -> Scenario:
    """Its time is used up while it is held, and a body hangs."""
    wf = workflow("out-of-time", wall_time="1h", stop_grace="5s")
    wf.node(hang, name="slow", timeout="2h")
    wf.finalizer(name="tidy")(tidy)
    return Scenario(workflow=wf, deeds=(hold(runs("slow")),), ends=WorkflowStatus.LIMIT_EXCEEDED)


def restarted() -> Scenario:
    """Three times under one key: the same again is the same execution, and another input begins anew."""
    wf = workflow("restarted")
    first = wf.node(fail_first, name="first", retry="io_default")
    first.then(wf.node(write, name="second"))
    another = {**FIRST, "n": 5}
    return Scenario(
        workflow=wf,
        inputs=(FIRST, FIRST, another),  # type: ignore[arg-type] # a Case
        ends=WorkflowStatus.COMPLETED,
        state={"n": 6, "notes": ["second"]},
    )
