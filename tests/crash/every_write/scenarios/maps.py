"""Maps: one activation for a list, whose items fail, are collected, waited for, or are executions of their own."""

from __future__ import annotations

from typing import Any

from pectin import Context, DidNot, Happened, WorkflowStatus
from tests.crash.every_write.ledger import ledger
from tests.crash.every_write.stage import (
    FIRST,
    HAND_IN,
    THRICE,
    Scenario,
    add,
    fail_at_two,
    square,
    workflow,
    write,
)


def mapped() -> Scenario:
    """Five items, two at once; and an empty list beside them."""
    wf = workflow("mapped")
    wf.each("state.items", max_concurrency=2, output_key="found", name="square")(square)
    return Scenario(
        workflow=wf,
        inputs=({**FIRST, "items": [1, 2, 3, 4, 5]},),
        ends=WorkflowStatus.COMPLETED,
        state={"found": [1, 4, 9, 16, 25]},
    )


def item_failed() -> Scenario:
    """The second item fails, and ends the others before they begin."""
    wf = workflow("item-failed")
    square = wf.each("state.items", max_concurrency=1, output_key="found", name="square")(fail_at_two)
    square.then(wf.node(add, name="unused"))
    square.on_error(wf.node(write, name="saved"))
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"notes": ["saved"], "found": []})


def items_waited_for() -> Scenario:
    """An item fails, and the map when all have settled."""
    wf = workflow("items-waited-for")
    wf.each("state.items", on_item_failure="wait", retry=THRICE, output_key="found", name="square")(fail_at_two)
    return Scenario(workflow=wf, ends=WorkflowStatus.FAILED, state={"found": []})


def items_collected() -> Scenario:
    """An item fails, and its error stands in its place."""
    wf = workflow("items-collected")
    wf.each("state.items", on_item_failure="collect", max_concurrency=2, output_key="found", name="square")(fail_at_two)
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED)


def items_once() -> Scenario:
    """Each item has an effect that nobody may have twice; some hang, and what happened is found out."""
    wf = workflow("items-once")

    @wf.each("state.items", effect="once", timeout="30s", max_concurrency=2, output_key="found")
    async def pay(item: int, ctx: Context) -> int:
        ledger.work(ctx)
        return item * 10

    @pay.reconcile
    async def was_paid(item: int, ctx: Context) -> Happened[int] | DidNot:
        return Happened(item * 10) if ledger.has_done(ctx) else DidNot()

    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED, state={"found": [10, 20, 30]})


def children_mapped() -> Scenario:
    """Each item is an execution of its own, two at once."""
    part = workflow("part")
    part.node(add, name="work")
    wf = workflow("children-mapped")
    hand_in: dict[str, Any] = {**HAND_IN, "n": "item"}
    wf.each_child("parts", "state.items", part, input=hand_in, max_concurrency=2, output_key="found")
    return Scenario(workflow=wf, ends=WorkflowStatus.COMPLETED)
