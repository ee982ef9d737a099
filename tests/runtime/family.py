"""What the tests of children and messages share: parents, their children, and who waits for events."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Any, TypedDict

from pectin import Execution, Workflow
from pectin.core.identity import ExecutionId
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.ports.store import Find, Store, Summary
from tests.runtime.sample import Count, Function, add


class Family(TypedDict):
    ns: list[int]
    out: list[Count]


class Parcel(TypedDict):
    tracking: str
    came: str


def parent_of(
    child: Workflow[Count], *, id: str = "parent", before: Function = add, **settings: Any
) -> Workflow[Count]:
    """A workflow that adds, runs a child, and adds again to what the child made of it."""
    workflow = Workflow(id, version="1.0.0", state=Count, **settings)
    first = workflow.node(before, name="before")
    inside = workflow.subgraph("inside", child, input={"n": "state.n"}, output={"n": "output.n"})
    first.then(inside)
    inside.then(workflow.node(add, name="after"))
    return workflow


def many_of(child: Workflow[Count]) -> Workflow[Family]:
    """A workflow that runs a child for each of its numbers."""
    workflow = Workflow("many", version="1.0.0", state=Family)
    workflow.each_child("each", "state.ns", child, input={"n": "item"}, output_key="out")
    return workflow


def awaiting(id: str = "awaiting") -> Workflow[Parcel]:
    """A workflow that waits for its parcel."""
    workflow = Workflow(id, version="1.0.0", state=Parcel)
    workflow.wait("arrival", event="parcel.arrived", key="{{ state.tracking }}", output_key="came")
    return workflow


def parcel(tracking: str) -> Parcel:
    return {"tracking": tracking, "came": ""}


async def of_workflow(store: Store, workflow: str) -> list[Summary]:
    """Its executions, the newest first."""
    return await store.find(Find(workflow_id=workflow))


async def the_child(store: Store, workflow: str = "counting") -> ExecutionId:
    """The only execution of a child's workflow."""
    (summary,) = await of_workflow(store, workflow)
    return summary.execution


async def statuses(store: Store) -> dict[str, list[WorkflowStatus]]:
    """Of all executions, by workflow."""
    found: dict[str, list[WorkflowStatus]] = {}
    for summary in await store.find(Find()):
        found.setdefault(summary.workflow_id, []).append(summary.status)
    return found


async def until_it(execution: Execution[Any], is_so: Callable[[Run], bool]) -> None:
    """Return when it is so of its run."""
    async with aclosing(execution.runs(rests=False)) as runs:
        async for run in runs:
            if is_so(run):
                return
