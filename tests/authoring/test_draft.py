"""A draft notes what is wrong and goes on."""

from typing import Any

from pectin.authoring.draft import Draft, DraftNode, Named
from pectin.core.definition import Effect, Place
from pectin.core.retry import PRESETS, RetryPolicy
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig

PLACE = Place("a.py", 3)


def new_draft() -> Draft:
    return Draft("orders", PLACE)


def test_a_name_that_is_taken_goes_on_under_another() -> None:
    draft = new_draft()
    nodes = [DraftNode(name="a", kind="wait", place=PLACE) for _ in range(3)]
    for node in nodes:
        draft.add(node)
    assert [node.name for node in nodes] == list(draft.nodes) == ["a", "a_2", "a_3"]
    assert [problem.code for problem in draft.problems] == ["E005", "E005"]


def test_targets_are_nodes_of_the_same_draft() -> None:
    draft = new_draft()
    assert draft.find_target(Named(draft, "a"), PLACE) == "a"
    assert draft.find_target("end", PLACE) == "end"
    assert draft.problems == []
    for wrong in (Named(new_draft(), "a"), "a", len, None):
        assert draft.find_target(wrong, PLACE) is None
    assert {problem.code for problem in draft.problems} == {"E036"}


def test_an_edge_to_nothing_is_left_out() -> None:
    draft = new_draft()
    draft.connect("a", ("end", None), PLACE)
    assert [edge.target for edge, _ in draft.edges] == ["end"]


def test_settings_are_read() -> None:
    draft = new_draft()
    assert draft.read_duration("1h30m", PLACE, "the timeout") == 5_400_000
    assert draft.read_duration(None, PLACE, "the timeout") is None
    policy = RetryPolicy(max_attempts=2)
    assert draft.read_retry(policy, PLACE, "node `a`") is policy
    assert draft.read_retry("io_default", PLACE, "node `a`") is PRESETS["io_default"]
    assert draft.read_effect("keyed", PLACE, "node `a`") is Effect.KEYED
    assert draft.problems == []


def test_settings_that_cant_be_read_are_noted() -> None:
    draft = new_draft()
    draft.read_duration("soon", PLACE, "the timeout")
    draft.read_retry(3, PLACE, "node `a`")
    draft.read_effect("transactional", PLACE, "node `a`")
    draft.read_effect("sometimes", PLACE, "node `a`")
    assert [problem.code for problem in draft.problems] == ["E022", "E021", "E023", "E026"]
    assert all(problem.place == PLACE for problem in draft.problems)


def test_what_is_said_of_the_workflow_is_read() -> None:
    draft = new_draft()
    assert draft.read_text("orders", "id") == "orders"
    assert draft.read_session_type("ephemeral") is draft.read_session_type(SessionType.EPHEMERAL)
    assert draft.read_timeouts(None) == TimeoutConfig()
    timeouts = TimeoutConfig(node_timeout_ms=1)
    assert draft.read_timeouts(timeouts) is timeouts
    assert draft.problems == []


def test_a_name_or_a_key_that_is_no_text_goes_on_as_one() -> None:
    draft = new_draft()
    number: Any = 5
    draft.add(DraftNode(name=number, kind="wait", place=PLACE, output_key=number))
    assert [problem.code for problem in draft.problems] == ["E004", "E019"]
    assert (draft.nodes["5"].name, draft.nodes["5"].output_key) == ("5", "5")
