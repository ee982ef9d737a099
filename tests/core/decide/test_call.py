"""Calls that a policy stops: each is begun only as it was approved, and a blocked one never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from pectin.core.budget import Amount
from pectin.core.command import Already, Done, Hold, Interrupt, Refused, Release
from pectin.core.definition import Node, RunOn, WorkflowLimits
from pectin.core.error import ErrorData
from pectin.core.event import AttemptBegun, CallParked, NodeFailed, NodeScheduled
from pectin.core.policy import POLICY_BLOCKED, ApprovalRule, Policy
from pectin.core.retry import RetryPolicy
from pectin.core.timeout import TimeoutConfig
from pectin.nodes import police
from tests.core.case import Case
from tests.core.world import child, each, finalizer, program, step

PAY = Policy(require_approval_for=["pay"])
RETRY = RetryPolicy(max_attempts=3, initial_delay_ms=0, jitter=False)


def case_of(
    *lines: str,
    policy: Policy | None = PAY,
    engine: Policy | None = None,
    nodes: Sequence[Node] = (),
    state: Mapping[str, Any] | None = None,
    slots: int = 100,
    **settings: Any,
) -> Case:
    bound = program(*(lines or ("pay -> b",)), nodes=nodes, policy=policy, **settings)
    return Case(bound=police(bound, engine), state=state, slots=slots)


def rule(**fields: Any) -> Policy:
    return Policy(require_approval_for=[ApprovalRule("pay", **fields)])


def error_of(case: Case) -> ErrorData:
    return case.last(NodeFailed).error


# -- approvals ------------------------------------------------------------------------------------------------


def test_a_call_waits_for_its_approval_and_is_begun_by_it() -> None:
    case = case_of(state={"x": 7})
    assert case.started == ["scheduled pay", "parked pay"]
    assert case.status == "paused"
    parked: CallParked = case.last(CallParked)
    assert (parked.call.name, parked.call.arguments["x"]) == ("pay", 7)
    assert case.decide("pay") == ["approved pay finance", "begun pay"]
    assert isinstance(case.answer, Done)
    assert case.done("pay") == ["completed pay", "begun b"]


def test_a_call_that_no_rule_is_about_is_begun_at_once() -> None:
    assert case_of("a -> b", policy=PAY).started == ["begun a"]


def test_it_is_asked_for_where_nobody_has_a_slot() -> None:
    case = case_of(slots=0)
    assert case.started == ["scheduled pay", "parked pay"]
    assert case.decide("pay") == ["approved pay finance"]
    assert list(case.run.ready) == ["pay"]
    case.slots = 1
    assert case.wake() == ["begun pay"]


def test_the_arguments_are_those_that_the_branch_sees() -> None:
    case = case_of("a -> b", "a -> c", "b -> pay")
    case.done("a")
    case.done("c", y=5)
    case.done("b", x=3)
    arguments = case.last(CallParked).call.arguments
    assert (arguments["x"], arguments["y"]) == (3, 0)


def test_all_attempts_share_the_approval() -> None:
    case = case_of(nodes=[step("pay", RETRY)])
    case.decide("pay")
    assert case.fail("pay") == ["begun pay"]
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    assert case.last(AttemptBegun).attempt == 3
    assert sum(isinstance(event, CallParked) for event in case.events) == 1


def test_each_iteration_is_asked_for_anew() -> None:
    case = case_of("pay -> b", "b -> pay repeat 2 when state.x < 9")
    case.decide("pay[1]")
    case.done("pay[1]")
    assert case.done("b[1]") == ["completed b[1]", "repeated pay 2", "scheduled pay[2]", "parked pay[2]"]


def test_each_item_is_asked_for_by_itself() -> None:
    case = case_of("m -> b", nodes=[each("m", "pay"), step("pay")])
    assert case.started[-3:] == ["parked m#0", "parked m#1", "parked m#2"]
    assert case.run.activations["m#1"].waiting is not None
    assert case.run.activations["m#1"].waiting.call is not None
    assert case.run.activations["m#1"].waiting.call.arguments == {"item": 2}
    assert case.decide("m#1") == ["approved m#1 finance", "begun m#1"]
    case.done("m#1", output="ok")
    assert case.decide("m#2", "rejected")[:1] == ["failed m#2"]
    assert case.status == "failed"


def test_an_approval_is_of_one_digest() -> None:
    case = case_of(slots=0)
    case.decide("pay")
    case.run.data["x"] = 9  # what no engine does: it is another call now
    case.slots = 1
    assert case.wake() == ["parked pay"]
    assert case.decide("pay") == ["approved pay finance", "begun pay"]


def test_another_request_than_the_one_shown_refuses() -> None:
    case = case_of()
    case.decide("pay", digest="0" * 64)
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "other_request"
    digest = case.last(CallParked).digest
    assert case.decide("pay", digest=digest)[0] == "approved pay finance"


def test_the_digest_is_of_the_arguments_and_the_activation() -> None:
    digests = {case_of(state={"x": x}).last(CallParked).digest for x in (1, 1, 2)}
    assert len(digests) == 2


def test_a_rejection_fails_the_node_and_on_error_edges_apply() -> None:
    case = case_of("pay -> b", "pay -> c on_error when error.error_class == 'approval_rejected'")
    assert case.decide("pay", "rejected", by="finance", comment="too much")[:1] == ["failed pay"]
    assert error_of(case).error_class == "approval_rejected"
    failed: NodeFailed = case.last(NodeFailed)
    assert (failed.by, failed.comment) == ("finance", "too much")
    assert list(case.run.activations) == ["c"]
    case.decide("pay", "rejected")
    assert isinstance(case.answer, Already)
    case.decide("pay", "approved")
    assert isinstance(case.answer, Refused)


def test_a_rejection_is_not_retried() -> None:
    case = case_of(nodes=[step("pay", RETRY)])
    assert case.decide("pay", "rejected")[0] == "failed pay"
    assert case.status == "failed"


@pytest.mark.parametrize(("of_rule", "of_workflow", "until"), [(500, 900, 500), (None, 900, 900), (None, None, None)])
def test_the_deadline_is_the_rules_or_the_workflows(
    of_rule: int | None, of_workflow: int | None, until: int | None
) -> None:
    case = case_of(policy=rule(deadline_ms=of_rule), timeouts=TimeoutConfig(approval_timeout_ms=of_workflow))
    assert case.last(CallParked).until == until
    if until is not None:
        assert case.wake(until - 1) == []
        assert case.wake(until)[0] == "failed pay"
        assert error_of(case).error_class == "timeout"


def test_the_shortest_of_several_deadlines_counts() -> None:
    engine = Policy(require_approval_for=[ApprovalRule("*", deadline_ms=300)])
    assert case_of(policy=rule(deadline_ms=500), engine=engine).last(CallParked).until == 300


def test_a_hold_lets_decide_and_begins_nothing() -> None:
    case = case_of()
    case.send(Hold(at=case.tick(), begin=case.offer))
    assert case.decide("pay") == ["approved pay finance"]
    assert case.send(Release(at=case.tick(), begin=case.offer)) == ["released", "begun pay"]


def test_nobody_is_asked_while_it_is_held() -> None:
    case = case_of("a -> pay", policy=None)
    case.slots = 0
    case.done("a")
    case.send(Hold(at=case.tick()))
    case.program, case.slots = police(case.program, PAY), 1
    assert case.wake() == []
    assert case.send(Release(at=case.tick(), begin=case.offer)) == ["released", "parked pay"]


def test_a_cancel_ends_the_asking() -> None:
    case = case_of()
    assert case.cancel() == ["closing cancelled", "cancelled pay", "ended cancelled"]
    case.decide("pay")
    assert isinstance(case.answer, Refused)


def test_nothing_can_be_edited_with_it() -> None:
    case = case_of()
    assert case.decide("pay", edits={"x": 1}) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "bad_edit"


# -- k of n, and who -----------------------------------------------------------------------------------------


def test_two_of_three_approve_each_once() -> None:
    case = case_of(policy=rule(approvers=2, of=("ops", "finance", "legal")))
    assert case.decide("pay", by="ops") == ["counted pay ops"]
    assert case.answer == Done("one more approval is needed")
    assert case.status == "paused"
    assert case.decide("pay", by="ops") == []
    assert case.answer == Already("`pay` was approved", "ops")
    assert case.decide("pay", by="intern") == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "not_an_approver"
    assert case.decide("pay", by="legal") == ["approved pay legal", "begun pay"]
    case.decide("pay", by="finance")
    assert case.answer == Already("`pay` was approved", "legal")


def test_one_rejection_decides_after_approvals() -> None:
    case = case_of(policy=rule(approvers=2))
    case.decide("pay", by="ops")
    assert case.decide("pay", "rejected", by="ops")[0] == "failed pay"


def test_who_may_not_approve_may_not_reject() -> None:
    case = case_of(policy=rule(of=("finance",)))
    assert case.decide("pay", "rejected", by="intern") == []
    assert isinstance(case.answer, Refused)


def test_who_started_it_does_not_approve() -> None:
    case = case_of(policy=rule(not_requester=True))
    assert case.decide("pay", by="shop") == []
    assert isinstance(case.answer, Refused)
    assert (case.answer.code, case.answer.winner) == ("requester", "shop")
    assert case.decide("pay", by=" shop ") == []
    assert case.decide("pay", by="finance") == ["approved pay finance", "begun pay"]


def test_who_started_it_may_reject() -> None:
    case = case_of(policy=rule(not_requester=True))
    assert case.decide("pay", "rejected", by="shop")[0] == "failed pay"


@pytest.mark.parametrize("fields", [{"of": ("shop",)}, {"of": ("shop", "ops"), "approvers": 2}])
def test_what_nobody_could_approve_is_blocked(fields: dict[str, Any]) -> None:
    case = case_of(policy=rule(not_requester=True, **fields))
    assert case.started[:2] == ["scheduled pay", "failed pay"]
    assert error_of(case).error_class == "policy_blocked"
    assert "too few others may" in error_of(case).message


def test_without_a_requester_nobody_can_be_somebody_else() -> None:
    case = case_of("a -> pay", policy=rule(not_requester=True))
    case.run.by = None
    case.done("a")
    assert error_of(case).error_class == "policy_blocked"
    assert "start it with `by`" in error_of(case).message


def test_every_rule_has_to_be_met() -> None:
    engine = Policy(require_approval_for=[ApprovalRule("p*", of=("legal",))])
    case = case_of(policy=rule(of=("ops", "legal")), engine=engine)
    assert case.decide("pay", by="ops") == ["counted pay ops"]
    assert case.decide("pay", by="legal") == ["approved pay legal", "begun pay"]
    one = case_of(policy=rule(of=("ops", "legal")), engine=engine)
    assert one.decide("pay", by="legal") == ["approved pay legal", "begun pay"]


def test_an_approval_that_adds_nothing_is_refused() -> None:
    engine = Policy(require_approval_for=[ApprovalRule("p*", of=("legal",))])
    case = case_of(policy=rule(of=("ops", "it")), engine=engine)
    case.decide("pay", by="ops")
    assert case.decide("pay", by="it") == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "not_an_approver"


# -- blocks --------------------------------------------------------------------------------------------------


def test_the_engine_blocks_and_on_error_edges_apply() -> None:
    case = case_of("pay -> b", "pay -> c on_error", engine=Policy(blocked_tools=["p*"]))
    assert case.started == ["scheduled pay", "failed pay", "begun c", "skipped b"]
    assert error_of(case).error_class == "policy_blocked"
    assert "`p*` of the engine's policy" in error_of(case).message


def test_a_blocked_call_is_not_retried() -> None:
    case = case_of(policy=None, engine=Policy(blocked_tools=["pay"]), nodes=[step("pay", RETRY)])
    assert case.status == "failed"


def test_what_follows_a_block_is_judged_too() -> None:
    case = case_of("pay -> b", "pay -> c on_error", "c -> d on_error", engine=Policy(blocked_tools=["pay", "c"]))
    assert case.started == ["scheduled pay", "failed pay", "scheduled c", "skipped b", "failed c", "begun d"]


def test_an_engine_that_came_to_block_it_stops_what_was_approved() -> None:
    case = case_of(slots=0)
    case.decide("pay")
    case.program = police(case.program, Policy(blocked_tools=["pay"]))
    case.slots = 1
    assert case.wake()[0] == "failed pay"
    assert error_of(case).error_class == "policy_blocked"


def test_an_engine_that_came_to_block_it_stops_the_next_attempt() -> None:
    case = case_of(policy=None, nodes=[step("pay", RETRY)])
    case.program = police(case.program, Policy(blocked_tools=["pay"]))
    assert case.fail("pay")[0] == "failed pay"
    assert error_of(case).error_class == "policy_blocked"


def test_an_engine_that_came_to_ask_asks_before_the_next_attempt() -> None:
    case = case_of(policy=None, nodes=[step("pay", RETRY)])
    case.program = police(case.program, PAY)
    assert case.fail("pay") == ["parked pay"]
    assert case.decide("pay") == ["approved pay finance", "begun pay"]


def test_what_is_parked_stays_so_when_the_rule_is_gone() -> None:
    case = case_of(policy=None, engine=PAY)
    case.program = police(case.program, Policy())
    assert case.wake() == []
    assert case.decide("pay") == ["approved pay finance", "begun pay"]


def test_what_was_approved_stays_so_when_another_rule_asks() -> None:
    case = case_of(slots=0)
    case.decide("pay")
    case.program = police(case.program, rule(approvers=5))
    case.slots = 1
    assert case.wake() == ["begun pay"]


def test_who_knows_no_engine_schedules_and_the_engine_asks() -> None:
    case = case_of("a -> pay", policy=None)
    case.slots = 0
    assert case.done("a") == ["completed a", "scheduled pay"]
    case.program, case.slots = police(case.program, PAY), 1
    assert case.wake() == ["parked pay"]


def test_a_finalizer_is_never_asked_for() -> None:
    for engine in (PAY, Policy(blocked_tools=["pay"])):
        case = case_of("a -> end", policy=None, engine=engine, nodes=[finalizer("pay"), finalizer("tidy")])
        assert case.done("a") == ["completed a", "closing completed", "scheduled pay", "failed pay", "begun tidy"]
        assert case.done("tidy")[-1] == "ended failed"


def test_a_finalizer_that_is_to_run_again_is_judged_again() -> None:
    case = case_of("a -> end", policy=None, nodes=[finalizer("pay", RunOn.ALWAYS, RETRY)])
    case.done("a")
    case.program = police(case.program, PAY)
    assert case.fail("pay") == ["failed pay", "ended failed"]
    assert error_of(case).error_class == "policy_blocked"


def test_items_are_blocked_one_by_one() -> None:
    case = case_of("m -> b", policy=None, engine=Policy(blocked_tools=["pay"]), nodes=[each("m", "pay"), step("pay")])
    assert case.status == "failed"
    assert not any(isinstance(event, AttemptBegun) for event in case.events)
    assert not any(isinstance(event, NodeScheduled) and event.begun_by for event in case.events)


def test_children_are_workflows_of_their_own() -> None:
    case = case_of("c -> b", policy=None, engine=Policy(blocked_tools=["*"]), nodes=[child("c")])
    assert case.started == ["spawned c"]


def test_the_way_of_a_limit_leads_round_no_policy() -> None:
    """The node for a passed limit is scheduled while the line for the budget is served: it is looked at, too."""
    nodes = [step(name, ceiling=Amount("0.10")) for name in ("a", "b")] + [step("wipe", ceiling=Amount("0.05"))]
    limits = WorkflowLimits(max_cost_usd="0.10", on_limit="wipe")
    case = case_of("a -> b", nodes=nodes, policy=None, engine=Policy(blocked_tools=["wipe"]), limits=limits)
    case.done("a", spent=Amount("0.10"))
    assert error_of(case).error_class == POLICY_BLOCKED
    assert not any(isinstance(event, AttemptBegun) and event.activation == "wipe" for event in case.events)


def test_where_nobody_says_who_started_it_nobody_else_is_known() -> None:
    asked = ApprovalRule("pay", not_requester=True)
    assert not asked.lets_approve("finance", None)
    assert asked.lets_approve("finance", "shop")
