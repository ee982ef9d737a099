"""Definitions as documents: they come back as they were, or are refused by name."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples import chase, letters, parcel, payouts, quotes, refund, release_notes, rollout, three_days, trip
from pectin import Workflow
from pectin.authoring.document.format import format_text
from pectin.authoring.document.layout import Sheet, lay_out
from pectin.authoring.document.reading import read_text
from pectin.authoring.document.tree import Source
from pectin.authoring.document.write import Unsayable, find_start, write_document
from pectin.authoring.document.write_json import write_json
from pectin.authoring.document.write_yaml import write_yaml
from pectin.authoring.lowering import lower
from pectin.core.definition import (
    END,
    Definition,
    Edge,
    OnFailure,
    WorkflowLimits,
    definition_hash,
)
from pectin.core.schema import Object
from pectin.core.timeout import TimeoutConfig
from tests.authoring.document.drawn import INNER, draw_definition
from tests.authoring.document.schema_check import complaints
from tests.definitions import define, fn, on_error

EXAMPLES = (chase, letters, parcel, payouts, quotes, refund, release_notes, rollout, three_days, trip)
STATE = Object({}, open=True)


def read(text: str, file: str) -> list[Definition]:
    documents = read_text(text, file)
    assert [document.draft.problems for document in documents] == [[] for _ in documents]
    return [lower(document.draft).definition for document in documents]


def small(*parts: Any, **fields: Any) -> Definition:
    return define(*parts, state=STATE, **fields)


@given(st.integers(0, 2**32))
def test_every_definition_comes_back(seed: int) -> None:
    definition = draw_definition(seed)
    document = write_document(definition)
    assert complaints(document) == []
    sheets = [Sheet(lay_out(each)) for each in (document, INNER)]
    text = write_yaml(sheets)
    for found in (read(text, "a.yaml")[0], read(write_json(sheets), "a.json")[0]):
        assert found == definition
        assert definition_hash(found) == definition_hash(definition)
    assert format_text(Source(text, "a.yaml")) == text, "it is in its form already"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.__name__)
def test_the_examples_come_back(example: Any) -> None:
    members: dict[str, Any] = example.__dict__
    workflows: list[Any] = [each for each in members.values() if isinstance(each, Workflow)]
    definitions = [workflow.build().definition for workflow in workflows]
    sheets = [Sheet(lay_out(write_document(definition))) for definition in definitions]
    for text, file in ((write_yaml(sheets), "a.yaml"), (write_json(sheets), "a.json")):
        assert list(map(definition_hash, read(text, file))) == list(map(definition_hash, definitions))


def test_the_form_is_one_that_a_person_would_write() -> None:
    assert write_yaml([Sheet(lay_out(write_document(refund.refund.build().definition)))]) == dedent(
        """\
        workflow: refund
        version: 1.0.0
        state:
          order: string
          amount: decimal = 0
          risk: unknown | low | high = unknown
          receipt: string?

        nodes:
          look_up: {run: look_up, retry: io_default, timeout: 30s, then: assess}
          assess:
            run: assess
            then:
              - to: review
                when: state.risk == 'high'
              - to: pay
                otherwise: true
          pay: {run: pay, effect: keyed}
          review:
            approval: Refund {{ state.amount }} for {{ state.order }}?
            deadline: 72h
            decisions: {approved: pay, rejected: end, timeout: end}
        """
    )


@pytest.mark.parametrize(
    ("definition", "start"),
    [
        (small(fn("a"), Edge("a", END)), None),
        (small(fn("a"), fn("b"), Edge("b", "a"), start="b"), None),
        (small(fn("a"), fn("b"), start="b"), "b"),
        (small(fn("a"), fn("b"), Edge("a", "b"), start="b"), "b"),
    ],
)
def test_the_start_is_said_where_it_can_not_be_seen(definition: Definition, start: str | None) -> None:
    assert write_document(definition).get("start") == start
    assert (find_start(definition) == definition.start) == (start is None)


def test_what_is_usual_is_left_out() -> None:
    assert write_document(small(fn("a"))) == {
        "workflow": "refund",
        "version": "1.0.0",
        "nodes": {"a": {"run": "a", "effect": "pure"}},
    }
    document = write_document(
        small(fn("a"), timeouts=TimeoutConfig(node_timeout_ms=None), limits=WorkflowLimits(max_iterations=3))
    )
    assert (document["timeouts"], document["limits"]) == ({"node_timeout": None}, {"max_iterations": 3})


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        (small(fn("a"), Edge("b", "a")), "an edge leaves `b`, and there is no such node"),
        (
            small(fn("a"), fn("b"), on_error("a", "b"), Edge("a", END)),
            "`a` → `b` stands where a document puts `a` → `end`",
        ),
        (
            small(fn("a"), fn("b"), Edge("b", END), Edge("a", "b")),
            "`b` → `end` stands where a document puts `a` → `b`",
        ),
        (small(fn("a"), limits=WorkflowLimits()), "it has limits that limit nothing"),
        (small(fn("a"), on_failure=OnFailure.FAIL_FAST), "`on_failure` says what is so anyway: `fail_fast`"),
    ],
)
def test_what_no_document_can_say_is_refused(definition: Definition, reason: str) -> None:
    with pytest.raises(Unsayable) as raised:
        write_document(definition)
    assert raised.value.reasons == (reason,)
    assert str(raised.value) == f"`refund` can't be written as a document:\n  {reason}"
