"""Approvals at dispatch: what leads with one, what uses it up, and what is refused."""

from __future__ import annotations

from msgspec.structs import replace

from pectin.core.audit import Audit
from pectin.core.definition import Definition, Effect, Node, WorkflowLimits
from pectin.core.event import AnyEvent, LoopEnded, LoopRepeated, NodeCompleted, NodeFailed
from pectin.core.program import Program
from pectin.core.status import SessionType, WorkflowStatus
from tests.core.case import Case
from tests.core.gated import bind_unchecked
from tests.core.world import approval, child, define, each, fan, finalizer, join, step

ASKED = ("r -> pay when output.decision == 'approved'", "r -> end otherwise")


def act(name: str = "pay") -> Node:
    return step(name, effect=Effect.KEYED)


def gated(*lines: str, nodes: tuple[Node, ...], limits: WorkflowLimits | None = None) -> Case:
    return Case(bound=program(define(*lines, nodes=nodes, limits=limits)))


def program(definition: Definition) -> Program:
    """A program whatever the check of ways says: the dispatch stands for itself."""
    return bind_unchecked(replace(definition, session_type=SessionType.APPROVAL_GATED))


def is_refused(case: Case, name: str) -> bool:
    """Whether it failed because this was not approved; its history is sound either way."""
    audit = Audit(case.program)
    for seq, event in enumerate(case.events, 1):
        audit.take(seq, event)
    assert audit.findings == []
    assert audit.run == case.run
    closing = case.run.closing
    if closing is None or closing.cause != "not_approved":
        return False
    assert (closing.to, closing.activation) == (WorkflowStatus.FAILED, name)
    assert closing.error is not None
    assert closing.error.error_class == "not_approved"
    assert closing.error.message.startswith(f"`{name}` acts, and nobody has approved it since the start")
    return True


def route_of(case: Case, kind: type[AnyEvent] = NodeCompleted) -> tuple[str, ...]:
    return case.last(kind).route.approved


def test_an_approval_lets_what_acts_go_on_once() -> None:
    case = gated("a -> r", *ASKED, "pay -> b", "b -> book", nodes=(approval("r"), act(), act("book")))
    assert case.done("a") == ["completed a", "waiting r"]
    assert route_of(case) == ()
    assert case.decide("r") == ["completed r", "begun pay"]
    assert route_of(case) == ("pay",)
    case.done("pay")
    assert route_of(case) == ()
    assert case.done("b") == ["completed b", "closing failed", "ended failed"]
    assert is_refused(case, "book")


def test_an_approval_goes_on_through_what_doesn_t_act() -> None:
    case = gated(
        "r -> f when output.decision == 'approved'", "r -> end otherwise", "f -> b", "f -> c", "b -> j", "c -> j",
        "j -> pay", nodes=(approval("r"), fan("f"), join("j", "b", "c"), act()),
    )  # fmt: skip
    assert case.decide("r") == ["completed r", "completed f", "begun b", "begun c"]
    case.done("b")
    assert case.done("c") == ["completed c", "completed j", "begun pay"]
    assert not is_refused(case, "pay")


def test_another_decision_is_no_approval() -> None:
    lines = ("a -> r", "r -> pay when output.decision != 'approved'", "r -> end otherwise")
    case = gated(*lines, nodes=(approval("r"), act()))
    case.done("a")
    assert case.decide("r", "rejected") == ["completed r", "closing failed", "ended failed"]
    assert is_refused(case, "pay")


def test_every_way_that_was_taken_has_to_lead_with_one() -> None:
    lines = ("a -> f", "f -> r", "f -> b", *ASKED, "b -> pay")
    case = gated(*lines, nodes=(fan("f"), approval("r"), act()))
    case.done("a")
    case.decide("r")
    assert case.done("b")[:2] == ["completed b", "closing failed"]
    assert is_refused(case, "pay")


def test_a_way_that_was_not_taken_doesn_t_count() -> None:
    lines = ("a -> r", "a -> pay when state.x > 1", "a -> b otherwise", *ASKED)
    case = gated(*lines, nodes=(approval("r"), act()))
    case.done("a")
    case.done("b")
    assert case.decide("r") == ["completed r", "begun pay"]


def test_a_join_that_fires_early_counts_what_has_arrived() -> None:
    lines = ("a -> f", "f -> r", "f -> b", "r -> j when output.decision == 'approved'", "r -> end otherwise", "b -> j")
    nodes = (fan("f"), approval("r"), join("j", "r", "b", at_least=1), act())
    case = gated(*lines, "j -> pay", nodes=nodes)
    case.done("a")
    assert case.decide("r")[:3] == ["completed r", "completed j", "cancelled b"]
    assert not is_refused(case, "pay")
    case = gated(*lines, "j -> pay", nodes=nodes)
    case.done("a")
    assert case.done("b")[:2] == ["completed b", "completed j"]
    assert is_refused(case, "pay")


def test_a_failure_leads_with_what_its_node_was_entered_with() -> None:
    lines = ("r -> b when output.decision == 'approved'", "r -> end otherwise", "b -> pay on_error", "b -> end")
    case = gated(*lines, nodes=(approval("r"), act()))
    case.decide("r")
    assert case.fail("b") == ["failed b", "begun pay"]
    assert route_of(case, NodeFailed) == ("pay",)
    assert case.fail("pay")[0] == "failed pay"
    assert not is_refused(case, "pay")


def test_what_acted_and_failed_has_used_it_up() -> None:
    case = gated("a -> r", *ASKED, "pay -> book on_error", nodes=(approval("r"), act(), act("book")))
    case.done("a")
    case.decide("r")
    assert case.fail("pay")[:2] == ["failed pay", "closing failed"]
    assert is_refused(case, "book")


def test_an_iteration_is_approved_by_what_leads_back() -> None:
    lines = ("r -> h when output.decision == 'approved'", "r -> end otherwise", "h -> pay", "pay -> b",
        "b -> h repeat 3 when state.x < 3")  # fmt: skip
    case = gated(*lines, nodes=(approval("r"), act()))
    case.decide("r")
    assert case.done("h[1]") == ["completed h[1]", "begun pay[1]"]
    case.done("pay[1]")
    case.done("b[1]")
    assert case.done("h[2]")[:2] == ["completed h[2]", "closing failed"]
    assert is_refused(case, "pay[2]")
    lines = ("h -> pay when iteration > 1", "h -> q", "pay -> q", "q -> h repeat 3 when output.decision == 'approved'",
        "q -> end otherwise", "q -> end when state.x > 9")  # fmt: skip
    again = gated(*lines, nodes=(approval("q"), act()))
    again.done("h[1]")
    assert again.decide("q[1]")[-1] == "begun h[2]"
    assert route_of(again) == ("h",)
    assert again.done("h[2]") == ["completed h[2]", "begun pay[2]"]
    assert not is_refused(again, "pay[2]")


def test_what_leaves_a_loop_leads_with_what_its_last_iteration_had() -> None:
    lines = ("h -> q", "q -> b when output.decision == 'approved'", "q -> end otherwise", "q -> pay when state.x > 1",
        "b -> h repeat 3 when state.x < 1", "b -> pay")  # fmt: skip
    case = gated(*lines, nodes=(approval("q"), act()))
    case.done("h[1]")
    case.decide("q[1]")
    assert case.done("b[1]", x=1) == ["completed b[1]", "left h", "begun pay"]
    assert (route_of(case), route_of(case, LoopEnded)) == (("pay",), ("pay",))
    both = gated(*lines, nodes=(approval("q"), act()), limits=None)
    both.done("h[1]", x=2)
    both.decide("q[1]")
    assert both.done("b[1]") == ["completed b[1]", "left h", "closing failed", "ended failed"]
    assert is_refused(both, "pay")


def test_the_way_by_a_limit_leads_as_one_more_iteration_would() -> None:
    lines = ("r -> r repeat 2 when output.decision == 'approved'", "r -> end when output.decision == 'rejected'",
        "r -> pay on_limit")  # fmt: skip
    case = gated(*lines, nodes=(approval("r"), act()))
    assert case.decide("r[1]") == ["completed r[1]", "repeated r 2", "waiting r[2]"]
    assert case.decide("r[2]") == ["completed r[2]", "left r", "begun pay"]
    assert case.last(LoopRepeated).iteration == 2
    assert not is_refused(case, "pay")
    lines = ("h -> h repeat 1 when state.x < 1", "h -> pay on_limit")
    case = gated(*lines, nodes=(act(),))
    assert case.done("h[1]")[:3] == ["completed h[1]", "left h", "closing failed"]
    assert is_refused(case, "pay")


def test_a_loop_within_a_loop_leads_back_with_its_approval() -> None:
    lines = ("h -> g", "g -> q", "q -> g repeat 3 when output.decision == 'rejected'",
        "q -> h repeat 3 when output.decision == 'approved'", "h -> pay when iteration > 1",
        "pay -> g")  # fmt: skip
    case = gated(*lines, nodes=(approval("q"), act()))
    case.done("h[1]")
    case.done("g[1][1]")
    case.decide("q[1][1]", "rejected")
    case.done("g[1][2]")
    assert case.decide("q[1][2]")[-1] == "begun h[2]"
    assert case.done("h[2]") == ["completed h[2]", "begun pay[2]"]
    assert not is_refused(case, "pay[2]")


def test_items_are_approved_with_their_map() -> None:
    lines = ("r -> all when output.decision == 'approved'", "r -> end otherwise")
    case = gated(*lines, nodes=(approval("r"), each("all", "pay", at_once=1), act()))
    assert case.decide("r") == ["completed r", "mapped all", "begun all#0"]
    case.done("all#0")
    assert not is_refused(case, "all")
    case = gated("a -> all", nodes=(each("all", "pay"), act()))
    assert case.done("a")[:2] == ["completed a", "closing failed"]
    assert is_refused(case, "all")


def test_a_child_acts_unless_it_is_gated() -> None:
    case = gated("a -> kid", nodes=(child("kid"),))
    case.done("a")
    assert is_refused(case, "kid")
    case = gated("a -> kid", nodes=(child("kid", gated=True),))
    assert case.done("a") == ["completed a", "spawned kid"]


def test_nothing_starts_at_what_acts() -> None:
    case = gated("pay -> b", nodes=(act(), finalizer("f")))
    assert case.started == ["closing failed", "ended failed"]
    assert is_refused(case, "pay")


def test_the_node_of_a_limit_is_not_approved_by_what_was_before() -> None:
    limits = WorkflowLimits(wall_time_ms=50, on_limit="l")
    case = gated("r -> b when output.decision == 'approved'", "r -> end otherwise", "l -> pay",
        nodes=(approval("r"), act()), limits=limits)  # fmt: skip
    case.decide("r")
    assert case.wake(60)[-1] == "begun l"
    assert case.done("l")[:2] == ["completed l", "closing failed"]
    assert is_refused(case, "pay")
