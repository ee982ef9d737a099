"""Ways through the graph: branches, loops, and what branches write side by side."""

from __future__ import annotations

from pectin import Context, WorkflowStatus
from tests.crash.every_write.ledger import ledger
from tests.crash.every_write.stage import FIRST, Case, Scenario, add, fail, workflow, write


def branches() -> Scenario:
    """A condition, an edge that is not taken, and a merge that doesn't wait for it."""
    wf = workflow("branches")
    ask = wf.node(add, name="ask")
    high = wf.node(write, name="high")
    low = wf.node(write, name="low")
    choose = wf.condition("choose", [("state.n > 5", high)], default=low)
    merge = wf.node(write, name="merge")
    ask.then(choose, when="state.n == 1")
    ask.otherwise(high)
    high.then(merge)
    low.then(merge)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"notes": ["low", "merge"]})


def no_way() -> Scenario:
    """A condition none of whose branches holds fails, and somebody has seen to that."""
    wf = workflow("no-way")
    ask = wf.node(add, name="ask")
    never = wf.node(write, name="never")
    choose = wf.condition("choose", [("state.n > 5", never)])
    saved = wf.node(write, name="saved")
    ask.then(choose)
    choose.on_error(saved, when="error.error_class == 'no_route'")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"notes": ["saved"]})


def loop_in_loop() -> Scenario:
    """Two turns of two steps, and a way out of both."""
    wf = workflow("loop-in-loop")
    turn = wf.node(add, name="turn")
    step = wf.node(write, name="step")
    last = wf.node(add, name="last")
    out = wf.node(write, name="out")
    turn.then(step)
    step.repeat(step, when="iteration < 2", max_iterations=9)
    step.then(last)
    last.repeat(turn, when="iteration < 2", max_iterations=9)
    last.then(out)
    notes = ["step[1][1]", "step[1][2]", "step[2][1]", "step[2][2]", "out"]
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 4, "notes": notes})


def used_up() -> Scenario:
    """A loop that has used up its iterations takes the way of its limit."""
    wf = workflow("used-up")
    step = wf.node(add, name="step")
    step.repeat(step, when="state.n < 9", max_iterations=3)
    step.then(wf.node(add, name="after"))
    step.on_limit(wf.node(write, name="enough"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 3, "notes": ["enough"]})


def thrown() -> Scenario:
    """A failure leads out of a loop that would go round."""
    wf = workflow("thrown")
    step = wf.node(add, name="step")
    breaks = wf.node(fail, name="breaks")
    saved = wf.node(write, name="saved")
    step.then(breaks)
    breaks.repeat(step, when="true", max_iterations=9)
    breaks.on_error(saved)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 1, "notes": ["saved"]})


def reduced() -> Scenario:
    """Four branches that write the same keys, and what comes of it."""
    wf = workflow("reduced", reducers={"n": "add", "notes": "append", "items": "union", "said": "max"})
    both = wf.parallel("both")

    @wf.node
    async def list_more(state: Case, ctx: Context) -> Case:
        ledger.work(ctx)
        state["items"] = [*state["items"], 3, 7]
        return state

    @wf.node
    async def bid(state: Case, ctx: Context) -> Case:
        ledger.work(ctx)
        state["said"] = 12
        return state

    together = wf.join("together")
    for node in (wf.node(add, name="one"), wf.node(write, name="two"), list_more, bid):
        both.then(node)
        node.then(together)
    together.then(wf.node(add, name="after"))
    return Scenario(
        workflow=wf,
        inputs=({**FIRST, "n": 5, "said": 3},),
        ends=WorkflowStatus.COMPLETED,
        state={"n": 7, "notes": ["two"], "items": [1, 2, 3, 7], "said": 12},
    )


def conflict() -> Scenario:
    """Two branches set a key to different values: neither wins."""
    wf = workflow("conflict")
    both = wf.parallel("both")

    @wf.node
    async def add_two(state: Case, ctx: Context) -> Case:
        ledger.work(ctx)
        state["n"] += 2
        return state

    both.then(wf.node(add, name="add_one"), add_two)
    return Scenario(workflow=wf, ends=WorkflowStatus.FAILED, confluent=False)
