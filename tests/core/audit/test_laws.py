"""The audit finds what no history may hold, once, at its event and under its code; and nothing in what is like it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.audit import MEANINGS
from pectin.core.definition import Effect, RunOn
from pectin.core.event import AnyEvent, NodeMapped
from pectin.core.evolve import fold
from pectin.core.policy import Policy
from pectin.core.state import Run
from pectin.nodes import bind, police
from tests.core.audit.histories import (
    ALSO_BROKEN,
    BEGIN,
    BROKEN,
    CANCELLED,
    COMPLETED,
    SOUND,
    approved,
    audited,
    begun,
    closing,
    codes,
    completed,
    cut_off,
    failed_once,
    parked,
    scheduled,
)
from tests.core.world import define, each, finalizer, step

# -- each of its findings ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", BROKEN)
def test_what_is_wrong_is_found_at_its_event(code: str) -> None:
    events = BROKEN[code]
    audit = audited(events)
    (finding,) = audit.findings
    assert finding.code == code
    assert finding.where.startswith(f"event {len(events)}, ")
    assert finding.hint == MEANINGS[code][1]
    assert codes(events[:-1]) == []


@pytest.mark.parametrize(("code", "events"), ALSO_BROKEN)
def test_the_same_comes_about_in_other_ways(code: str, events: list[AnyEvent]) -> None:
    assert codes(events) == [code]


@pytest.mark.parametrize("events", SOUND)
def test_what_is_like_it_is_sound(events: list[AnyEvent]) -> None:
    audit = audited(events)
    assert audit.findings == []
    assert audit.run == fold(Run(), events)


def test_every_code_of_a_history_has_a_history() -> None:
    histories = list(MEANINGS)[: list(MEANINGS).index("another_execution")]
    assert set(histories) == BROKEN.keys() | {"gap", "crowded", "unapproved"}


# -- what the definition adds -----------------------------------------------------------------------------------


def test_with_the_definition_the_body_of_a_once_node_is_known_before_it_is_in_doubt() -> None:
    program = bind(define("a -> b", nodes=[step("a", effect=Effect.ONCE)]))
    again = [*BEGIN, scheduled(), cut_off(), begun(2)]
    assert codes(again) == []
    assert codes(again, program) == ["once_again"]
    assert codes([*BEGIN, scheduled(), failed_once(), begun(2)], program) == []


def test_with_the_definition_its_policy_is_known() -> None:
    program = bind(define("a -> b", policy=Policy(require_approval_for=["a"])))
    assert codes([*BEGIN, scheduled()], program) == ["begun_unapproved"]
    unasked = [*BEGIN, scheduled(begun=False), begun(1)]
    assert (codes(unasked), codes(unasked, program)) == ([], ["begun_unapproved"])
    assert codes([*BEGIN, scheduled(begun=False), parked(), approved(), begun(1)], program) == []
    assert codes(unasked, police(bind(define("a -> b")), Policy(blocked_tools=["a"]))) == []  # an engine's came later


def test_with_the_definition_it_is_known_how_many_items_may_be_at_once() -> None:
    program = bind(define("a -> end", nodes=[each("a", "b", at_once=2), step("b")]))
    mapped = NodeMapped(at=2, activation="a", node="a", item_node="b", items=[1, 2, 3])
    items = [replace(scheduled(f"a#{index}", map="a", item=index), node="b") for index in range(3)]
    two, third = [*BEGIN, mapped, *items[:2]], items[2]
    assert codes([*two, completed("a#0"), third], program) == []
    assert codes([*two, third]) == []
    assert codes([*two, third], program) == ["crowded"]


def test_with_the_definition_finalizers_are_known() -> None:
    program = bind(define("a -> b", nodes=[finalizer("f", RunOn.SUCCESS), finalizer("g", RunOn.ALWAYS)]))
    done = [*BEGIN, scheduled(), completed(), closing(COMPLETED)]
    assert codes([*done, scheduled("f")], program) == []
    assert codes([*done, scheduled("b")]) == []
    assert codes([*done, scheduled("b")], program) == ["started_after_closing"]
    gone = [*BEGIN, closing(CANCELLED)]
    assert codes([*gone, scheduled("g")], program) == []
    assert codes([*gone, scheduled("f")]) == []
    assert codes([*gone, scheduled("f")], program) == ["started_after_closing"]
