"""Nodes that wait: for a person, a time, an event or a signal."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.authoring.handle import END, End
from pectin.authoring.workflow import Workflow
from pectin.core.definition import Edge, Trigger
from pectin.core.timeout import TimeoutConfig
from tests.authoring.mistake import Mistake, Mistakes, tell
from tests.authoring.orders import Order, new_workflow

MISTAKES = Mistakes()
told = MISTAKES.told


def config_of(wf: Workflow[Order]) -> tuple[dict[str, Any], str | None]:
    (node,) = wf.build().definition.nodes
    return node.config, node.output_key


def test_an_approval_has_decisions_of_its_own() -> None:
    wf = new_workflow()
    other: dict[str, End] = {"more-info": END}
    review = wf.approval("review", "Ship?", decisions=("ship", "more-info"), editable=["amount"], deadline="1h")
    review.on(ship=END, timeout=END, **other)
    definition = wf.build().definition
    assert definition.nodes[0].config == {
        "prompt": "Ship?",
        "decisions": ["ship", "more-info"],
        "editable": ["amount"],
        "deadline_ms": 3_600_000,
    }
    taken = [f"output.decision == '{decision}'" for decision in ("ship", "timeout", "more-info")]
    assert definition.edges == tuple(Edge("review", "end", Trigger.WHEN, condition) for condition in taken)


def test_an_approval_that_says_nothing_is_as_it_was() -> None:
    wf = new_workflow()
    wf.approval("review", "Ship?").on(approved=END, rejected=END)
    assert config_of(wf) == ({"prompt": "Ship?", "decisions": ["approved", "rejected"]}, None)


def test_a_workflows_deadline_decides_too() -> None:
    wf = Workflow("w", version="1.0.0", state=Order, timeouts=TimeoutConfig(approval_timeout_ms=5))
    wf.approval("review", "Ship?", decisions=["ship"]).on(ship=END, timeout=END)
    assert len(wf.build().definition.edges) == 2


@pytest.mark.parametrize(
    ("said", "config"),
    [
        ({"duration": "1m"}, {"duration_ms": 60_000}),
        ({"until": "'2026-11-26T09:14:00Z'"}, {"until": "'2026-11-26T09:14:00Z'"}),
        ({"signal": "go"}, {"signal": "go"}),
        ({"signal": "go", "duration": 5}, {"signal": "go", "duration_ms": 5_000}),
        ({"signal": "go", "deadline": 5}, {"signal": "go", "deadline_ms": 5_000}),
        ({"event": "parcel", "key": "{{ state.id }}"}, {"event": "parcel", "correlation": "{{ state.id }}"}),
        (
            {"event": "parcel", "key": "A", "signal": "go", "until": "state.id"},
            {"event": "parcel", "correlation": "A", "signal": "go", "until": "state.id"},
        ),
    ],
)
def test_a_wait_is_for_a_time_an_event_a_signal_or_several(said: dict[str, Any], config: dict[str, Any]) -> None:
    wf: Any = new_workflow()
    wf.wait("w", **said)
    assert config_of(wf) == (config, None)


def test_a_payload_goes_to_its_key() -> None:
    wf = new_workflow()
    wf.wait("w", signal="go", output_key="receipt")
    assert config_of(wf) == ({"signal": "go"}, "receipt")


def test_an_unknown_option_of_a_wait_is_refused_at_once() -> None:
    wf: Any = new_workflow()
    with pytest.raises(TypeError, match="durration"):
        wf.wait("w", durration="1h")


@told("approval `review` has no decision `shipp`; did you mean `ship`?")
def a_misspelt_decision_of_ones_own(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", decisions=["ship", "drop"])
    first.then(review)
    review.on(shipp=END, drop=END)


@told("approval `review` has no decision `approved`; it has ship, drop")
def a_usual_decision_beside_ones_own(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", decisions=["ship", "drop"])
    first.then(review)
    review.on(approved=END, ship=END, drop=END)


@told("approval `review` has no way on for `drop`; lead it to a node, or to the end")
def a_decision_of_ones_own_without_a_way_on(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", decisions=["ship", "drop"])
    first.then(review)
    review.on(ship=END)


@told(
    "approval `review`: `timeout` is what its deadline decides, not a person; "
    "give it a deadline, or the decision another name"
)
def a_timeout_as_decision(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", decisions=["ship", "timeout"])
    first.then(review)
    review.on(ship=END, timeout=END)


@told("approval `review` has nothing to decide; give it decisions")
def no_decisions(wf: Any, first: Any) -> None:
    first.then(wf.approval("review", "Ship?", decisions=()))


@told("approval `review` has the decision `ship` twice; name it once")
def a_decision_twice(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", decisions=("ship", "ship"))
    first.then(review)
    review.on(ship=END)


@told("approval `review`: `decisions`, 'ship', is no list; write a list of texts: `decisions=[\"ship\"]`")
def a_text_as_decisions(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", decisions="ship")
    first.then(review)
    review.on(ship=END)


@told("approval `review`: `editable`, 'amount', is no list; write a list of texts: `editable=[\"amount\"]`")
def a_text_as_editable(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", editable="amount")
    first.then(review)
    review.on(approved=END, rejected=END)


@told('approval `review`: `editable`, None, is no list; write a list of texts: `editable=["..."]`')
def nothing_as_editable(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", editable=None)
    first.then(review)
    review.on(approved=END, rejected=END)


@told("wait `w`, `event`: expected `str | null`, got `int`")
def a_number_as_event(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", event=3, key="A"))


@told("human_approval `review` has the editable key `amuont`, and the state has no such field; did you mean `amount`?")
def an_unknown_editable_key(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", editable=["amuont"])
    first.then(review)
    review.on(approved=END, rejected=END)


@told("approval `review` has the editable key `amount` twice; name it once")
def an_editable_key_twice(wf: Any, first: Any) -> None:
    review = wf.approval("review", "Ship?", editable=["amount", "amount"])
    first.then(review)
    review.on(approved=END, rejected=END)


@told("wait `w` waits for nothing; write `duration`, `until`, `event` or `signal`")
def a_wait_for_nothing(wf: Any, first: Any) -> None:
    first.then(wf.wait("w"))


@told("wait `w` waits for nothing; write `duration`, `until`, `event` or `signal`")
def a_deadline_for_nothing(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", deadline="1h"))


@told("wait `w` doesn't say which event `parcel` is its own; write a `key`, such as `{{ state.order }}`")
def an_event_without_a_key(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", event="parcel"))


@told("wait `w` doesn't say which event `parcel` is its own; write a `key`, such as `{{ state.order }}`")
def an_event_with_an_empty_key(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", event="parcel", key=""))


@told("wait `w` has a key and no event; name the event, or delete the key")
def a_key_without_an_event(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", signal="go", key="A"))


@told("wait `w` has both a time and a deadline; delete the deadline: the time ends the wait by itself")
def a_time_and_a_deadline(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", signal="go", duration="1h", deadline="2h"))


@told("w, correlation: `state` has no field `trakcing`\n    {{ state.trakcing }}\n             ^^^^^^^^")
def an_unknown_field_in_a_key(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", event="parcel", key="{{ state.trakcing }}"))


@told(
    "wait `w` waits for ':child', which can't be the name of a signal; "
    "use letters, digits, `_`, `.` and `-`; begin with a letter or `_`"
)
def a_name_of_the_engines_own(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", signal=":child"))


@told("the deadline of wait `w`: '0s' is no time at all; write a longer one")
def a_deadline_of_no_time(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", signal="go", deadline="0s"))


@told("wait `w` has the `output_key` `reciept`, and the state has no such field; did you mean `receipt`?")
def a_payload_to_an_unknown_key(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", signal="go", output_key="reciept"))


@told(
    "wait `w` gives null where its time ends it, and `state.id` can't be null; "
    "let it be null, or give the wait a deadline, which fails"
)
def a_payload_that_may_be_missing(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", signal="go", duration="1h", output_key="id"))


@told(
    "wait `w` has the `output_key` `receipt`, and nothing that it waits for brings a payload; "
    "delete it, or wait for an event or a signal"
)
def a_payload_of_a_timer(wf: Any, first: Any) -> None:
    first.then(wf.wait("w", duration="1h", output_key="receipt"))


@pytest.mark.parametrize(("mistake", "text"), MISTAKES.all)
def test_a_mistake_is_told_with_its_line(mistake: Mistake, text: str) -> None:
    assert tell(mistake) == text
