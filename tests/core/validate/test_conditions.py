"""Conditions against the schemas of what they see."""

from __future__ import annotations

import pytest

from pectin.core.definition import END, Definition, Edge, Reducer, WorkflowLimits
from pectin.nodes import bind
from tests.definitions import (
    WIDE,
    approval,
    define,
    each,
    fn,
    found,
    limit_exceeded,
    node,
    on_error,
    on_limit,
    otherwise,
    repeat,
    when,
)

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(fn("assess"), fn("review"), when("assess", "review", "state.rsik == 'high'"), otherwise("assess", END)),
        [("E014", "assess → review", "`state` has no field `rsik` [rsik]; did you mean `risk`?")],
    ),
    (
        define(fn("a"), when("a", END, "state.risk == 'hihg'")),
        [("E014", "a → end", ("'hihg' is not a value of 'unknown', 'low' or 'high' ['hihg']; did you mean `high`?"))],
    ),
    (
        define(fn("a"), when("a", END, "state.done and true")),
        [("E014", "a → end", "expected an operator or the end, found `and` [and]; write `&&`")],
    ),
    (
        define(fn("a"), when("a", END, "state.amount")),
        [("E014", "a → end", ("expected a bool; this is a decimal [state.amount]; compare it with something"))],
    ),
    (
        define(fn("a"), when("a", END, "state.amount > 'x'")),
        [
            (
                "E014",
                "a → end",
                ("`>` doesn't go with a decimal and a string [state.amount > 'x']; write `decimal('x')`"),
            )
        ],
    ),
    (
        define(fn("a"), when("a", END, "state.receipt.startsWith('p')")),
        [
            (
                "E014",
                "a → end",
                ("`state.receipt` may be null [state.receipt]; test it first: `state.receipt != null && …`"),
            )
        ],
    ),
    (
        define(fn("a"), when("a", END, "iteration > 1")),
        [("E014", "a → end", ("there is no variable `iteration` [iteration]; there are: `output`, `state`"))],
    ),
    (
        define(fn("a"), repeat("a", "a", "state.dne")),
        [("E014", "a → a", "`state` has no field `dne` [dne]; did you mean `done`?")],
    ),
    (
        define(fn("a"), when("a", END, "error.type == 'OSError'")),
        [("E014", "a → end", "there is no variable `error` [error]; there are: `output`, `state`")],
    ),
    (
        define(fn("a"), fn("b"), on_error("a", "b", "output.order == 'x'")),
        [("E014", "a → b", "there is no variable `output` [output]; there are: `error`, `state`")],
    ),
    (
        define(fn("a"), fn("b"), on_error("a", "b", "error.klass == 'io_error'")),
        [("E014", "a → b", "`error` has no field `klass` [klass]")],
    ),
    (
        define(approval(), when("review", END, "output.decision == 'aproved'"), otherwise("review", END)),
        [
            (
                "E014",
                "review → end",
                ("'aproved' is not a value of 'approved' or 'rejected' ['aproved']; did you mean `approved`?"),
            )
        ],
    ),
    (
        define(fn("a"), when("a", END, "output.oder == 'x'")),
        [("E014", "a → end", "`output` has no field `oder` [oder]; did you mean `order`?")],
    ),
    (
        define(fn("a"), when("a", END, "output.order == 'x'")),
        [
            (
                "E014",
                "a → end",
                ("`output.order` may be missing [output.order]; test it first: `has(output.order) && …`"),
            )
        ],
    ),
    (
        define(fn("a", output_key="risk"), when("a", END, "output.rsk == 'low'")),
        [("E014", "a → end", "`output` has no field `rsk` [rsk]; did you mean `risk`?")],
    ),
    (
        define(fn("a"), limit_exceeded("sorry", "Past {{ error.kind }}."), limits=WorkflowLimits(on_limit="sorry")),
        [("E014", "sorry", "`error` has no field `kind` [kind]")],
    ),
    (
        define(
            fn("a"),
            limit_exceeded("b", "Past {{ error.error_class }}."),
            Edge("a", "b"),
            limits=WorkflowLimits(max_iterations=5),
        ),
        [("E014", "b", "there is no variable `error` [error]; there are: `state`")],
    ),
    (
        define(fn("a"), fn("sorry"), when("sorry", END, "error.type == 'x'"), limits=WorkflowLimits(on_limit="sorry")),
        [("E014", "sorry → end", "there is no variable `error` [error]; there are: `output`, `state`")],
    ),
    (
        define(fn("a"), repeat("a", "a", "error.type == 'x'"), on_limit("a", END)),
        [("E014", "a → a", "there is no variable `error` [error]; there are: `iteration`, `output`, `state`")],
    ),
    (
        define(
            fn("a", output_key="address"),
            when("a", END, "output.adress == null"),
            state=WIDE,
            reducers={"address": Reducer.MERGE},
        ),
        [("E014", "a → end", "`output` has no field `adress` [adress]; did you mean `address`?")],
    ),
    (
        define(fn("a"), fn("b"), fn("c"), when("a", "b", "state.done"), when("a", "c", "state.amount > 10")),
        [
            (
                "W005",
                "a → c",
                (
                    "this condition and that of `a → b` can both hold: then both edges are taken; let "
                    "one exclude the other, unless that is what you want"
                ),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), fn("c"), when("a", "b", "state.count > 1"), when("a", "c", "state.count < 3")),
        [
            (
                "W005",
                "a → c",
                (
                    "this condition and that of `a → b` can both hold: then both edges are taken; let "
                    "one exclude the other, unless that is what you want"
                ),
            )
        ],
    ),
    (
        define(
            fn("a"), fn("b"), fn("c"), when("a", "b", "state.risk == 'high'"), when("a", "c", "state.risk != 'low'")
        ),
        [
            (
                "W005",
                "a → c",
                (
                    "this condition and that of `a → b` can both hold: then both edges are taken; let "
                    "one exclude the other, unless that is what you want"
                ),
            )
        ],
    ),
    (
        define(fn("a"), fn("b"), when("a", "b", "state.done"), when("a", END, "state.count in [1, 2] || state.done")),
        [
            (
                "W005",
                "a → end",
                (
                    "this condition and that of `a → b` can both hold: then both edges are taken; let "
                    "one exclude the other, unless that is what you want"
                ),
            )
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


GOOD = [
    define(fn("a"), when("a", END, "state.risk == 'high' && state.amount > 1000")),
    define(fn("a"), when("a", END, "has(output.order) && output.order == 'x'")),
    define(fn("a", output_key="risk"), when("a", END, "output.risk == 'low'")),
    define(fn("a"), repeat("a", "a", "iteration < 3 && !state.done")),
    define(fn("a"), fn("b"), on_error("a", "b", "error.error_class == 'timeout' || error.message.contains('busy')")),
    define(fn("a"), fn("b"), on_error("a", "b", "has(error.attempt) && error.attempt > 1")),
    define(approval(), when("review", END, "output.by != null"), otherwise("review", END)),
    define(each("label", output_key="labels"), fn("one"), when("label", END, "size(output.labels) > 0")),
    define(each("label"), fn("one"), when("label", END, "size(output) > 0")),
]


@pytest.mark.parametrize("definition", GOOD)
def test_a_condition_that_fits_is_compiled(definition: Definition) -> None:
    assert found(definition) == []
    conditional = {index for index, edge in enumerate(definition.edges) if edge.condition is not None}
    assert bind(definition).conditions.keys() == conditional


def test_an_unknown_kind_s_output_is_not_guessed() -> None:
    definition = define(node("a", "model"), when("a", END, "output.text == 'x'"))
    assert [code for code, _, _ in found(definition)] == ["E023"]
