"""Calls that policies stop: approved, rejected, too late; by two people, for each item, and for each iteration."""

from __future__ import annotations

from typing import Any

from pectin import ApprovalRule, Policy, WorkflowStatus
from pectin.testing.script import Script
from tests.crash.every_write.stage import (
    Scenario,
    add,
    cancel,
    fail_first,
    hold,
    release,
    square,
    waits,
    workflow,
    write,
)


def policy(tool: str, **rule: Any) -> Policy:
    return Policy(require_approval_for=[ApprovalRule(tool, **rule)])


def approved_by_two() -> Scenario:
    """Two people approve a call, whose first attempt fails: it is tried again without asking."""
    wf = workflow("approved-by-two", policy=policy("pay", approvers=2, of=("finance", "ops", "legal")))
    pay = wf.node(fail_first, name="pay", retry="io_default")
    wf.node(write, name="before").then(pay)
    pay.then(wf.node(write, name="after"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 1, "notes": ["before", "after"]})


def approved_once() -> Scenario:
    """A `once` call, held while people are asked: its body is entered once, with their approval."""
    wf = workflow("approved-once", policy=policy("*", approvers=2))
    wf.node(add, name="pay", effect="once")
    deeds = (hold(waits("pay")), release())
    return Scenario(workflow=wf, deeds=deeds, ends=WorkflowStatus.COMPLETED, results={"pay": {"n": 1}}, state={"n": 1})


def rejected() -> Scenario:
    """A person rejects the call, and an edge takes that; a policy node finds what is wrong then, and is caught, too."""
    wf = workflow("rejected")
    pay = wf.node(add, name="pay", policy=policy("pay"))
    check = wf.policy("check", [("state.n == 0", "nothing was paid")])
    pay.on_error(check, when="error.error_class == 'approval_rejected'")
    check.on_error(wf.node(write, name="tell"), when="error.error_class == 'policy_violation'")
    return Scenario(
        workflow=wf, script=Script(decide={"pay": "rejected"}), ends=WorkflowStatus.COMPLETED, state={"notes": ["tell"]}
    )


def approved_too_late() -> Scenario:
    """Nobody approves the call in time."""
    wf = workflow("approved-too-late", policy=policy("pay", deadline_ms=3_600_000))
    wf.node(add, name="pay").on_error(wf.node(write, name="late"), when="error.error_class == 'timeout'")
    return Scenario(
        workflow=wf, script=Script(silent=("pay",)), ends=WorkflowStatus.COMPLETED, state={"n": 0, "notes": ["late"]}
    )


def items_approved() -> Scenario:
    """Each item is asked for by itself, two at once."""
    wf = workflow("items-approved", policy=policy("squares"))
    wf.each("state.items", name="squares", output_key="found", max_concurrency=2)(square)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"found": [1, 4, 9]})


def iterations_approved() -> Scenario:
    """Each iteration is asked for anew."""
    wf = workflow("iterations-approved", policy=policy("step"))
    step = wf.node(add, name="step")
    step.repeat(step, when="state.n < 2", max_iterations=5)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"n": 2})


def cancelled_while_asked() -> Scenario:
    """Cancelled when one of two has approved."""
    wf = workflow("cancelled-while-asked", policy=policy("pay", approvers=2))
    wf.node(add, name="pay")
    return Scenario(
        workflow=wf,
        script=Script(silent=("pay",)),
        deeds=(cancel(waits("pay")),),
        ends=WorkflowStatus.CANCELLED,
        state={"n": 0},
    )
