"""The JSON Schema of a document: what fits, what doesn't, and that every key is explained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from pectin.authoring.document import nodes, policy, tools, types
from pectin.authoring.document.header import HEADER
from pectin.authoring.document.json_schema import NOTES, SORTS, json_schema, orders
from pectin.authoring.document.nodes import FORMS
from pectin.authoring.document.reading import read_text
from pectin.authoring.document.tree import plain
from pectin.core.budget import SORTS as SORTS_OF_AMOUNT
from pectin.core.definition import Json
from tests.authoring.document.schema_check import complaints
from tests.authoring.document.transcript import cases, document_of, problems


def document(**changes: Json) -> Json:
    return {"workflow": "a", "version": "1.0.0", "nodes": {"n": {"run": "n"}}, **changes}


def node(**keys: Json) -> Json:
    return document(nodes={"n": keys})


FITTING: list[Json] = [
    document(),
    [document(), document()],
    document(state={"a": "string", "b?": {"x": "int"}, "c": [{"y": "int"}], "d": None}),
    document(state={"$fields": {"$a": {"$map": "int", "$nullable": True}}, "$open": True}),
    document(timeouts={"node_timeout": None, "workflow_timeout": 60}, limits={"wall_time": "1h", "on_limit": "n"}),
    document(reducers={"a": "append"}, session_type="stateless", on_failure="wait", stop_grace=0),
    node(run="n", each="state.items", max_concurrency=2, on_item_failure="collect", output_key="k"),
    node(run="n", run_on="failure"),
    node(run="n", retry="io_default", then=["a", {"to": "b", "when": True}, {"to": "end", "otherwise": True}]),
    node(run="n", retry={"max_attempts": 3}, repeat={"to": "n", "when": "x", "max_iterations": 2}, on_limit=["a"]),
    node(child={"workflow": "b", "version": "1.0.0"}, input={"a": 1}, on_error=[{"to": "a", "when": "x"}, "b"]),
    node(approval="Well?", decisions={"approved": "a", "timeout": ["b", "end"]}),
    node(wait={"event": "e", "key": "k"}, deadline="1h"),
    node(condition=[{"when": "x", "to": "a"}], default="end"),
    node(parallel=True),
    node(parallel=["a", "b"]),
    node(parallel=True, then="a"),
    node(approval="Well?", options=["yes", "no"], then="a"),
    node(join="first"),
    node(join={"wait_for": ["a"], "at_least": 1}),
    node(join={"fires_when": "x"}),
    node(limit_exceeded="Too much."),
    document(limits={"max_cost_usd": "2.00", "total_tokens": 5}, labels={"a": "b"}, retention_days=30),
    document(policy={"blocked_tools": ["a.*"], "require_approval_for": ["b", {"tool": "c", "of": ["d"]}]}),
    document(tools={"a": {}, "b": {"effect": "keyed", "input": {"c?": "int"}, "output": ["string"]}}),
    document(tools={"a": {"http": {"method": "GET", "url": "x", "query": ["y"], "headers": {"A": {"secret": "B"}}}}}),
    node(tool="a", input={"x": "1"}, output={"y": "output"}, each="state.items", ceiling={"cost_usd": 0.5}),
    node(run="n", policy={}, description="It is", labels={"a": "b"}),
    node(rules=[{"when": "x", "message": "no"}], on_violation="branch", then="a", output_key="k"),
]


@pytest.mark.parametrize("fitting", FITTING)
def test_what_fits(fitting: Json) -> None:
    assert complaints(fitting) == []


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"workflow": "a", "version": "1.0.0"}, "$"),
        (document(nods={}), "$"),
        (document(workflow=1), "$.workflow"),
        (document(workflow="1a"), "$.workflow"),
        (document(version=1.0), "$.version"),
        (document(version="1.0"), "$.version"),
        (document(session_type="durable"), "$.session_type"),
        (document(state="string"), "$.state"),
        (document(state={"a": 1}), "$.state.a"),
        (document(state={"a": ["int", "int"]}), "$.state.a"),
        (document(state={"a": {"$typ": "int"}}), "$.state.a"),
        (document(state={"a": {"$type": "int", "b": "int"}}), "$.state.a"),
        (document(reducers={"a": "sum"}), "$.reducers.a"),
        (document(timeouts={"node_timeout": 1.5}), "$.timeouts.node_timeout"),
        (document(timeouts={"node": "1s"}), "$.timeouts"),
        (document(limits={"max_iterations": 0}), "$.limits.max_iterations"),
        (document(nodes=[]), "$.nodes"),
        (document(nodes={"n": "run"}), "$.nodes.n"),
        (node(), "$.nodes.n"),
        (node(then="a"), "$.nodes.n"),
        (node(run="n", approval="x"), "$.nodes.n"),
        (node(run="n", deadline="1h"), "$.nodes.n"),
        (node(run="n", on="a"), "$.nodes.n"),
        (node(run=["n"]), "$.nodes.n.run"),
        (node(run="n", effect="twice"), "$.nodes.n.effect"),
        (node(run="n", retry="often"), "$.nodes.n.retry"),
        (node(run="n", retry={"backoff": "fixed"}), "$.nodes.n.retry"),
        (node(run="n", timeout=True), "$.nodes.n.timeout"),
        (node(run="n", then={"to": "a", "if": "x"}), "$.nodes.n.then"),
        (node(run="n", then={"to": "a", "when": "x", "otherwise": True}), "$.nodes.n.then"),
        (node(run="n", repeat="a"), "$.nodes.n.repeat"),
        (node(run="n", repeat={"to": "a"}), "$.nodes.n.repeat"),
        (node(run="n", max_concurrency="2", each="x"), "$.nodes.n.max_concurrency"),
        (node(child="b"), "$.nodes.n.child"),
        (node(child={"workflow": "b"}), "$.nodes.n.child"),
        (node(wait={"for": "1h"}), "$.nodes.n.wait"),
        (node(condition=[{"when": "x"}]), "$.nodes.n.condition[0]"),
        (node(condition=[], then="a"), "$.nodes.n"),
        (node(join="some"), "$.nodes.n.join"),
        (node(limit_exceeded="x", then="a"), "$.nodes.n"),
        (node(run="n", run_on="always", then="a"), "$.nodes.n"),
        (node(run="n", max_concurrency=2), "$.nodes.n"),
        (node(approval="x", options=["a"], decisions={"a": "end"}), "$.nodes.n"),
        (node(parallel=["a"], then="b"), "$.nodes.n.parallel"),
        (node(wait={}), "$.nodes.n.wait"),
        (node(wait={"duration": "1h", "until": "x"}), "$.nodes.n.wait"),
        (node(wait={"event": "x"}), "$.nodes.n.wait"),
        (node(join={"at_least": 1, "fires_when": "x"}), "$.nodes.n.join"),
        (document(nodes={"my node": {"run": "n"}}), "$.nodes"),
        (document(nodes={"end": {"run": "n"}}), "$.nodes"),
        (document(labels={"a": 1}), "$.labels.a"),
        (document(limits={"max_cost_usd": True}), "$.limits.max_cost_usd"),
        (document(retention_days="30"), "$.retention_days"),
        (document(policy={"deny": []}), "$.policy"),
        (document(policy={"require_approval_for": [{"approvers": 1}]}), "$.policy.require_approval_for[0]"),
        (document(tools={"a": {"http": {"method": "POST"}}}), "$.tools.a.http"),
        (document(tools={"a": {"http": {"method": "LOOK", "url": "x"}}}), "$.tools.a.http.method"),
        (document(tools={"a": {"effect": "twice"}}), "$.tools.a.effect"),
        (document(tools={"a": {"input": "int"}}), "$.tools.a.input"),
        (node(tool="a", effect="pure"), "$.nodes.n"),
        (node(tool="a", ceiling={"cost": 1}), "$.nodes.n.ceiling"),
        (node(approval="x", policy={}), "$.nodes.n"),
        (node(run="n", run_on="always", ceiling={}), "$.nodes.n"),
        (node(rules=[]), "$.nodes.n.rules"),
        (node(rules=[{"when": "x"}]), "$.nodes.n.rules[0]"),
        (node(rules=[{"when": "x", "message": "y"}], on_violation="stop"), "$.nodes.n.on_violation"),
    ],
)
def test_what_does_not(broken: Json, place: str) -> None:
    assert place in {complaint.partition(": ")[0] for complaint in complaints(broken)}


def misshapen() -> Iterator[tuple[str, str]]:
    """The broken documents that have a key that isn't there, or a value of another form; with their titles."""
    for case in cases():
        text, file, functions = document_of(case)
        found = [problem for problem in problems(text, file, functions) if problem.code == "E044"]
        if found and not any(problem.message.startswith(BEYOND) for problem in found):
            yield f"{case.topic}: {case.title}", text


BEYOND = ("there is no workflow here", "a document is a mapping")
"""What can't be said of one document."""


def test_it_refuses_every_broken_document_whose_form_is_wrong() -> None:
    found = dict(misshapen())
    assert len(found) > 50
    fitting = [
        title
        for title, text in found.items()
        if not any(complaints(plain(document.tree)) for document in read_text(text, "w.yaml"))
    ]
    assert fitting == []


def test_it_has_the_keys_that_are_read() -> None:
    assert set(orders()["workflow"]) == {*HEADER, "nodes"}
    assert {sort: set(keys) for sort, keys in SORTS.items()} == {
        sort: {*form.keys, *form.ways} for sort, form in FORMS.items()
    }
    assert NOTES == nodes.NOTES
    assert set(orders()["node"]) == {*SORTS, *NOTES, *(key for keys in SORTS.values() for key in keys)}
    read = (types.KEYS, tools.KEYS, tools.HTTP_KEYS, tools.SECRET_KEYS, policy.KEYS, policy.RULE_KEYS, SORTS_OF_AMOUNT)
    said = ("type", "contract", "http", "header", "policy", "require_approval_for", "ceiling")
    assert [set(orders()[name]) for name in said] == list(map(set, read))


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object with known keys."""
    if isinstance(schema, dict) and {"properties", "additionalProperties"} <= schema.keys():
        yield cast("dict[str, Any]", schema)
    inner = cast("list[Any]", schema if isinstance(schema, list) else [])
    for part in cast("dict[str, Any]", schema).values() if isinstance(schema, dict) else inner:
        yield from objects(part)


def test_every_key_is_explained() -> None:
    found = [schema["properties"] for schema in objects(json_schema())]
    assert len(found) > 10
    assert [name for properties in found for name, each in properties.items() if "description" not in each] == []
