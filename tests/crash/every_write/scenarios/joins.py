"""Joins, which wait for all or fire early and cancel what leads only to them."""

from __future__ import annotations

from pectin import WorkflowStatus
from pectin.testing.script import Script
from tests.crash.every_write.stage import Scenario, add, fail, hang, workflow, write

NOBODY_SAYS = Script(silent=("never",))


def collected() -> Scenario:
    """A join of all: one way is dead, and one comes by a failure."""
    wf = workflow("collected")
    begin = wf.node(add, name="begin")
    good = wf.node(add, name="good")
    bad = wf.node(fail, name="bad")
    never = wf.node(add, name="never")
    together = wf.join("together", wait_for=[never, bad, good], output_key="found")
    begin.then(good, bad)
    begin.then(never, when="state.n > 5")
    good.then(together)
    bad.on_error(together)
    never.then(together)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def first() -> Scenario:
    """It goes on with the first: a body, a wait and a loop are cancelled, and what leads elsewhere too is not."""
    wf = workflow("first", reducers={"n": "add", "notes": "append"})
    both = wf.parallel("both")
    quick = wf.node(add, name="quick")
    slow = wf.node(hang, name="slow")
    other = wf.wait("other", duration="1h")
    turn = wf.wait("turn", signal="never")
    turn.repeat(turn, when="true", max_iterations=9)
    together = wf.join("together", first=True)
    both.then(quick, slow, other, turn)
    for source in (quick, slow, other, turn):
        source.then(together)
    other.then(wf.node(write, name="elsewhere"))
    together.then(wf.node(write, name="after"))
    return Scenario(
        workflow=wf,
        script=NOBODY_SAYS,
        ends=WorkflowStatus.COMPLETED,
        state={"n": 1, "notes": ["after", "elsewhere"]},
    )


def two_of_three() -> Scenario:
    """It goes on with two of three, of which the third is a wait."""
    wf = workflow("two-of-three", reducers={"n": "add"})
    both = wf.parallel("both")
    one, two = wf.node(add, name="one"), wf.node(add, name="two")
    never = wf.wait("never", signal="never")
    together = wf.join("together", at_least=2)
    both.then(one, two, never)
    for source in (one, two, never):
        source.then(together)
    together.then(wf.node(add, name="after"))
    return Scenario(workflow=wf, script=NOBODY_SAYS, ends=WorkflowStatus.COMPLETED, state={"n": 3})


def too_few() -> Scenario:
    """Two have to come and one does: that is an error, which is caught."""
    wf = workflow("too-few")
    both = wf.parallel("both")
    one = wf.node(add, name="one")
    choose = wf.node(write, name="choose")
    together = wf.join("together", wait_for=[one, choose], at_least=2)
    both.then(one, choose)
    one.then(together)
    choose.then(together, when="state.n > 5")
    together.then(wf.node(add, name="unused"))
    together.on_error(wf.node(add, name="saved"), when="error.error_class == 'join_unsatisfied'")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def when_it_holds() -> Scenario:
    """It goes on as soon as an expression over the arrivals holds."""
    wf = workflow("when-it-holds", reducers={"n": "add"})
    both = wf.parallel("both")
    one = wf.node(add, name="one")
    pause = wf.wait("pause", duration="1h")
    never = wf.wait("never", signal="never")
    together = wf.join("together", fires_when="arrivals.exists(a, a.source == 'pause')")
    both.then(one, pause, never)
    for source in (one, pause, never):
        source.then(together)
    together.then(wf.node(add, name="after"))
    return Scenario(workflow=wf, script=NOBODY_SAYS, ends=WorkflowStatus.COMPLETED, state={"n": 2})
