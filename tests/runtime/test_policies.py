"""Policies where they are run: an engine's holds in every workflow, and approvals are kept by the history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pectin import (
    ApprovalRule,
    BadValue,
    CommandRefused,
    Engine,
    ExecutionFailed,
    ExecutionWaiting,
    Policy,
    Workflow,
    run,
    testing,
)
from pectin.core.command import Already, Done

PAY = Policy(require_approval_for=[ApprovalRule("pay", 2)])


@dataclass
class Order:
    amount: int = 0
    paid: int = 0


def order(policy: Policy | None = None, **settings: Any) -> Workflow[Order]:
    wf = Workflow("order", version="1.0.0", state=Order, policy=policy, **settings)

    @wf.node
    def price(state: Order) -> Order:
        state.amount = 7
        return state

    @wf.node
    def pay(state: Order) -> Order:
        state.paid += state.amount
        return state

    price.then(pay)
    return wf


async def test_an_engines_policy_asks_in_any_workflow() -> None:
    wf = order()
    async with testing.engine(wf, policy=PAY) as engine:
        execution = await engine.start(wf, by="shop")
        assert await execution.until("pay")
        assert await execution.approve("pay", by="ops") == Done("one more approval is needed")
        assert await execution.approve("pay", by="ops") == Already("`pay` was approved", "ops")
        await execution.approve("pay", by="finance")
        assert (await execution.result()).paid == 7


async def test_an_engines_policy_holds_for_the_first_node_too() -> None:
    wf = Workflow("one", version="1.0.0", state=Order)

    @wf.node
    def pay(state: Order) -> Order:
        raise AssertionError("nobody may call this")

    async with testing.engine(wf, policy=Policy(blocked_tools=["p*"])) as engine:
        with pytest.raises(ExecutionFailed) as failure:
            await (await engine.start(wf)).result()
    assert failure.value.error is not None
    assert failure.value.error.error_class == "policy_blocked"


async def test_an_engines_policy_holds_in_children() -> None:
    child = order()
    parent = Workflow("parent", version="1.0.0", state=Order)
    parent.subgraph("inner", child)
    async with testing.engine(parent, policy=Policy(blocked_tools=["pay"])) as engine:
        with pytest.raises(ExecutionFailed, match="policy_blocked"):
            await (await engine.start(parent)).result()


async def test_approvals_outlive_the_engine_and_its_policy_is_that_of_the_next(tmp_path: Path) -> None:
    wf, store = order(), tmp_path / "orders.db"
    async with Engine(store, workflows=[wf], policy=PAY) as engine:
        execution = await engine.start(wf, key="A-1")
        await execution.until("pay")
        await execution.approve("pay", by="ops")
    async with Engine(store, workflows=[wf], policy=Policy(blocked_tools=["pay"])) as engine:
        execution = await engine.start(wf, key="A-1")
        with pytest.raises(CommandRefused, match="no decision"):
            await execution.decide("pay", "perhaps", by="finance")
        await execution.approve("pay", by="finance")
        with pytest.raises(ExecutionFailed, match="is blocked by `pay` of the engine's policy"):
            await execution.result()


async def test_what_was_asked_stays_asked_without_the_policy(tmp_path: Path) -> None:
    wf, store = order(), tmp_path / "orders.db"
    async with Engine(store, workflows=[wf], policy=PAY) as engine:
        execution = await engine.start(wf, key="A-1")
        await execution.until("pay")
        await execution.approve("pay", by="ops")
    async with Engine(store, workflows=[wf]) as engine:
        execution = await engine.start(wf, key="A-1")
        assert await execution.until("pay")
        await execution.approve("pay", by="finance")
        assert (await execution.result()).paid == 7


async def test_a_rejection_says_who_and_why() -> None:
    wf = order(Policy(require_approval_for=["pay"]))
    async with testing.engine(wf) as engine:
        execution = await engine.start(wf)
        await execution.until("pay")
        await execution.reject("pay", by="finance", comment="not this month")
        with pytest.raises(ExecutionFailed, match="`pay` was rejected by finance: not this month"):
            await execution.result()


async def test_a_deadline_passes_while_nobody_approves() -> None:
    clock = testing.VirtualClock()
    wf = order(Policy(require_approval_for=[ApprovalRule("pay", deadline_ms=60_000)]))
    async with testing.engine(wf, clock=clock) as engine:
        execution = await engine.start(wf)
        await execution.until("pay")
        await clock.advance("1m")
        with pytest.raises(ExecutionFailed, match="was not approved within"):
            await execution.result()


def test_a_script_is_told_what_it_waits_for(tmp_path: Path) -> None:
    with pytest.raises(ExecutionWaiting, match="a person: `pay`"):
        run(order(Policy(require_approval_for=["pay"])), store=tmp_path / "a.db")


@pytest.mark.parametrize(
    ("policy", "complaint"), [("pay", "is no Policy"), (Policy(model_allowlist=["*"]), "not there yet")]
)
def test_what_an_engine_can_not_enforce_is_refused(policy: Any, complaint: str) -> None:
    with pytest.raises(BadValue, match=complaint):
        Engine("memory:", policy=policy)
