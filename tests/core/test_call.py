"""Calls: the arguments are the same whenever they are worked out, and what is kept of an output."""

from __future__ import annotations

import pytest

from pectin.core.call import Kept, arguments_of, complete_arguments, keep
from pectin.core.command import Complete, Done, Fail, Interrupt, Refused, Resolve
from pectin.core.definition import Contract, Definition, Each, Edge, Effect, Node, Trigger
from pectin.core.error import ErrorData
from pectin.core.event import DoubtRaised, NodeCompleted, NodeFailed
from pectin.core.expression import EvaluationError, compile_expression
from pectin.core.program import NodeError, Program, ToolCall
from pectin.core.retry import Backoff, RetryPolicy
from pectin.core.schema import Any, Bool, Field, Integer, List, Nullable, Object, Schema, String
from pectin.nodes import bind
from tests.core.case import Case

STATE = Object(
    {
        "n": Field(Integer(), default=0),
        "items": Field(List(Any()), default=["a", "b"]),
        "out": Field(Any(), default=None),
        "again": Field(Bool(), default=True),
        "name": Field(Nullable(String()), default=None),
    }
)
FIRST = {"n": 0, "items": ["a", "b"], "out": None, "again": True, "name": None}
AT_ONCE = RetryPolicy(max_attempts=3, backoff=Backoff.FIXED, initial_delay_ms=0, max_delay_ms=0, jitter=False)


def tool(effect: Effect = Effect.KEYED) -> Contract:
    fields = {"n": Field(Integer()), "word": Field(String(), required=False, default="x")}
    return Contract("count.up", Object(fields), Any(), effect)


def program(effect: Effect = Effect.KEYED, n: str = "state.n", retry: RetryPolicy | None = AT_ONCE) -> Program:
    """A call beside a function that writes what the call doesn't see."""
    config = {"tool": "count.up", "input": {"n": n}}
    nodes = (
        Node("fan", "parallel"),
        Node("call", "tool", config, effect=effect, retry=retry, output_key="out"),
        Node("beside", "python_fn", {"function": "beside"}, effect=Effect.IDEMPOTENT),
    )
    edges = (Edge("fan", "call"), Edge("fan", "beside"))
    return bind(Definition("w", "1.0.0", STATE, "fan", nodes, edges, tools=(tool(effect),)))


def test_the_arguments_are_the_same_on_every_attempt_whatever_happens_beside() -> None:
    case = Case(bound=program(), state=FIRST)
    before = arguments_of(case.program, case.run, case.run.activations["call"])
    assert before == {"n": 0, "word": "x"}
    case.send(Complete(at=case.tick(), begin=case.offer, activation="beside", attempt=1, patch={"n": 7}))
    assert case.run.data["n"] == 7
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    case.send(Fail(at=case.tick(), begin=case.offer, activation="call", attempt=2, error=ErrorData("x", "X", "x")))
    assert case.run.activations["call"].attempt == 3
    assert arguments_of(case.program, case.run, case.run.activations["call"]) == before


def test_who_calls_nothing_has_no_arguments() -> None:
    case = Case(bound=program(), state=FIRST)
    assert arguments_of(case.program, case.run, case.run.activations["beside"]) is None


def test_arguments_that_cant_be_worked_out_fail_the_node() -> None:
    case = Case(bound=program(n="int(state.items[0])"), state=FIRST)
    assert case.last(NodeFailed).error.error_class == "condition_error"
    case = Case(bound=program(n="state.out"), state=FIRST)
    assert case.last(NodeFailed).error.error_class == "bad_arguments"


def test_an_items_arguments_are_of_the_item_and_the_iteration() -> None:
    config = {"tool": "count.up", "input": {"n": "index + iteration", "word": "item"}}
    nodes = (
        Node("map", "parallel", each=Each("state.items", "one"), output_key="out"),
        Node("one", "tool", config, effect=Effect.KEYED),
        Node("next", "python_fn", {"function": "next"}, effect=Effect.IDEMPOTENT),
    )
    edges = (Edge("map", "next"), Edge("next", "map", Trigger.REPEAT, "state.again", 3))
    case = Case(bound=bind(Definition("w", "1.0.0", STATE, "map", nodes, edges, tools=(tool(),))), state=FIRST)
    for iteration in (1, 2):
        for index, item in enumerate("ab"):
            activation = case.run.activations[f"map[{iteration}]#{index}"]
            assert arguments_of(case.program, case.run, activation) == {"n": index + iteration, "word": item}
            done = Complete(at=case.tick(), begin=case.offer, activation=activation.name, attempt=1, output=item)
            case.send(done)
        assert case.last(NodeCompleted).patch == {"out": ["a", "b"]}
        case.done(f"next[{iteration}]")


@pytest.mark.parametrize(("word", "error_class"), [("int(item)", "condition_error"), ("state.out", "bad_arguments")])
def test_an_item_whose_arguments_cant_be_worked_out_fails_the_map(word: str, error_class: str) -> None:
    config = {"tool": "count.up", "input": {"n": word}}
    nodes = (
        Node("map", "parallel", each=Each("state.items", "one"), output_key="out"),
        Node("one", "tool", config, effect=Effect.KEYED),
    )
    case = Case(bound=bind(Definition("w", "1.0.0", STATE, "map", nodes, tools=(tool(),))), state=FIRST)
    error = case.last(NodeFailed).error
    assert error.error_class == error_class
    assert error.message.startswith("item 0: ")


def test_a_once_call_without_an_answer_is_in_doubt_and_others_have_failed() -> None:
    lost = ErrorData("connection_reset", "Unanswered", "`api.example.com` was asked, and gave no answer")
    case = Case(bound=program(Effect.ONCE, retry=None), state=FIRST)
    said = Fail(at=case.tick(), begin=case.offer, activation="call", attempt=1, error=lost, unanswered=True)
    case.send(said)
    assert case.last(DoubtRaised).reason == lost.message
    assert case.send(said) == []
    case = Case(bound=program(Effect.KEYED, retry=None), state=FIRST)
    case.send(Fail(at=case.tick(), begin=case.offer, activation="call", attempt=1, error=lost, unanswered=True))
    assert case.last(NodeFailed).error.error_class == "connection_reset"


def test_defaults_are_filled_in_and_what_doesnt_fit_is_refused() -> None:
    assert complete_arguments(tool(), {"n": 1}) == {"n": 1, "word": "x"}
    with pytest.raises(NodeError, match=r"`count.up` can't be used: \$.n: 'a' is no int"):
        complete_arguments(tool(), {"n": "a"})


def test_what_is_kept_of_an_output() -> None:
    mapped = ToolCall(tool(), {"n": compile_expression("output.total", {"output": Any()})})
    plain, node, keyed = ToolCall(tool(), {}), Node("call", "tool"), Node("call", "tool", output_key="out")
    assert keep(mapped, node, {"total": 3}, is_item=False) == Kept({"n": 3}, {"total": 3})
    assert keep(plain, node, 3, is_item=False) == Kept({}, 3)
    assert keep(plain, keyed, 3, is_item=False) == Kept({"out": 3})
    assert keep(mapped, node, {"total": 3}, is_item=True) == Kept({}, {"n": 3})
    assert keep(plain, node, 3, is_item=True) == Kept({}, 3)
    with pytest.raises(EvaluationError):
        keep(mapped, node, {}, is_item=False)


def doubtful(output: Schema, kept: dict[str, str], output_key: str | None = None) -> Case:
    """A call in doubt."""
    contract = Contract("count.up", Object({}), output, Effect.ONCE)
    node = Node("call", "tool", {"tool": "count.up", "output": kept}, effect=Effect.ONCE, output_key=output_key)
    definition = Definition("w", "1.0.0", STATE, "call", (node,), tools=(contract,))
    case = Case(bound=bind(definition), state=FIRST)
    case.send(Interrupt(at=case.tick(), begin=case.offer, reason="crash"))
    return case


def say(case: Case, result: object) -> object:
    case.send(Resolve(at=case.tick(), begin=case.offer, activation=None, happened=True, by="finance", result=result))
    return case.answer


def test_a_person_says_what_the_tool_gave_and_it_is_kept_as_if_it_had() -> None:
    total = Object({"total": Field(Integer())})
    case = doubtful(total, {"n": "output.total"})
    assert say(case, {"n": 3}) == Refused(
        "bad_result",
        "the result of `call` can't be used: $.total: is missing; write an int; $.n: there is no such field; "
        "it is what `count.up` gave",
    )
    assert say(case, {"total": 3}) == Done()
    completed = case.last(NodeCompleted)
    assert (completed.patch, completed.output) == ({"n": 3}, {"total": 3})
    case = doubtful(Any(), {"n": "output.total"})
    assert isinstance(say(case, {}), Refused)
    assert isinstance(say(case, {"total": "many"}), Refused)
    case = doubtful(Integer(), {}, output_key="out")
    assert say(case, 5) == Done()
    assert case.last(NodeCompleted).patch == {"out": 5}
