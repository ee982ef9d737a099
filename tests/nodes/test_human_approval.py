"""`human_approval`: waits for a person."""

from __future__ import annotations

import pytest

from pectin.core.action import Await
from pectin.core.definition import END, Definition, Edge
from pectin.core.expression import EvaluationError
from pectin.core.program import Entry
from pectin.core.schema import Object
from pectin.core.timeout import TimeoutConfig
from pectin.nodes import bind
from tests.definitions import (
    DECISION_EDGES,
    approval,
    define,
    fn,
    found,
    node,
    on_error,
    on_limit,
    otherwise,
    repeat,
    when,
)

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (
        define(approval(), when("review", END, "output.decision == 'approved'")),
        [("E015", "", ("approval `review` has no way on for `rejected`; lead it to a node, or to the end"))],
    ),
    (
        define(approval(deadline_ms=259200000), *(when("review", END, c) for c in DECISION_EDGES)),
        [
            (
                "E015",
                "",
                (
                    "approval `review` has a deadline of 72 h but no way on for `timeout`; lead "
                    "it to a node, or to the end"
                ),
            )
        ],
    ),
    (
        define(
            approval(),
            *(when("review", END, c) for c in DECISION_EDGES),
            timeouts=TimeoutConfig(approval_timeout_ms=60000),
        ),
        [
            (
                "E015",
                "",
                (
                    "approval `review` has a deadline of 1 min but no way on for `timeout`; lead "
                    "it to a node, or to the end"
                ),
            )
        ],
    ),
    (
        define(approval(decisions=["yes"]), fn("b"), on_error("review", "b")),
        [("E015", "", ("approval `review` has no way on for `yes`; lead it to a node, or to the end"))],
    ),
    (
        define(approval(promt="x"), Edge("review", END)),
        [("E017", "", "human_approval `review` has no setting 'promt'; did you mean `prompt`?")],
    ),
    (
        define(node("review", "human_approval", {"promt": "x"}), Edge("review", END)),
        [
            ("E017", "", "human_approval `review` has no setting 'promt'; did you mean `prompt`?"),
            ("E017", "", "human_approval `review` needs the setting `prompt`"),
        ],
    ),
    (
        define(approval(prompt=""), Edge("review", END)),
        [("E017", "", "human_approval `review`, `prompt`: expected `str` of length >= 1")],
    ),
    (
        define(approval(deadline_ms="72h"), Edge("review", END)),
        [("E017", "", ("human_approval `review`, `deadline_ms`: expected `int | null`, got `str`"))],
    ),
    (
        define(approval(deadline_ms=0), Edge("review", END)),
        [
            (
                "E022",
                "",
                ("human_approval `review`: 0 ms is no deadline; write more than nothing, and at most 100 years"),
            )
        ],
    ),
    (
        define(approval(prompt="Refund {{ state.amont }}?"), Edge("review", END)),
        [("E014", "review", "`state` has no field `amont` [amont]; did you mean `amount`?")],
    ),
    (
        define(approval(decisions=[]), Edge("review", END)),
        [("E017", "", "approval `review` has nothing to decide; give it decisions")],
    ),
    (
        define(approval(decisions=["yes", "timeout"]), Edge("review", END)),
        [
            (
                "E017",
                "",
                (
                    "approval `review`: `timeout` is what its deadline decides, not a person; "
                    "give it a deadline, or the decision another name"
                ),
            )
        ],
    ),
    (
        define(approval(decisions=["yes please"]), Edge("review", END)),
        [
            (
                "E017",
                "",
                (
                    "approval `review`: 'yes please' can't be the name of a decision; use "
                    "letters, digits, `_` and `-`; begin with no digit"
                ),
            )
        ],
    ),
    (
        define(approval(decisions=["yes", "yes"]), Edge("review", END)),
        [("E017", "", "approval `review` has the decision `yes` twice; name it once")],
    ),
    (
        define(approval(editable=["amout"]), Edge("review", END)),
        [
            (
                "E019",
                "",
                (
                    "human_approval `review` has the editable key `amout`, and the state has no such "
                    "field; did you mean `amount`?"
                ),
            )
        ],
    ),
    (
        define(approval(editable=["price"]), Edge("review", END)),
        [
            (
                "E019",
                "",
                (
                    "human_approval `review` has the editable key `price`, and the state has no such "
                    "field; declare it there"
                ),
            )
        ],
    ),
    (
        define(approval(editable=["amount", "amount"]), Edge("review", END)),
        [("E017", "", "approval `review` has the editable key `amount` twice; name it once")],
    ),
    (
        define(approval(editable="amount"), Edge("review", END)),
        [("E017", "", "human_approval `review`, `editable`: expected `array`, got `str`")],
    ),
    (
        define(approval(editable=[1]), Edge("review", END)),
        [("E017", "", "human_approval `review`, `editable`: expected `str`, got `int` - at `$[0]`")],
    ),
    (
        define(approval(decisions=["approved", "escalate"]), when("review", END, "output.decision == 'approved'")),
        [("E015", "", "approval `review` has no way on for `escalate`; lead it to a node, or to the end")],
    ),
    (
        define(
            approval(decisions=["yes", "no"]),
            when("review", END, "output.decision == 'approved'"),
            otherwise("review", END),
        ),
        [("E014", "review → end", "'approved' is not a value of 'yes' or 'no' ['approved']; it is 'yes' or 'no'")],
    ),
    (
        define(approval(decisions=["yes"], deadline_ms=5), when("review", END, "output.decision == 'yes'")),
        [
            (
                "E015",
                "",
                (
                    "approval `review` has a deadline of 5 ms but no way on for `timeout`; lead it to a "
                    "node, or to the end"
                ),
            )
        ],
    ),
    (
        define(
            approval(),
            fn("b"),
            when("review", "b", "output.decision == 'approved'"),
            repeat("b", "review"),
            on_limit("review", END),
        ),
        [("E015", "", "approval `review` has no way on for `rejected`; lead it to a node, or to the end")],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_a_broken_definition_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


WAYS = tuple(when("review", END, condition) for condition in DECISION_EDGES)


def test_the_prompt_is_written_and_the_decisions_are_the_person_s() -> None:
    review = approval(prompt="Refund {{ state.amount }} for {{ state.order }}?")
    action = bind(define(review, *WAYS)).enter["review"](Entry(state={"amount": "1299.00", "order": "A-1"}, at=0))
    assert action == Await("Refund 1299.00 for A-1?", ("approved", "rejected"), None)


def test_the_deadline_counts_from_the_entry() -> None:
    action = bind(define(approval(deadline_ms=500), Edge("review", END))).enter["review"](Entry(state={}, at=1_000))
    assert action == Await("Well?", ("approved", "rejected"), 1_500)


def test_the_workflow_s_deadline_holds_where_there_is_no_own() -> None:
    timeouts = TimeoutConfig(approval_timeout_ms=60_000)
    for review, until in ((approval(), 61_000), (approval(deadline_ms=5), 1_005)):
        program = bind(define(review, Edge("review", END), timeouts=timeouts))
        assert program.enter["review"](Entry(state={}, at=1_000)) == Await("Well?", ("approved", "rejected"), until)


def test_a_prompt_that_can_t_be_written_is_an_evaluation_error() -> None:
    program = bind(define(approval(prompt="{{ state.order }}"), Edge("review", END)))
    with pytest.raises(EvaluationError):
        program.enter["review"](Entry(state={}, at=0))


ROUTED = [
    (when("review", END, "output.decision != 'approved'"), when("review", END, "output.decision == 'approved'")),
    (when("review", END, "output.decision == 'approved'"), otherwise("review", END)),
    (Edge("review", END),),
    (when("review", END, "output.decision in ['approved', 'rejected']"),),
    (when("review", END, "state.amount > 10"), when("review", END, "state.amount <= 10")),
    (
        when("review", END, "output.decision == 'approved' && has(state.order)"),
        when("review", END, "output.decision == 'rejected' && output.by == 'finance'"),
    ),
    (*WAYS[:1], repeat("review", "review", "output.decision == 'rejected'")),
    (*WAYS[:1], repeat("review", "review", "output.decision == 'rejected' && iteration == 1")),
]


@pytest.mark.parametrize("ways", ROUTED)
def test_a_decision_with_a_way_on_is_fine(ways: tuple[Edge, ...]) -> None:
    assert found(define(approval(), *ways)) == []


UNROUTED = [
    (when("review", END, "output.decision == 'approved' && state.amount > 10"),),
    (when("review", END, "state.amount > 10 && output.decision == 'approved'"),),
    (when("review", END, "output.decision != 'rejected' && has(state.order)"), on_error("review", END)),
]


@pytest.mark.parametrize("ways", UNROUTED)
def test_what_else_a_condition_reads_hides_no_gap(ways: tuple[Edge, ...]) -> None:
    message = "approval `review` has no way on for `rejected`; lead it to a node, or to the end"
    assert found(define(approval(), *ways)) == [("E015", "", message)]


def test_the_deadline_s_decision_is_one_of_its_output_s() -> None:
    timeout = when("review", END, "output.decision == 'timeout'")
    assert found(define(approval(deadline_ms=5), *WAYS, timeout)) == []
    message = "'timeout' is not a value of 'approved' or 'rejected' ['timeout']; it is 'approved' or 'rejected'"
    assert found(define(approval(), *WAYS, timeout)) == [("E014", "review → end", message)]


def test_what_a_person_may_edit_is_asked_with_it() -> None:
    program = bind(define(approval(decisions=["yes", "no"], editable=["amount", "risk"]), Edge("review", END)))
    action = program.enter["review"](Entry(state={}, at=0))
    assert action == Await("Well?", ("yes", "no"), editable=("amount", "risk"))


def test_decisions_of_its_own_are_routed_like_any() -> None:
    ways = [when("review", END, f"output.decision == '{decision}'") for decision in ("approved", "escalate")]
    assert found(define(approval(decisions=["approved", "escalate"]), *ways)) == []


def test_an_open_state_lets_any_key_be_edited() -> None:
    assert found(define(approval(editable=["any"]), Edge("review", END), state=Object({}, open=True))) == []


def test_more_decisions_than_a_person_can_choose_from_are_refused() -> None:
    decisions = [f"d{number}" for number in range(101)]
    message = "approval `review` has 101 decisions; write at most 100: a person has to choose"
    assert found(define(approval(decisions=decisions), Edge("review", END))) == [("E017", "", message)]
    assert found(define(approval(decisions=decisions[1:]), Edge("review", END))) == []
