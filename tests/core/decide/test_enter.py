"""Entering what is ready, and who begins it."""

from pectin.core.command import Begin, Complete, Wake
from pectin.core.event import ClosingBegan, NodeFailed, NodeScheduled, NodeWaiting
from pectin.core.limits import Limits
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.schema import Any as AnyValue
from tests.core.case import Case
from tests.core.world import approval, each, route, step


def test_what_becomes_ready_is_begun_in_the_same_commit_as_far_as_slots_go() -> None:
    case = Case("a -> b", "a -> c", "a -> d", slots=0)
    assert case.started == ["scheduled a"]
    case.slots = 2
    assert case.wake() == ["begun a"]
    assert case.done("a") == ["completed a", "begun b", "begun c", "scheduled d"]
    assert list(case.run.ready) == ["d"]
    assert case.last(NodeScheduled).begun_by is None


def test_what_waited_longest_for_a_worker_begins_first() -> None:
    retry = RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=10, max_delay_ms=10, jitter=False)
    case = Case("a -> b", "a -> c", "a -> d", nodes=[step("b", retry)], slots=1)
    case.done("a")
    assert list(case.run.ready) == ["c", "d"]
    case.slots = 0
    case.fail("b")
    assert case.run.backoff == {"b": case.now + 10}
    case.slots = 2
    assert case.wake(case.now + 9) == ["begun c", "begun d"]
    assert case.wake(case.now + 1) == ["begun b"]


def test_a_stale_report_begins_nothing() -> None:
    case = Case("a -> b", slots=0)
    offered = Complete(at=1, begin=Begin("w", 5), activation="a", attempt=4)
    assert case.send(offered) == []
    assert case.send(Wake(at=2, begin=Begin("w", 1))) == ["begun a"]


def test_a_scheduled_node_carries_the_policy_it_was_decided_with() -> None:
    retry = RetryPolicy(max_attempts=2)
    case = Case("a -> end", nodes=[step("a", retry)])
    assert case.last(NodeScheduled).retry == retry
    assert case.last(NodeScheduled).timeout_ms == 300_000


def test_no_branch_that_holds_and_no_default_is_no_route() -> None:
    case = Case("c -> b", "c -> d on_error", nodes=[route("c", {"b": "state.x > 1"})])
    assert case.started == ["failed c", "begun d", "skipped b"]
    assert case.last(NodeFailed).error.error_class == "no_route"


def test_an_expression_without_a_result_fails_its_node() -> None:
    case = Case("c -> b", nodes=[route("c", {"b": "7 / state.x > 1"})])
    assert case.started == ["failed c", "closing failed", "ended failed"]
    assert case.last(ClosingBegan).error.error_class == "condition_error"


def test_items_that_are_no_list_or_too_many() -> None:
    nodes = [each("m", "i", "state.found"), step("i")]
    keys = {"found": AnyValue()}
    case = Case("m -> end", nodes=nodes, keys=keys, state={"found": "text"})
    assert case.last(NodeFailed).error.error_class == "bad_items"
    case = Case("m -> end", nodes=nodes, keys=keys, state={"found": [1, 2]}, limits=Limits(items_max=1))
    assert case.last(NodeFailed).error.message == "`m` has 2 items; at most 1 are allowed"
    assert (
        Case("m -> end", nodes=nodes, keys=keys, state={"found": [1]}, limits=Limits(items_max=1)).status == "running"
    )


def test_what_is_asked_has_a_digest_of_its_own() -> None:
    case = Case("a -> r", "a -> q", "r -> end", "q -> end", nodes=[approval("r"), approval("q")])
    case.done("a")
    digests = {event.digest for event in case.events if isinstance(event, NodeWaiting)}
    assert len(digests) == 2
    assert None not in digests


def test_a_start_in_a_loop_begins_its_first_iteration() -> None:
    assert Case("a -> a repeat 2 when true").started == ["begun a[1]"]
