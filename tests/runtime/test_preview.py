"""Previews: what runs in them, what is simulated, where they end, and that nothing is left of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypedDict

import pytest

import pectin
from pectin import (
    END,
    ApprovalRule,
    BadInput,
    BadValue,
    Context,
    PectinError,
    Policy,
    Preview,
    RetryPolicy,
    Workflow,
    WorkflowStatus,
    testing,
    tool,
)
from pectin.core.audit import Audit
from pectin.core.event import NodeCompleted, NodeFailed
from pectin.runtime.simulation import BadSimulation
from tests.runtime.sample import ZERO, Count, add, asking, chain


class Basket(TypedDict):
    items: list[int]
    out: list[Any]
    seen: Any


EMPTY: Basket = {"items": [1, 2], "out": [], "seen": None}


def basket(**options: Any) -> Workflow[Basket]:
    return Workflow("basket", version="1.0.0", state=Basket, **options)


def look(workflow: Workflow[Any], input: Any = None, **simulate: Callable[[Any], object] | object) -> Preview[Any]:
    """A preview; its history is sound."""
    seen = pectin.preview(workflow, input, simulate=simulate)
    audit = Audit(workflow.build().program)
    for seq, event in seen.history:
        audit.take(seq, event)
    assert audit.findings == []
    assert audit.run.data == seen.info.current_state
    return seen


def lacks(seen: Preview[Any]) -> Mapping[str, str]:
    assert not seen.status.is_terminal
    return {lack.node: lack.asks for lack in seen.lacks}


# -- functions --------------------------------------------------------------------------------------------------


def test_pure_functions_run() -> None:
    seen = look(chain(add, effect="pure"), {"n": 4})
    assert (seen.status, seen.state, seen.lacks, seen.error) == (WorkflowStatus.COMPLETED, {"n": 5}, (), None)


@pytest.mark.parametrize("effect", ["idempotent", "keyed", "transactional", "once"])
def test_no_other_function_does(effect: str) -> None:
    called: list[int] = []

    def act(state: Count) -> Count:
        called.append(state["n"])
        return state

    workflow = chain(act, effect=effect)
    seen = look(workflow, ZERO)
    assert lacks(seen) == {"act": f"the keys of the state that it sets; it is `{effect}`"}
    assert look(workflow, ZERO, act={"n": 3}).state == {"n": 3}
    assert look(workflow, {"n": 1}, act=lambda state: {"n": state["n"] * 10}).state == {"n": 10}
    assert called == []


def test_everything_else_goes_on_and_all_that_it_lacks_is_named() -> None:
    wf = basket(reducers={"out": "append"})
    fan = wf.parallel("fan")
    pure = wf.node(lambda_free, effect="pure")
    fan.then(pure, wf.approval("ask", "Well?", decisions=["yes"]).on(yes=END), wf.node(keep, output_key="seen"))
    seen = look(wf, EMPTY)
    assert seen.state["out"] == [7]
    assert lacks(seen) == {"ask": "a decision: yes", "keep": "what goes to `seen`; it is `idempotent`"}


def lambda_free(state: Basket) -> Basket:
    state["out"].append(7)
    return state


def keep(state: Basket) -> int:
    return 1


def test_what_stands_in_may_fail_and_is_tried_again_at_once() -> None:
    tries: list[int] = []

    def fail(state: Count) -> Count:
        tries.append(1)
        raise OSError("the line is down")

    retry = RetryPolicy(max_attempts=3, initial_delay_ms=3_600_000, max_delay_ms=3_600_000)
    seen = look(chain(add, effect="keyed", retry=retry), ZERO, add=fail)
    assert (seen.status, len(tries)) == (WorkflowStatus.FAILED, 3)
    assert seen.error is not None
    assert (seen.error.error_class, seen.error.attempt) == ("io_error", 3)
    assert seen.info.updated_at.timestamp() - seen.info.started_at.timestamp() > 3_600


def test_a_pure_function_has_its_time() -> None:
    async def hang(state: Count) -> Count:
        await asyncio.Event().wait()
        return state

    async def give_up(state: Count) -> Count:
        raise asyncio.CancelledError

    async def late(state: Count) -> Count:
        raise TimeoutError("not ours")

    for function, error_class, message in (
        (hang, "timeout", "no result within 0.001 s"),
        (give_up, "cancelled", "the function cancelled itself"),
        (late, "timeout", "not ours"),
    ):
        seen = look(chain(function, effect="pure", timeout="PT0.001S"), ZERO)
        assert seen.error is not None
        assert (seen.error.error_class, seen.error.message) == (error_class, message)


def test_a_finalizer_is_simulated_too() -> None:
    wf = chain(add, effect="pure")
    wf.finalizer(name="tidy")(add)
    assert lacks(look(wf, ZERO)) == {"tidy": "the keys of the state that it sets; it is `idempotent`"}
    assert look(wf, ZERO, tidy=None).state == {"n": 1}


# -- what waits -------------------------------------------------------------------------------------------------


def test_an_approval_is_decided() -> None:
    assert lacks(look(asking(), ZERO, before={"n": 1})) == {"review": "a decision: approved, rejected"}
    approved = look(asking(), ZERO, before={"n": 1}, review="approved", after={"n": 2})
    assert approved.state == {"n": 2}
    decided = next(event for _, event in approved.history if isinstance(event, NodeCompleted) and event.by)
    assert (decided.activation, decided.by) == ("review", "preview")
    by_state = look(asking(), ZERO, before={"n": 1}, review=lambda state: "rejected" if state["n"] else "approved")
    assert (by_state.status, by_state.state) == (WorkflowStatus.COMPLETED, {"n": 1})


def test_a_decision_may_change_the_state() -> None:
    wf: Workflow[Count] = Workflow("edited", version="1.0.0", state=Count)
    wf.approval("review", "Go on?", editable=["n"]).on(approved=END, rejected=END)
    said = {"decision": "approved", "edits": {"n": 9}, "comment": "more"}
    assert look(wf, ZERO, review=said).state == {"n": 9}


def test_a_deadline_passes_only_if_that_is_simulated() -> None:
    wf = asking(deadline="72h")
    assert lacks(look(wf, ZERO, before=None)) == {"review": "a decision: approved, rejected, timeout"}
    assert look(wf, ZERO, before=None, review="timeout", after={"n": 5}).state == {"n": 5}


def test_time_never_passes_what_nothing_stands_in_for() -> None:
    wf = basket()
    fan = wf.parallel("fan")
    fan.then(wf.approval("ask", "Well?", deadline="1h").on(approved=END, rejected=END, timeout=END))
    fan.then(wf.wait("nap", duration="2h"))
    assert lacks(look(wf, EMPTY, nap=None)) == {"ask": "a decision: approved, rejected, timeout"}
    assert look(wf, EMPTY, nap=None, ask="timeout").status is WorkflowStatus.COMPLETED
    assert lacks(look(wf, EMPTY, ask="timeout")) == {"nap": "null, to let its time pass"}


def test_messages_come() -> None:
    wf = basket()
    paid = wf.wait("paid", event="paid", key="{{ size(state.items) }}", output_key="seen")
    go = wf.wait("go", signal="go", duration="1h")
    paid.then(go)
    assert lacks(look(wf, EMPTY)) == {"paid": "the payload of the event `paid`"}
    assert lacks(look(wf, EMPTY, paid=[5])) == {"go": 'the payload of the signal `go`, or {"came": "timer"}'}
    done = look(wf, EMPTY, paid=[5], go={"came": "timer"})
    assert (done.status, done.state["seen"]) == (WorkflowStatus.COMPLETED, [5])
    came = [event.output for _, event in done.history if isinstance(event, NodeCompleted)]
    assert came == [{"came": "event", "payload": [5]}, {"came": "timer", "payload": None}]
    assert look(wf, EMPTY, paid=1, go="now").status is WorkflowStatus.COMPLETED


def test_the_oldest_wait_takes_a_signal() -> None:
    wf = basket()
    fan = wf.parallel("fan")
    fan.then(wf.wait("first", signal="go"), wf.wait("second", signal="go"))
    assert lacks(look(wf, EMPTY, second=1)) == {"first": "the payload of the signal `go`"}
    assert look(wf, EMPTY, second=1, first=2).status is WorkflowStatus.COMPLETED


# -- children and items -----------------------------------------------------------------------------------------


def family() -> Workflow[Basket]:
    wf = basket()
    wf.each_child("sums", "state.items", chain(add, id="inner"), input={"n": "item"}, output_key="out")
    return wf


def test_a_child_is_simulated() -> None:
    assert lacks(look(family(), EMPTY)) == {"sums": "the last state of `inner` 1.0.0"}
    assert look(family(), EMPTY, sums=lambda input: {"n": input["n"] + 10}).state["out"] == [{"n": 11}, {"n": 12}]

    def fail(input: Any) -> None:
        raise ValueError("no")

    seen = look(family(), EMPTY, sums=fail)
    assert seen.error is not None
    assert seen.error.error_class == "child_failed"


def test_an_item_is_simulated_by_its_map() -> None:
    def double(item: int) -> int:
        return item * 2

    wf = basket()
    wf.each("state.items", output_key="out")(double)
    assert lacks(look(wf, EMPTY)) == {"double": "what an item gives; it is `idempotent`"}
    assert look(wf, EMPTY, double=lambda item: item * 3).state["out"] == [3, 6]
    pure = basket()
    pure.each("state.items", output_key="out", effect="pure")(double)
    assert look(pure, EMPTY).state["out"] == [2, 4]


def test_what_is_of_no_use_any_more_is_not_run() -> None:
    called: list[str] = []

    def note(state: Basket, ctx: Context) -> Basket:
        called.append(ctx.activation)
        return state

    wf = basket()
    fan, first = wf.parallel("fan"), wf.join("first", at_least=1)
    for name in ("a", "b", "c"):
        node = wf.node(note, name=name, effect="pure")
        fan.then(node)
        node.then(first)
    assert look(wf, EMPTY).status is WorkflowStatus.COMPLETED
    assert called == ["a"]


# -- what can't be ----------------------------------------------------------------------------------------------


def test_what_was_given_and_can_t_be_used_is_refused() -> None:
    with pytest.raises(BadInput):
        pectin.preview(asking(), {"m": 1})
    for given, told in (
        ({"reviw": 1}, "there is no such node; did you mean `review`"),
        ({"before": None, "review": "perhaps"}, "has no decision `perhaps`"),
        ({"before": None, "review": 5}, "5 is no decision"),
        ({"before": None, "review": {"decision": "approved", "edits": {"n": 1}}}, "`n` can't be changed"),
    ):
        with pytest.raises(BadValue, match=told):
            pectin.preview(asking(), ZERO, simulate=given)
    with pytest.raises(BadValue, match="5 is no state of a child"):
        pectin.preview(family(), EMPTY, simulate={"sums": 5})


async def test_where_a_loop_runs_it_says_what_to_write_instead() -> None:
    with pytest.raises(PectinError, match="write `await engine"):
        pectin.preview(asking(), ZERO)


# -- nothing is left --------------------------------------------------------------------------------------------


async def test_an_engine_previews_without_its_store(tmp_path: Path) -> None:
    wf = asking()
    async with testing.engine(wf, store=tmp_path / "pectin.db") as engine:
        seen = await engine.preview(wf, ZERO, simulate={"before": {"n": 1}, "review": "approved", "after": {"n": 2}})
        assert seen.state == {"n": 2}
        with pytest.raises(PectinError, match="does not have the workflow"):
            await engine.preview(basket(), EMPTY)
        with pytest.raises(pectin.NotFound):
            await engine.execution(seen.info.execution_id, wf)


async def test_an_ephemeral_workflow_can_only_be_previewed() -> None:
    wf: Workflow[Count] = Workflow("trial", version="1.0.0", state=Count, session_type="ephemeral")
    wf.node(add, effect="pure")
    async with testing.engine(wf) as engine:
        assert (await engine.preview(wf, ZERO)).state == {"n": 1}
        with pytest.raises(BadValue, match="`trial` is ephemeral: it can only be previewed; use `pectin"):
            await engine.start(wf, ZERO)


def test_a_gated_workflow_is_gated_in_a_preview() -> None:
    wf: Workflow[Count] = Workflow("gated", version="1.0.0", state=Count, session_type="approval_gated")
    act = wf.node(add, effect="keyed")
    wf.approval("review", "Go on?").on(approved=act, rejected=END)
    seen = look(wf, ZERO, review="approved", add={"n": 1})
    assert seen.state == {"n": 1}
    assert not [event for _, event in seen.history if isinstance(event, NodeFailed)]


def test_nobody_is_asked_for_a_call_that_is_not_made() -> None:
    rule = ApprovalRule("pay", approvers=2, not_requester=True)
    for policy in (Policy(require_approval_for=[rule]), Policy(blocked_tools=["other"])):
        workflow = Workflow("w", version="1.0.0", state=Basket, policy=policy)
        workflow.node(lambda_free, name="pay", effect="keyed")
        seen = pectin.preview(workflow, EMPTY, simulate={"pay": {"seen": 3}})
        assert seen.status is WorkflowStatus.COMPLETED


async def test_the_policy_of_an_engine_holds_in_its_previews() -> None:
    workflow = Workflow("w", version="1.0.0", state=Basket)
    workflow.node(lambda_free, name="pay", effect="pure")
    async with testing.engine(workflow, policy=Policy(blocked_tools=["pay"])) as engine:
        seen = await engine.preview(workflow, EMPTY)
    assert seen.error is not None
    assert seen.error.error_class == "policy_blocked"


def test_what_is_governed_can_be_previewed() -> None:
    workflow = Workflow(
        "w", version="1.0.0", state=Basket, session_type="persistent_governed", policy=Policy(), retention_days=1
    )
    workflow.node(lambda_free, name="look", effect="pure")
    assert look(workflow, EMPTY).status is WorkflowStatus.COMPLETED


def test_a_tool_is_simulated_by_what_it_gives() -> None:
    @tool(name="bank.pay")
    def pay(*, cents: int) -> int:
        raise AssertionError("no preview calls it")

    workflow = Workflow("w", version="1.0.0", state=Basket)
    workflow.tool("pay", pay, input={"cents": "size(state.items)"}, output={"seen": "output + 1"})
    assert lacks(look(workflow, EMPTY)) == {"pay": "what `bank.pay` gives, an int; it is `once`"}
    assert look(workflow, EMPTY, pay=41).state["seen"] == 42
    with pytest.raises(BadSimulation, match="is no int"):
        look(workflow, EMPTY, pay="approved")
