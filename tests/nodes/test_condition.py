"""`condition`: leads on along one of its branches."""

from __future__ import annotations

import pytest

from pectin.core.action import Resolve
from pectin.core.definition import END, Definition, Edge, Node
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry, NodeError
from pectin.core.schema import Object
from pectin.nodes import bind
from tests.definitions import define, fn, found, node, on_error, repeat, when

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(node("fork", "condition", {"branches": []})),
        [("E017", "", "condition `fork` has no branches; give it one, or lead on directly")],
    ),
    (
        define(
            node("fork", "condition", {"branches": [{"when": "state.dne", "to": "end"}], "default": "end"}),
            Edge("fork", END),
        ),
        [("E014", "fork → end", "`state` has no field `dne` [dne]; did you mean `done`?")],
    ),
    (
        define(node("fork", "condition", {"branches": [{"when": "state.done"}]}), Edge("fork", END)),
        [("E017", "", ("condition `fork`, `branches`: object missing required field `to` - at `$[0]`"))],
    ),
    (
        define(
            node("fork", "condition", {"branches": [{"when": "state.done", "to": "pay"}], "default": "end"}),
            fn("pya"),
            Edge("fork", END),
            Edge("fork", "pya"),
        ),
        [
            ("E017", "", ("condition `fork` leads to `pay`, to which it has no edge; did you mean `pya`?")),
            (
                "E017",
                "",
                (
                    "condition `fork` has an edge to `pya`, and no branch that leads there; add "
                    "a branch, or delete the edge"
                ),
            ),
        ],
    ),
    (
        define(
            node("fork", "condition", {"branches": [{"when": "state.done", "to": "end"}], "default": "end"}),
            Edge("fork", END),
            when("fork", END, "state.done"),
        ),
        [
            (
                "E017",
                "",
                ("`when` has no place on an edge of the condition `fork`; make it a branch that leads to `end`"),
            )
        ],
    ),
    (
        define(node("fork", "condition", {"branches": [{"when": "state.done", "to": "end"}]}), Edge("fork", END)),
        [("W003", "", ("condition `fork` has no default: it fails with `no_route` when no branch holds; give it one"))],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def fork(*branches: tuple[str, str], default: str | None = None) -> tuple[Node | Edge, ...]:
    """A condition with its edges and targets."""
    listed = [{"when": condition, "to": target} for condition, target in branches]
    every = [target for _, target in branches] + ([default] if default else [])
    targets = list(dict.fromkeys(every))
    config = {"branches": listed, **({"default": default} if default else {})}
    nodes = [fn(target) for target in targets if target != END]
    return (node("fork", "condition", config), *nodes, *(Edge("fork", target) for target in targets))


PARTS = fork(("state.risk == 'high'", "a"), ("state.amount > 10", "b"), default=END)


@pytest.mark.parametrize(("risk", "amount", "target"), [("high", "99", "a"), ("low", "99", "b"), ("low", "1", END)])
def test_the_first_branch_that_holds_is_taken(risk: str, amount: str, target: str) -> None:
    entry = Entry(state={"risk": risk, "amount": amount}, at=0)
    assert bind(define(*PARTS)).enter["fork"](entry) == Resolve({"target": target}, only=target)


def test_no_branch_and_no_default_fails() -> None:
    program = bind(define(*fork(("state.done", "a"))))
    with pytest.raises(NodeError, match="no branch of `fork` holds, and it has no default") as error:
        program.enter["fork"](Entry(state={"done": False}, at=0))
    assert error.value.error_class == "no_route"


def test_a_branch_that_is_neither_true_nor_false_is_an_error() -> None:
    program = bind(define(*fork(("state.x", "a"), default=END), state=Object({}, open=True)))
    with pytest.raises(EvaluationError, match="neither true nor false"):
        program.enter["fork"](Entry(state={"x": "yes"}, at=0))


def test_branches_may_share_a_target_and_go_round() -> None:
    parts = (*fork(("state.risk == 'high'", "a"), ("state.risk == 'low'", "a"), default=END), on_error("fork", "a"))
    assert found(define(fn("first"), *parts, Edge("first", "fork"), repeat("fork", "first"))) == []


def test_its_output_is_its_target() -> None:
    definition = define(*PARTS, repeat("fork", "fork", "output.target == 'c'"))
    problem = "'c' is not a value of 'a', 'b' or 'end' ['c']; it is 'a', 'b' or 'end'"
    assert ("E014", "fork → fork", problem) in found(definition)
