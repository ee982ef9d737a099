"""What a node makes of a tool's output, by the definition that its execution began with."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest

from pectin.core.definition import Contract, Definition, Each, Effect, Endpoint, Node, Reducer
from pectin.core.schema import Any as AnyJson
from pectin.core.schema import Field, Integer, List, Nullable, Object
from pectin.nodes import bind
from pectin.ports.context import Context
from pectin.ports.function import BadResult, Conclusion, Function, Request, Result, Verdict
from pectin.runtime.call import find_function, is_endpoint
from pectin.runtime.programs import published, read_definition

STATE = Object(
    {
        "n": Field(Nullable(Integer()), default=None),
        "word": Field(AnyJson(), default=None),
        "list": Field(List(Integer()), default=[]),
    }
)


class Says:
    """A function that concludes what it is told to, or calls an endpoint."""

    def __init__(self, conclusion: Conclusion, is_async: bool = False) -> None:
        self.conclusion = conclusion
        self.is_async = is_async
        self.keys = None

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        assert request.arguments == {"a": 1}
        return self._later() if self.is_async else self.conclusion

    async def _later(self) -> Conclusion:
        return self.conclusion


class Having:
    """An application that has these functions, and calls endpoints by one of its own."""

    def __init__(self, endpoint: Function | None = None, **functions: Function) -> None:
        self._endpoint = endpoint
        self._functions = functions

    def find(self, workflow_id: str, name: str) -> Function | None:
        return self._functions.get(name.replace("tool:", "").replace(".", "_"))

    def endpoint(self, tool: Contract) -> Function:
        assert self._endpoint is not None
        return self._endpoint


def define(
    *, output: dict[str, str] | None = None, at: Endpoint | None = None, item: bool = False, **traits: Any
) -> Definition:
    tool = Contract("up", Object({}), AnyJson(), Effect.ONCE, endpoint=at)
    node = Node("call", "tool", {"tool": "up", "output": output or {}}, effect=Effect.ONCE, **traits)
    nodes = (node,) if not item else (Node("map", "parallel", each=Each("state.list", "call")), node)
    reducers = {"list": Reducer.APPEND}
    return Definition("w", "1.0.0", STATE, nodes[0].id, nodes, tools=(tool,), reducers=reducers)


def found(functions: Having, *, asks: bool = False, **said: Any) -> Function | None:
    program = bind(define(**said))
    return find_function(functions, program, program.nodes["call"], asks)


def call(given: Any, *, item: bool = False, **said: Any) -> Any:
    function = found(Having(up=Says(Result(output=given))), item=item, **said)
    assert function is not None
    assert (function.is_async, function.keys) == (False, frozenset())
    return function.call(Request({}, Context(), 5 if item else msgspec.UNSET, arguments={"a": 1}))


@pytest.mark.parametrize(
    ("said", "output", "result"),
    [
        ({}, {"a": 1}, Result(output={"a": 1})),
        ({"output_key": "n"}, 7, Result({"n": 7})),
        ({"output_key": "list"}, [7], Result({"list": [7]})),
        (
            {"output": {"n": "output.a", "word": "output"}},
            {"a": 1},
            Result({"n": 1, "word": {"a": 1}}, output={"a": 1}),
        ),
        ({"item": True}, 7, Result(output=7)),
        ({"item": True, "output": {"m": "output.a"}}, {"a": 1}, Result(output={"m": 1})),
    ],
)
def test_what_is_kept(said: dict[str, Any], output: Any, result: Result) -> None:
    assert call(output, **said) == result


@pytest.mark.parametrize(
    ("said", "output", "error_class", "told"),
    [
        ({"output_key": "n"}, "x", "bad_result", "`call` gives what doesn't fit the state: $.n: 'x' is no int or null"),
        ({"output": {"n": "output.b"}}, {"a": 1}, "condition_error", "b"),
    ],
)
def test_what_cant_be_kept_fails_and_is_told_with_the_output(
    said: dict[str, Any], output: Any, error_class: str, told: str
) -> None:
    with pytest.raises(BadResult) as error:
        call(output, **said)
    assert (error.value.error_class, error.value.output) == (error_class, output)
    assert told in str(error.value)


async def test_an_async_tool_is_awaited() -> None:
    function = found(Having(up=Says(Result(output=3), is_async=True)), output_key="n")
    assert function is not None
    assert function.is_async
    called: Any = function.call(Request({}, Context(), arguments={"a": 1}))
    assert await called == Result({"n": 3})


@pytest.mark.parametrize(
    ("verdict", "kept"),
    [
        (Verdict(True, Result(output=3)), Verdict(True, Result({"n": 3}))),
        (Verdict(False), Verdict(False)),
        (Verdict(None), Verdict(None)),
    ],
)
def test_what_has_happened_is_kept_as_if_the_tool_had_given_it(verdict: Verdict, kept: Verdict) -> None:
    having = Having(call_reconcile=Says(verdict))
    function = found(having, asks=True, output_key="n", reconcile="call.reconcile")
    assert function is not None
    assert function.call(Request({}, Context(), asks=True, arguments={"a": 1})) == kept


def test_an_endpoint_needs_no_function_but_its_reconcile_does() -> None:
    at = Endpoint(method="POST", url="https://api.example.com/")
    function = found(Having(Says(Result(output=3))), at=at, output_key="n")
    assert function is not None
    assert function.call(Request({}, Context(), arguments={"a": 1})) == Result({"n": 3})
    assert found(Having(), at=at, asks=True, reconcile="call.reconcile") is None
    assert found(Having()) is None
    program = bind(define(at=at))
    assert is_endpoint(program, program.nodes["call"])
    assert not is_endpoint(bind(define()), program.nodes["call"])


def test_a_definition_with_tools_is_stored_and_read_again() -> None:
    definition = define(at=Endpoint(method="POST", url="https://api.example.com/", timeout_ms=5), output_key="n")
    assert read_definition(published(definition).body) == definition
