"""The audit finds an approval that nobody gave, and what acts without one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.core.definition import Effect
from pectin.core.event import AnyEvent, LimitReached, LoopEnded, LoopRepeated, NodeMapped, Route
from pectin.core.program import Program
from pectin.core.status import SessionType
from tests.core.audit.histories import BEGIN, CREATED, asked, codes, completed, decided, error, scheduled
from tests.core.gated import bind_unchecked
from tests.core.world import approval, define, each, step

GATED: list[AnyEvent] = [replace(CREATED, session_type=SessionType.APPROVAL_GATED), *BEGIN[1:]]
TO_B = Route(taken=("b",), approved=("b",))
APPROVED = replace(decided("approved"), route=TO_B)


def program(acting: str = "b") -> Program:
    lines = ("a -> b when output.decision == 'approved'", "a -> end otherwise", "b -> c")
    nodes = (approval("a"), step(acting, effect=Effect.KEYED), each("m", "i"), step("i", effect=Effect.ONCE))
    definition = define(*lines, "c -> m", nodes=nodes)
    return bind_unchecked(replace(definition, session_type=SessionType.APPROVAL_GATED))


def test_what_was_approved_is_sound() -> None:
    assert codes([*GATED, asked(), APPROVED, scheduled("b")], program()) == []


@pytest.mark.parametrize(
    "event",
    [
        replace(decided("rejected"), route=TO_B),
        replace(decided("approved", by=None), route=TO_B),
    ],
)
def test_a_way_that_nobody_approved_is_found(event: AnyEvent) -> None:
    assert "approved_by_nobody" in codes([*GATED, asked(), event], program())


def test_only_who_was_asked_approves() -> None:
    said = {"decision": "approved", "by": "me"}
    forged = completed(route=TO_B, output=said, by="me")
    assert codes([*GATED, scheduled(), forged]) == ["approved_by_nobody"]


def test_what_acts_uses_an_approval_up() -> None:
    on = Route(taken=("c",), approved=("c",))
    approved = [*GATED, asked(), APPROVED, scheduled("b"), completed("b", route=on)]
    assert codes(approved, program()) == ["approved_by_nobody"]
    assert codes(approved, program("c")) == []
    assert codes([*approved, scheduled("c")], program("c")) == []


def test_what_acts_without_an_approval_is_found() -> None:
    rejected = replace(decided("rejected"), route=Route(taken=("b",)))
    acted = [*GATED, asked(), rejected, scheduled("b")]
    assert codes(acted, program()) == ["unapproved"]
    assert codes(acted) == []
    assert codes([*BEGIN, *acted[2:]], program()) == []


def test_one_way_without_an_approval_is_enough() -> None:
    both = [*GATED, scheduled("x"), completed("x", route=Route(taken=("a", "b"))), asked(), APPROVED, scheduled("b")]
    assert codes(both, program()) == ["unapproved"]


def test_items_are_held_against_their_map() -> None:
    mapped = NodeMapped(at=2, activation="m", node="m", item_node="i", items=[1])
    item = replace(scheduled("m#0", map="m", item=0), node="i")
    led = Route(taken=("m",), approved=("m",))
    assert codes([*GATED, asked(), replace(APPROVED, route=led), mapped, item], program()) == []
    assert codes([*GATED, asked(), replace(APPROVED, route=Route(taken=("m",))), mapped, item], program()) == [
        "unapproved",
        "unapproved",
    ]


def looped(*approved: str) -> list[AnyEvent]:
    """An approval in a loop `h` leads back to its header, and out of it to `b`."""
    route = Route(exits=("b",), repeats=True, approved=approved)
    return [
        *GATED,
        replace(asked(), activation="a[1]", loop="h"),
        replace(decided("approved"), activation="a[1]", loop="h", route=route),
    ]


def test_a_loop_hands_on_what_it_was_given() -> None:
    out = LoopEnded(at=400, loop="h", route=TO_B)
    assert codes([*looped("b", "h"), out, scheduled("b")], program()) == []
    assert codes([*looped("h"), out], program()) == ["approved_by_nobody"]
    by_limit = replace(out, by_limit=True)
    assert codes([*looped("h"), by_limit], program()) == []
    assert codes([*looped("b"), by_limit], program()) == ["approved_by_nobody"]


def test_an_iteration_begins_with_what_led_back() -> None:
    again = LoopRepeated(at=400, loop="b", iteration=2)
    begun = scheduled("b[2]", loop="b")
    for approved, expected in ((("b",), []), ((), ["unapproved"])):
        route = Route(repeats=True, approved=approved)
        settled = replace(decided("approved"), activation="a[1]", loop="b", route=route)
        history = [*GATED, replace(asked(), activation="a[1]", loop="b"), settled, again, replace(begun, node="b")]
        assert codes(history, program()) == expected


def test_a_limit_takes_approvals_away() -> None:
    limited = LimitReached(at=400, error=error(), node="b")
    assert codes([*GATED, asked(), APPROVED, limited, scheduled("b")], program()) == ["unapproved"]
