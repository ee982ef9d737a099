"""What becomes of each kind."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.authoring.jamjet import ir as records
from pectin.authoring.jamjet.kinds import READERS
from pectin.authoring.jamjet.written_kinds import WRITERS
from pectin.core.definition import Child, Effect, Join, Node, RunOn
from pectin.core.policy import Policy
from pectin.nodes import KINDS, LATER
from tests.authoring.jamjet.documents import edge, function, golden, ir, node, problems, read, told


def of(name: str) -> dict[str, Node]:
    return {node.id: node for node in read(golden(name)).nodes}


def test_every_kind_that_runs_is_read_and_written() -> None:
    assert set(READERS) == set(WRITERS) == {kind.NAME for kind in KINDS} - {"policy"}


def test_every_other_kind_of_jamjet_is_known_by_name() -> None:
    assert set(LATER) <= set(records.OTHER_KINDS)
    assert not set(READERS) & set(records.OTHER_KINDS)


@pytest.mark.parametrize("kind", [kind for kind in records.OTHER_KINDS if kind != "policy"])
def test_and_refused_by_name(kind: str) -> None:
    document = ir(function("a"), node("b", kind), edges=[edge("a", "b")])
    assert told(document) == [("E071", f"the node `b` is a `{kind}`, which is not taken over", f'"{kind}"')]


@pytest.mark.parametrize("on_violation", ["fail", "warn", {"branch": {"target": "a"}}])
def test_a_policy_is_a_name_of_rules_that_are_elsewhere(on_violation: Any) -> None:
    document = ir(function("a"), node("b", "policy", policy_ref="p", on_violation=on_violation), edges=[edge("a", "b")])
    message = "the node `b` is a `policy`, whose rules stand nowhere in the document"
    assert told(document) == [("E071", message, '"policy"')]


def test_a_tool() -> None:
    nodes = of("tool")
    pay = nodes["pay"]
    assert pay.config == {"tool": "payments.submit", "input": {"order": "state.order", "amount": "state.amount"}}
    assert (pay.effect, nodes["look"].effect, nodes["tell"].effect) == (Effect.KEYED, Effect.PURE, Effect.IDEMPOTENT)
    assert (nodes["look"].output_key, nodes["look"].labels) == ("note", {"jamjet.output_schema": "schemas.Order"})
    assert pay.policy == Policy(require_approval_for=["payments.*"])


def test_a_template_is_no_expression() -> None:
    tools = {"t": {"kind": "python", "reference": "t"}}
    call = node("a", "tool", tool_ref="t", input_mapping={"q": "{{ state.note }}", "r": "state.n"}, output_schema="")
    message = "`q` of the tool `a` is a template, and each field is an expression"
    assert told(ir(call, tools=tools)) == [("E072", message, "{{ state.note }}")]
    (problem,) = problems(ir(call, tools=tools))
    assert problem.hint == "write `state.note`"


def test_a_kind_that_there_is_not() -> None:
    nothing: dict[str, Any] = {"id": "c", "kind": {}}
    document = ir(function("a"), node("b", "pyton_fn"), nothing, edges=[edge("a", "b"), edge("a", "c")])
    assert told(document) == [
        ("E070", "JamJet has no kind `pyton_fn`", '"pyton_fn"'),
        ("E070", "the node `c` has no kind", "{}"),
    ]


def test_a_function() -> None:
    nodes = of("python_fn")
    look = nodes["look"]
    assert (look.config, look.effect, look.timeout_ms) == ({"function": "look"}, Effect.IDEMPOTENT, 60_000)
    assert look.retry is not None
    assert look.retry.max_attempts == 3
    assert look.description == "Asks the shop."
    assert look.labels == {
        "team": "orders",
        "jamjet.module": "shop.orders",
        "jamjet.output_schema": "schemas.Order",
    }
    assert (nodes["count"].effect, nodes["tell"].effect, nodes["tell"].output_key) == (
        Effect.KEYED,
        Effect.PURE,
        "note",
    )


def test_a_name_of_two_functions() -> None:
    one, other = function("f"), function("g")
    one["kind"]["module"], other["kind"] = "a", {**one["kind"], "module": "b"}
    message = "`f` is a function of `a` and one of `b`, and is known by its name alone"
    assert told(ir(one, other, edges=[edge("f", "g")])) == [("E071", message, '"f"')]


def test_a_join() -> None:
    assert of("join")["meet"].join == Join(("a", "b"), at_least=1)
    assert of("parallel")["meet"].join == Join(("b", "a"))


def test_an_approval() -> None:
    assert of("human_approval")["review"].config == {
        "prompt": "Pay {{ state.amount }}?",
        "decisions": ["approved", "rejected"],
        "deadline_ms": 86_400_000,
    }


def test_waits() -> None:
    configs = {name: node.config for name, node in of("wait").items()}
    assert configs == {
        "rest": {"duration_ms": 600_000},
        "arrive": {"event": "parcel", "correlation": "{{ state.order }}"},
        "paid": {"event": "paid", "correlation": "{{ state.order }}", "deadline_ms": 3_600_000},
        "either": {"event": "either", "correlation": "{{ state.order }}", "duration_ms": 60_000},
    }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"condition": "timer"}, "wait `w` waits for a timer, and has no `timeout_secs`"),
        ({"condition": "either", "correlation_key": "k"}, "wait `w` waits for a timer, and has no `timeout_secs`"),
        (
            {"condition": "timer", "correlation_key": "k", "timeout_secs": 5},
            "wait `w` has a `correlation_key`, and waits for a timer only",
        ),
        ({"condition": "external_event"}, "wait `w` doesn't say which event is its own"),
    ],
)
def test_waits_that_wait_for_nothing(fields: dict[str, Any], message: str) -> None:
    found = told(ir(node("w", "wait", **fields)))
    assert ("E070", message) in [(code, text) for code, text, _ in found]


def test_a_child() -> None:
    child = Child("shipping", "2.0.0", {"order": "state.order"}, {"note": "output.note"})
    assert of("subgraph")["ship"].child == child
    document = ir(node("s", "subgraph", workflow_ref="x", input_mapping={}, output_mapping={}))
    message = "subgraph `s` doesn't say which version of `x` it runs"
    assert ("E071", message, '"x"') in told(document)


def test_finalizers_and_ends() -> None:
    tidy = of("finalizer")["tidy"]
    assert (tidy.config, tidy.run_on, tidy.effect) == ({"function": "tidy"}, RunOn.ALWAYS, Effect.IDEMPOTENT)
    ends = of("limit_exceeded")
    assert ends["stop"].config == {"message": records.NO_MESSAGE}
    assert (ends["over"].config, ends["over"].description) == ({"message": "{{ state.amount }} is too much"}, None)


def test_words_that_a_field_may_have() -> None:
    document = ir(function("a"), node("f", "finalizer", tool_ref="t", run_on="sometimes"))
    (problem,) = problems(document)
    assert (problem.code, problem.hint) == ("E070", "use one of success, failure, always")
