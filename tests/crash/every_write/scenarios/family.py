"""Executions that run others: what is handed in and kept, and every end of a child and of a parent."""

from __future__ import annotations

from pectin import END, Limits, Policy, WorkflowStatus
from pectin.testing.script import Script
from tests.crash.every_write.stage import (
    FIRST,
    HAND_IN,
    Scenario,
    add,
    cancel,
    fail,
    hang,
    hold,
    release,
    runs,
    tidy,
    workflow,
    write,
)


def child() -> Scenario:
    """A person decides in the child, and something of its last state is kept."""
    inner = workflow("inner")
    review = inner.approval("review", "Go on?")
    review.on(approved=inner.node(add, name="go_on"), rejected=END)
    wf = workflow("outer")
    before = wf.node(add, name="before")
    inside = wf.subgraph("inside", inner, input=HAND_IN, output={"said": "output.n"})
    before.then(inside)
    inside.then(wf.node(write, name="after"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 1, "said": 2, "notes": ["after"]})


def governed() -> Scenario:
    """A governed parent and its child: rows, links and seals are one commit, or none of them is."""
    inner = workflow("inner", policy=Policy())
    review = inner.approval("review", "Go on?")
    review.on(approved=inner.node(add, name="go_on"), rejected=END)
    wf = workflow("outer", session_type="persistent_governed", retention_days=30, policy=Policy())
    before = wf.node(add, name="before")
    inside = wf.subgraph("inside", inner, input=HAND_IN, output={"said": "output.n"})
    told = wf.wait("told", signal="go")
    before.then(inside)
    inside.then(told)
    told.then(wf.node(write, name="after"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 1, "said": 2, "notes": ["after"]})


def child_failed() -> Scenario:
    """The child fails, and tidies up; its parent catches that."""
    inner = workflow("inner")
    inner.node(fail, name="breaks")
    inner.finalizer(name="tidy", run_on="failure")(tidy)
    wf = workflow("outer")
    inside = wf.subgraph("inside", inner, input=HAND_IN)
    inside.then(wf.node(add, name="unused"))
    inside.on_error(wf.node(write, name="saved"), when="error.error_class == 'child_failed'")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"notes": ["saved"]})


def child_cancelled() -> Scenario:
    """Somebody cancels the child, which its parent does not expect: both tidy up."""
    inner = workflow("inner")
    inner.node(hang, name="slow")
    inner.finalizer(name="tidy")(tidy)
    wf = workflow("outer")
    wf.subgraph("inside", inner, input=HAND_IN)
    wf.finalizer(name="tidy_up", run_on="failure")(tidy)
    return Scenario(workflow=wf, deeds=(cancel(runs("slow"), to="inner"),), ends=WorkflowStatus.FAILED)


def cancelled_with_its_parent() -> Scenario:
    """The parent is cancelled while children of two kinds are at work: so are they."""
    inner = workflow("inner")
    inner.node(hang, name="slow")
    inner.finalizer(name="tidy")(tidy)
    wf = workflow("outer")
    both = wf.parallel("both")
    inside = wf.subgraph("inside", inner, input=HAND_IN)
    parts = wf.each_child("parts", "state.items", inner, input={**HAND_IN, "n": "item"}, max_concurrency=1)
    both.then(inside, parts)
    wf.finalizer(name="tidy_up")(tidy)
    return Scenario(
        workflow=wf,
        inputs=({**FIRST, "items": [1, 2]},),
        deeds=(cancel(lambda run: len(run.children) == 2),),
        ends=WorkflowStatus.CANCELLED,
    )


def held_with_its_parent() -> Scenario:
    """The parent is held while its child waits for a time, and goes on after it."""
    inner = workflow("inner")
    pause = inner.wait("pause", duration="1h")
    pause.then(inner.node(add, name="work"))
    wf = workflow("outer")
    inside = wf.subgraph("inside", inner, input=HAND_IN, output={"said": "output.n"})
    inside.then(wf.node(write, name="after"))
    return Scenario(
        workflow=wf,
        deeds=(hold(lambda run: bool(run.children)), release()),
        ends=WorkflowStatus.COMPLETED,
        state={"said": 1, "notes": ["after"]},
    )


def too_deep() -> Scenario:
    """A child in a child in a parent, where only two may be inside one another."""
    innermost, inner, wf = workflow("innermost"), workflow("inner"), workflow("outer")
    innermost.node(add, name="never")
    middle = inner.subgraph("middle", innermost, input=HAND_IN)
    middle.on_error(inner.node(add, name="saved"))
    wf.subgraph("inside", inner, input=HAND_IN, output={"said": "output.n"})
    return Scenario(workflow=wf, limits=Limits(depth_max=2), ends=WorkflowStatus.COMPLETED, state={"said": 1})


def child_ended_by_a_limit() -> Scenario:
    """The child goes round too often: its end is a limit, and its parent's error says so."""
    inner = workflow("inner", max_iterations=2)
    step = inner.node(add, name="step")
    step.repeat(step, when="true")
    wf = workflow("outer", on_failure="wait")
    inside = wf.subgraph("inside", inner, input=HAND_IN)
    inside.on_error(wf.node(write, name="saved"), when="error.error_class == 'child_limit_exceeded'")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"notes": ["saved"]})


def first_child() -> Scenario:
    """A join goes on with a time that has come, and cancels a child that waits for what never comes."""
    inner = workflow("inner")
    inner.wait("never", signal="never")
    wf = workflow("outer")
    both = wf.parallel("both")
    pause = wf.wait("pause", duration="1min")
    inside = wf.subgraph("inside", inner, input=HAND_IN)
    together = wf.join("together", first=True)
    both.then(pause, inside)
    pause.then(together)
    inside.then(together)
    together.then(wf.node(add, name="after"))
    return Scenario(workflow=wf, script=Script(silent=("never",)), ends=WorkflowStatus.COMPLETED, state={"n": 1})
