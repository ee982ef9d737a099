"""Tools in the words of a document, and what no document can say of them."""

from __future__ import annotations

import pytest

from pectin.authoring.document.write_tools import write_ceiling, write_money, write_policy, write_tools
from pectin.core.budget import Amount
from pectin.core.definition import Contract, Definition, Effect, Endpoint, Json, Node, Secret
from pectin.core.policy import ApprovalRule, Policy
from pectin.core.schema import Field, Null, Object, String

NOTHING = Contract("ping", Object({}), Null())
HTTP = Endpoint(method="GET", url="https://example.com")


def write(*tools: Contract, calls: tuple[Node, ...] | None = None) -> tuple[Json, list[str]]:
    nodes = tuple(Node(f"n{i}", "tool", {"tool": tool.name}, tool.effect) for i, tool in enumerate(tools))
    refused: list[str] = []
    definition = Definition("w", "1.0.0", Object({}), "n0", nodes if calls is None else calls, tools=tools)
    return write_tools(definition, refused.append), refused


@pytest.mark.parametrize(
    ("tool", "written"),
    [
        (NOTHING, {"effect": "once", "input": {}, "output": "null"}),
        (Contract("ping", Object({}), Null(), endpoint=HTTP), {"http": {"method": "GET", "url": HTTP.url}}),
        (
            Contract("ping", Object({"a": Field(String(), required=False)}), String(), Effect.PURE, "It pings"),
            {"description": "It pings", "effect": "pure", "input": {"a?": "string"}, "output": "string"},
        ),
        (
            Contract(
                "ping",
                Object({}),
                Null(),
                Effect.KEYED,
                endpoint=Endpoint(
                    method="POST",
                    url="x",
                    query={"a": "a"},
                    headers={"A": "b", "C": Secret("D"), "E": Secret("F", "G ")},
                    key_header="K",
                    timeout_ms=1_500,
                    request_bytes_max=1,
                ),
            ),
            {
                "effect": "keyed",
                "http": {
                    "method": "POST",
                    "url": "x",
                    "query": ["a"],
                    "headers": {"A": "b", "C": {"secret": "D"}, "E": {"secret": "F", "prefix": "G "}},
                    "key_header": "K",
                    "timeout": "1s500ms",
                    "request_bytes_max": 1,
                },
            },
        ),
    ],
)
def test_what_is_usual_is_left_out(tool: Contract, written: Json) -> None:
    assert write(tool) == ({"ping": written}, [])


def test_what_is_refused() -> None:
    other = Contract("a", Object({}), Null())
    assert write()[0] is None
    assert write(NOTHING, other)[1] == ["its tools don't stand in the order of their names, each once"]
    assert write(NOTHING, calls=())[1] == ["no node calls the tool `ping`"]
    calls = (Node("n", "tool", {"tool": "ping"}, Effect.PURE), Node("m", "tool", {"tool": "pong"}))
    assert write(NOTHING, calls=calls)[1] == [
        "`n` is `pure`, and the tool that it calls `once`",
        "`m` calls 'pong', which is none of its tools",
    ]


def test_policies_and_ceilings() -> None:
    refused: list[str] = []
    rules = ["a", ApprovalRule("b", 2, ("x", "y"), not_requester=True, deadline_ms=60_000)]
    written = {"tool": "b", "approvers": 2, "of": ["x", "y"], "not_requester": True, "deadline": "1m"}
    assert write_policy(Policy(require_approval_for=rules), "it", refused.append) == {
        "require_approval_for": ["a", written]
    }
    assert write_policy(Policy(), "it", refused.append) == write_ceiling(Amount(), "it", refused.append) == {}
    assert write_policy(None, "it", refused.append) is write_ceiling(None, "it", refused.append) is None
    assert write_ceiling(Amount("0.1", 5), "it", refused.append) == {"cost_usd": "0.1", "input_tokens": 5}
    assert refused == []
    write_policy(Policy(model_allowlist=["x"]), "it", refused.append)
    write_money("0.10", "it", refused.append)
    write_money("much", "it", refused.append)
    assert len(refused) == 3
