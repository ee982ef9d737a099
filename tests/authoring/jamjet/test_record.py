"""Records, a field at a time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.authoring.jamjet.documents import function, ir, read, told


def test_everything_that_is_wrong_with_the_fields() -> None:
    document = ir(function("a", node_timeout_secs="5", lables={}), nmae="x")
    del document["edges"]
    document["nodes"]["a"]["kind"].pop("module")
    document["nodes"]["b"] = 3
    assert told(document) == [
        ("E070", "the workflow has no `edges`", "{"),
        ("E070", "the python_fn `a` has no `module`", "{"),
        ("E070", "`node_timeout_secs` of the node `a`: expected `int | null`, got `str`", '"5"'),
        ("E070", "the node `a` has no field `lables`", '"lables"'),
        ("E070", "the node `b` is the number 3, and has to be an object", "3"),
        ("E070", "the workflow has no field `nmae`", '"nmae"'),
    ]


def test_what_says_nothing_may_stand_there() -> None:
    nothing: dict[str, Any] = {"blocked_tools": [], "model_allowlist": []}
    found = read(
        ir(
            function("a", policy=None, data_policy=None),
            policy=nothing,
            token_budget={"input_tokens": None},
            cost_budget_usd=None,
            on_budget_exceeded=None,
            continue_as_new=False,
            models={},
        )
    )
    assert found == read(ir(function("a")))


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"models": {"m": {"provider": "p", "model": "m"}}}, "models"),
        ({"mcp_servers": {"s": {"transport": "stdio", "args": []}}}, "mcp_servers"),
        ({"remote_agents": {"a": {"url": "https://a.example"}}}, "remote_agents"),
    ],
)
def test_tables_of_what_is_not_here(fields: dict[str, Any], name: str) -> None:
    assert told(ir(function("a"), **fields)) == [
        ("E071", f"the workflow has `{name}`, which are not taken over", "{"),
    ]


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"data_policy": {"pii_fields": ["$.name"]}}, "data_policy"), ({"continue_as_new": True}, "continue_as_new")],
)
def test_what_says_something_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    of_whole = ("E071", f"the workflow has `{name}`, which is not taken over", f'"{name}"')
    of_node = ("E071", f"the node `a` has `{name}`, which is not taken over", f'"{name}"')
    assert told(ir(function("a"), **fields)) == [of_whole]
    assert told(ir(function("a", **fields))) == [of_node]


@pytest.mark.parametrize("name", ["strategy_metadata", "expression", "session_type"])
def test_what_no_version_of_jamjet_has(name: str) -> None:
    fields: dict[str, Any] = {name: 1}
    assert told(ir(function("a"), **fields)) == [("E070", f"the workflow has no field `{name}`", f'"{name}"')]
