"""What can act without an approval, and what counts as one."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.definition import Definition, Effect, Node, WorkflowLimits, definition_hash
from pectin.core.program import Gate
from pectin.core.status import SessionType
from pectin.core.validate import is_warning
from pectin.nodes import bind, examine
from tests.core.world import approval, child, define, each, fan, finalizer, join, step

GATED = SessionType.APPROVAL_GATED
ASKED = ("r -> pay when output.decision == 'approved'", "r -> end otherwise")
BY_APPROVAL = "lead to it by an approval's `approved`"


def act(name: str = "pay", effect: Effect = Effect.KEYED) -> Node:
    return step(name, effect=effect)


def gated(*lines: str, nodes: tuple[Node, ...], limits: WorkflowLimits | None = None) -> Definition:
    return define(*lines, nodes=nodes, limits=limits, session_type=GATED)


def found(definition: Definition) -> list[tuple[str, str, str | None]]:
    return [(p.code, p.message, p.hint) for p in examine(definition) if not is_warning(p)]


ACCEPTED: dict[str, Definition] = {
    "behind an approval": gated("a -> r", *ASKED, nodes=(approval("r"), act())),
    "by otherwise": gated(
        "a -> r", "r -> end when output.decision == 'rejected'", "r -> pay otherwise", nodes=(approval("r"), act())
    ),
    "by what is left": gated(
        "a -> r",
        "r -> pay when output.decision != 'rejected'",
        "r -> end otherwise",
        nodes=(approval("r"), act()),
    ),
    "with a condition more": gated(
        "a -> r",
        "r -> pay when output.decision == 'approved' && state.x > 1",
        "r -> end otherwise",
        nodes=(approval("r"), act()),
    ),
    "by the only decision": gated("a -> r", "r -> pay", nodes=(approval("r", decisions=["approved"]), act())),
    "by decisions of its own": gated("a -> r", *ASKED, nodes=(approval("r", decisions=["later", "approved"]), act())),
    "with what doesn't act between": gated("a -> r", "r -> b when output.decision == 'approved'", "r -> end otherwise",
        "b -> pay", nodes=(approval("r"), act())),
    "two side by side": gated("a -> r", *ASKED, "r -> book when output.decision == 'approved'",
        nodes=(approval("r"), act(), act("book"))),
    "each iteration is approved": gated("a -> r", *ASKED, "pay -> a repeat 3 when state.x < 3",
        nodes=(approval("r"), act())),
    "round again by an approval": gated("r -> pay when output.decision == 'approved'", "r -> end otherwise",
        "pay -> q", "q -> r repeat 3 when output.decision == 'approved'", "q -> end otherwise",
        "q -> end when state.x > 1", nodes=(approval("r"), act(), approval("q"))),
    "a limit that only approvals pass": gated(
        "r -> r repeat 3 when output.decision == 'approved'", "r -> end when output.decision == 'rejected'",
        "r -> pay on_limit", nodes=(approval("r"), act())),
    "a failure of what was approved": gated("a -> r", "r -> b when output.decision == 'approved'", "r -> end otherwise",
        "b -> pay on_error", nodes=(approval("r"), act())),
    "a child that is gated": gated("a -> kid",
        nodes=(child("kid", gated=True),)),
    "what may be done again": gated("a -> b", nodes=(act("b", Effect.IDEMPOTENT), finalizer("f"))),
}  # fmt: skip

REFUSED: dict[str, tuple[Definition, str, str, str | None]] = {
    "the start": (
        gated("pay -> b", nodes=(act(),)),
        "E055", "`pay` can be reached without an approval: pay", BY_APPROVAL,
    ),
    "no approval": (
        gated("a -> b", "b -> pay", nodes=(act(effect=Effect.ONCE),)),
        "E055", "`pay` can be reached without an approval: a → b → pay", BY_APPROVAL,
    ),
    "past one": (
        gated("a -> r", "a -> pay", *ASKED, nodes=(approval("r"), act(effect=Effect.TRANSACTIONAL))),
        "E055", "`pay` can be reached without an approval: a → pay", BY_APPROVAL,
    ),
    "any decision": (
        gated("a -> r", "r -> pay", nodes=(approval("r"), act())),
        "E055", "`pay` can be reached without an approval: a → r → pay",
        "lead from `r` to `pay` only when `output.decision == 'approved'`",
    ),
    "the deadline": (
        gated("a -> r", "r -> pay when output.decision != 'rejected'", "r -> end otherwise",
            nodes=(approval("r", 5), act())),
        "E055", "`pay` can be reached without an approval: a → r → pay",
        "lead from `r` to `pay` only when `output.decision == 'approved'`",
    ),
    "no such decision": (
        gated("a -> r", "r -> pay when output.decision == 'go'", "r -> end otherwise",
            nodes=(approval("r", decisions=["go", "stop"]), act())),
        "E055", "`pay` can be reached without an approval: a → r → pay",
        "give `r` the decision `approved`, and lead on to `pay` by it",
    ),
    "once more": (
        gated("a -> r", *ASKED, "pay -> b", "b -> book", nodes=(approval("r"), act(), act("book"))),
        "E055", "`book` can be reached without an approval: pay → b → book", BY_APPROVAL,
    ),
    "the next iteration": (
        gated("a -> r", "r -> h when output.decision == 'approved'", "r -> end otherwise", "h -> pay",
            "pay -> h repeat 3 when state.x < 3", nodes=(approval("r"), act())),
        "E055", "`pay` can be reached without an approval: pay → h → pay", BY_APPROVAL,
    ),
    "a failure": (
        gated("a -> r", "a -> pay on_error", *ASKED, nodes=(approval("r"), act())),
        "E055", "`pay` can be reached without an approval: a → pay", BY_APPROVAL,
    ),
    "the failure of an approval": (
        gated("a -> r", "r -> pay on_error", "r -> end when output.decision == 'approved'", "r -> end otherwise",
            nodes=(approval("r"), act())),
        "E055", "`pay` can be reached without an approval: a → r → pay",
        "lead from `r` to `pay` only when `output.decision == 'approved'`",
    ),
    "the limit of a loop": (
        gated("a -> r", *ASKED, "pay -> a repeat 3 when state.x < 3", "a -> book on_limit",
            nodes=(approval("r"), act(), act("book"))),
        "E055", "`book` can be reached without an approval: pay → a → book", BY_APPROVAL,
    ),
    "the limit of the workflow": (
        gated("a -> b", "l -> pay", nodes=(act(),),
            limits=WorkflowLimits(wall_time_ms=5, on_limit="l")),
        "E055", "`pay` can be reached without an approval: l → pay", BY_APPROVAL,
    ),
    "a join that fires early": (
        gated("a -> f", "f -> r", "f -> b", "r -> j when output.decision == 'approved'", "r -> end otherwise", "b -> j",
            "j -> pay", nodes=(fan("f"), approval("r"), join("j", "r", "b", at_least=1), act())),
        "E055", "`pay` can be reached without an approval: a → f → b → j → pay", BY_APPROVAL,
    ),
    "the items of a map": (
        gated("a -> all", nodes=(each("all", "pay"), act())),
        "E055", "`all` can be reached without an approval: a → all", BY_APPROVAL,
    ),
    "a child": (
        gated("a -> kid", nodes=(child("kid"),)),
        "E055", "`kid` can be reached without an approval: a → kid",
        "lead to it by an approval's `approved`, or make `inner` `approval_gated`",
    ),
    "a finalizer": (
        gated("a -> b", nodes=(replace(finalizer("f"), effect=Effect.KEYED),)),
        "E056", "finalizer `f` acts: it is `keyed`, and nobody can approve what the end does",
        "do it in a node before the end",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_an_approval_lets_act(name: str) -> None:
    assert found(ACCEPTED[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_act_without_one(name: str) -> None:
    definition, *told = REFUSED[name]
    assert found(definition) == [tuple(told)]


@pytest.mark.parametrize("name", REFUSED)
def test_other_workflows_need_none(name: str) -> None:
    definition = replace(REFUSED[name][0], session_type=SessionType.RESUMABLE)
    assert found(definition) == []
    assert bind(definition).gate is None


def test_the_gate_is_what_the_core_runs_by() -> None:
    mapped = gated("a -> r", "r -> all when output.decision == 'approved'", "r -> end otherwise",
        nodes=(approval("r"), each("all", "pay"), act()))  # fmt: skip
    assert bind(mapped).gate == Gate(acts=frozenset({"all", "pay"}), approved=frozenset({1}))


@pytest.mark.parametrize(
    ("condition", "settings", "code"),
    [
        ("output.dcision == 'approved'", {}, "E014"),
        ("output.decision == 'approved'", {"decisions": "approved"}, "E017"),
        ("output.decision == 'approved'", {"decisions": []}, "E017"),
    ],
)
def test_a_mistake_is_told_once(condition: str, settings: dict[str, Any], code: str) -> None:
    lines = (f"r -> pay when {condition}", "r -> book otherwise")
    wrong = gated("a -> r", *lines, nodes=(approval("r", **settings), act(), act("book")))
    assert {told for told, _, _ in found(wrong)} == {code}


def test_a_child_that_is_not_gated_changes_no_hash() -> None:
    old = define("a -> kid", nodes=(child("kid"),))
    assert definition_hash(old) == "f9f0adbfdf208320d340875c4dc8ddee2fc684e48de33c43d29dbdf0ded196e9"
    new = define("a -> kid", nodes=(child("kid", gated=True),))
    assert definition_hash(new) != definition_hash(old)
