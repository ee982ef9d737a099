"""A draft notes what is wrong and goes on."""

from typing import Any

import pytest

from pectin.authoring.draft import Draft, DraftNode, Named
from pectin.core.definition import Effect, OnItemFailure, Place, RunOn
from pectin.core.retry import PRESETS, RetryPolicy

PLACE = Place("a.py", 3)


def new_draft() -> Draft:
    return Draft("orders", PLACE)


def new_node() -> DraftNode:
    return DraftNode(name="a", kind="wait", place=PLACE)


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
    draft.read_effect("sometimes", PLACE, "node `a`")
    draft.read_number("3", PLACE, "E027", "the limit")
    draft.read_expression(3, PLACE, "the condition")
    draft.read_run_on("sometimes", new_node())
    draft.read_on_item_failure("sometimes", new_node())
    assert [problem.code for problem in draft.problems] == ["E022", "E021", "E026", "E027", "E014", "E017", "E017"]
    assert all(problem.place == PLACE for problem in draft.problems)


def test_words_and_counts_are_read() -> None:
    draft = new_draft()
    assert draft.read_run_on("success", new_node()) is RunOn.SUCCESS
    assert draft.read_on_item_failure("collect", new_node()) is OnItemFailure.COLLECT
    assert draft.read_on_item_failure("fail", new_node()) is None
    assert draft.read_number(3, PLACE, "E027", "the limit") == 3
    assert draft.read_number(None, PLACE, "E027", "the limit") is None
    assert draft.read_expression("true", PLACE, "the condition") == "true"
    assert draft.read_duration(0, PLACE, "the grace", may_be_zero=True) == 0
    assert draft.problems == []


@pytest.mark.parametrize("number", [True, 1.0, "1"])
def test_what_is_no_whole_number_is_noted(number: object) -> None:
    draft = new_draft()
    assert draft.read_number(number, PLACE, "E027", "the limit") is None
    assert draft.problems[0].message == f"the limit, {number!r}, is no whole number"


def test_the_end_is_no_node() -> None:
    draft = new_draft()
    assert draft.find_node("end", PLACE) is None
    assert draft.problems[0].message == "END is no node"


def test_a_name_or_a_key_that_is_no_text_goes_on_as_one() -> None:
    draft = new_draft()
    number: Any = 5
    draft.add(DraftNode(name=number, kind="wait", place=PLACE, output_key=number))
    assert [problem.code for problem in draft.problems] == ["E004", "E019"]
    assert (draft.nodes["5"].name, draft.nodes["5"].output_key) == ("5", "5")
