"""Calls that policies stop."""

from __future__ import annotations

from pectin import ApprovalRule, Policy
from pectin.ports.store import Row, Store
from pectin.testing import VirtualClock, engine
from tests.histories.plays import EMPTY, TWICE, add, fail_once, workflow


async def call_approved(store: Store, clock: VirtualClock) -> list[Row]:
    """Two of three people approve a call; the next one is rejected, and that is taken."""
    rule = ApprovalRule("pay", 2, ("finance", "ops", "legal"), not_requester=True, deadline_ms=3_600_000)
    wf = workflow("call-approved", policy=Policy(require_approval_for=[rule, "refund"]))
    pay, refund = wf.node(add, name="pay"), wf.node(add, name="refund")
    pay.then(refund)
    refund.on_error(wf.node(add, name="tell"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY, by="ops")
        await clock.until(execution.until(pay))
        await execution.approve(pay, by="finance", comment="it is")
        await execution.approve(pay, by="legal")
        await clock.until(execution.until(refund))
        await execution.reject(refund, by="finance", comment="not this one")
        await clock.until(execution.result())
        return await store.history(execution.id)


async def call_parked(store: Store, clock: VirtualClock) -> list[Row]:
    """A new policy asks before a second attempt, which one of two has approved, and blocks another call."""
    wf = workflow("call-parked", on_failure="wait")
    both = wf.parallel("both")
    pay, pause = wf.node(fail_once, name="pay", retry=TWICE), wf.wait("pause", duration="1s")
    both.then(pay, pause)
    pause.then(wf.node(add, name="send"))
    async with engine(wf, store=store, clock=clock) as running:
        execution = await running.start(wf, EMPTY)
        await clock.settle()
    policy = Policy(blocked_tools=["send"], require_approval_for=[ApprovalRule("p*", 2)])
    async with engine(wf, store=store, clock=clock, policy=policy) as running:
        execution = await running.execution(execution.id, wf)
        await clock.until(execution.until(pay))
        await execution.approve(pay, by="finance")
        await clock.advance("1s")
        await clock.settle()
        return await store.history(execution.id)
