"""What is going on now: a line for each activation that isn't settled."""

from __future__ import annotations

import pytest

from pectin.cli.line import AGAIN, DOUBT, FAIL, OK, REST, WAIT
from pectin.cli.present import present, standing, waits
from pectin.core.budget import Amount, Budget
from pectin.core.error import ErrorData
from pectin.core.state import Activation, Doubt, Hold, MapState, Run, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus

CHILD = "01a206d6-a8ef-7fac-aa2d-d5197ec1c621"
SINCE, NOW = 1_000, 1_700


def active(name: str = "pay", status: NodeStatus = NodeStatus.RUNNING, **fields: object) -> Activation:
    return Activation(name, name, status, SINCE, **{"attempt": 1, **fields})  # pyright: ignore[reportArgumentType]


def run(*activations: Activation, **fields: object) -> Run:
    """A run in which these activations are unsettled."""
    by_name = {activation.name: activation for activation in activations}
    return Run(status=WorkflowStatus.RUNNING, activations=by_name, **fields)  # pyright: ignore[reportArgumentType]


ERROR = ErrorData("io_error", "OSError", "refused")
ITEM = active("score#0", map="score", item=0)
MAP = active("score", mapping=MapState("one", [1, 2, 3], 3, {0: 1}, {2: ERROR}))
ASKED = active("review", waiting=Waiting(SINCE, SINCE + 3_600_000, "?", ("approved", "rejected")))
EVENT = active("arrive", waiting=Waiting(SINCE, event="parcel", correlation="C-77", signal="go"))
TIMER = active("later", waiting=Waiting(SINCE, SINCE + 3_600_000))
DOUBTED = active(doubt=Doubt(1, SINCE, "gone"))
TO_ASK = active(doubt=Doubt(1, SINCE, "gone", asks=True))
ASKS = active(doubt=Doubt(1, SINCE, "gone", asks=True, begun_by="e"))


@pytest.mark.parametrize(
    ("activation", "mark", "took_ms", "text"),
    [
        (active(), WAIT, 700, "runs"),
        (active(attempt=3), WAIT, 700, "runs, attempt 3"),
        (active(status=NodeStatus.SCHEDULED), WAIT, None, "ready"),
        (active(status=NodeStatus.SCHEDULED, not_before=NOW + 500), AGAIN, None, "again in 500 ms"),
        (MAP, WAIT, 700, "2 of 3, 1 failed"),
        (ASKED, WAIT, None, "waits for a person until "),
        (EVENT, REST, None, 'waits for event parcel "C-77" or signal go'),
        (TIMER, REST, None, "waits for its time until "),
        (DOUBTED, DOUBT, None, "in doubt: nobody knows whether it happened"),
        (TO_ASK, DOUBT, None, "in doubt: its reconcile is to be asked"),
        (ASKS, DOUBT, None, "in doubt: its reconcile is asked"),
        (active("ship", child=CHILD), WAIT, 700, "waits for its child …c1c621"),
    ],
)
def test_each_state_has_its_line(activation: Activation, mark: str, took_ms: int | None, text: str) -> None:
    (line,) = present(run(activation), NOW)
    assert (line.mark, line.activation, line.took_ms) == (mark, activation.name, took_ms)
    assert line.text.startswith(text)
    backoff = {activation.name: NOW} if activation.not_before else {}
    assert standing(run(activation, backoff=backoff), {activation.node: OK}) == {activation.node: mark}


def test_nothing_runs_without_an_engine() -> None:
    assert [line.text for line in present(run(active()), NOW, served=False)] == ["nothing runs it now"]


def test_a_time_says_how_long_it_is() -> None:
    assert present(run(TIMER), NOW)[0].text.endswith(" (1 h)")


def test_items_are_told_by_their_map() -> None:
    assert [line.activation for line in present(run(MAP, ITEM), NOW)] == ["score"]


def test_a_hold_comes_first_and_a_quarantine_is_named() -> None:
    held = run(active(status=NodeStatus.SCHEDULED), hold=Hold(SINCE, "ops", "bank is down"), quarantined={"pay": SINCE})
    assert [(line.mark, line.activation, line.text) for line in present(held, NOW)] == [
        (REST, "", "paused by ops: bank is down"),
        (REST, "pay", "in quarantine, until somebody lets it out"),
    ]
    assert standing(held, {"look_up": FAIL}) == {"look_up": FAIL, "pay": REST}


def test_what_waits() -> None:
    everything = run(active("go"), MAP, ITEM, ASKED, EVENT, TIMER, DOUBTED)
    assert [line.activation for line in waits(everything, NOW)] == ["review", "arrive", "later"]


def test_who_waits_for_the_budget_says_so() -> None:
    ask = active("ask", NodeStatus.SCHEDULED, ceiling=Amount("0.2"), attempt=0)
    (line,) = present(run(ask, line={"ask": None}, budget=Budget("1"), spent=Amount("0.9")), NOW)
    assert (line.mark, line.text) == (REST, "waits for the budget")
    (line,) = present(run(ask, line={"ask": None}, budget=Budget("1"), spent=Amount("0.8")), NOW)
    assert line.text == "ready"
