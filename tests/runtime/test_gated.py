"""Approvals at an engine: nothing acts before one, and families keep to it."""

from __future__ import annotations

from pectin import END, Workflow, testing
from pectin.core.event import ChildSpawned, ExecutionCreated, NodeScheduled
from pectin.core.identity import ExecutionId
from pectin.core.status import SessionType
from tests.runtime.sample import ZERO, Count, add


def gated(id: str = "gated") -> Workflow[Count]:
    workflow: Workflow[Count] = Workflow(id, version="1.0.0", state=Count, session_type="approval_gated")
    act = workflow.node(add, name="act", effect="keyed")
    workflow.approval("review", "Go on?").on(approved=act, rejected=END)
    return workflow


def plain(id: str = "plain") -> Workflow[Count]:
    workflow: Workflow[Count] = Workflow(id, version="1.0.0", state=Count)
    workflow.node(add, name="act", effect="once")
    return workflow


async def test_nothing_acts_before_somebody_approves() -> None:
    wf = gated()
    async with testing.engine(wf) as engine:
        for decision, last in (("approved", 1), ("rejected", 0)):
            execution = await engine.start(wf, ZERO)
            assert await testing.until_waiting(execution) == ("review",)
            assert not [each async for each in execution.events() if isinstance(each.event, NodeScheduled)]
            await execution.decide("review", decision, by="finance")
            assert await execution.result() == {"n": last}
            assert (await execution.info()).session_type is SessionType.APPROVAL_GATED


async def test_a_child_asks_for_itself_or_is_approved_as_a_whole() -> None:
    wf: Workflow[Count] = Workflow("outer", version="1.0.0", state=Count, session_type="approval_gated")
    asks = wf.subgraph("asks", gated("inner"), input={"n": "state.n"}, output={"n": "output.n"})
    whole = wf.subgraph("whole", plain(), input={"n": "state.n"}, output={"n": "output.n"})
    last = wf.approval("last", "Go on?")
    asks.then(last)
    last.on(approved=whole, rejected=END)
    async with testing.engine(wf) as engine:
        execution = await engine.start(wf, ZERO)
        await engine.idle()
        spawned = [each.event async for each in execution.events() if isinstance(each.event, ChildSpawned)]
        child = await engine.execution(ExecutionId.parse(spawned[0].child), gated("inner"))
        await child.approve("review", by="finance")
        await execution.until(last)
        assert (await execution.info()).current_state == {"n": 1}
        await execution.approve(last, by="finance")
        assert await execution.result() == {"n": 2}
        born = [each.event async for each in child.events() if isinstance(each.event, ExecutionCreated)]
        assert [event.session_type for event in born] == [SessionType.APPROVAL_GATED]
        spawned = [each.event async for each in execution.events() if isinstance(each.event, ChildSpawned)]
        whole_child = await engine.execution(ExecutionId.parse(spawned[1].child), plain())
        assert (await whole_child.info()).session_type is SessionType.RESUMABLE
