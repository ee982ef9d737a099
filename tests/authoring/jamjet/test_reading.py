"""Documents of JamJet, as definitions and as workflows that run."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

import pectin
from pectin import testing
from pectin.authoring.jamjet.reading import read_definition, read_jamjet
from pectin.authoring.jamjet.writing import write_ir
from pectin.core.problem import DefinitionError, Problem
from pectin.core.retry import PRESETS
from pectin.core.timeout import TimeoutConfig
from tests.authoring.jamjet.documents import GOLDEN, NAMES, edge, function, golden, ir, node, problems, read, told


@pytest.mark.parametrize("name", NAMES)
def test_round_trips(name: str) -> None:
    definition = read_definition((GOLDEN / f"{name}.json").read_text("utf-8"), f"{name}.json")
    assert write_ir(definition) == golden(name)
    assert read(write_ir(definition)) == definition


def test_the_whole() -> None:
    definition = read(golden("python_fn"))
    assert (definition.id, definition.version, definition.start) == ("python_fn", "1.0.0", "look")
    assert (definition.name, definition.description) == ("Functions", "Two after one.")
    assert definition.labels == {"team": "orders"}
    assert definition.timeouts == TimeoutConfig(node_timeout_ms=None, workflow_timeout_ms=3_600_000)
    assert definition.state.name == "Refund"


def test_absent_timeouts_are_the_usual_ones_and_empty_ones_are_none() -> None:
    assert read(ir(function("a"))).timeouts == TimeoutConfig()
    assert read(ir(function("a"), timeouts={})).timeouts == TimeoutConfig(node_timeout_ms=None)
    assert read(ir(function("a"), timeouts={"node_timeout": {"secs": 5, "nanos": 0}})).timeouts.node_timeout_ms == 5_000


def test_retry_policies() -> None:
    policy = {
        "max_attempts": 2,
        "backoff": "fixed",
        "initial_delay": {"secs": 1, "nanos": 500_000_000},
        "max_delay": 5,
        "jitter": False,
        "retryable_on": ["timeout"],
    }
    (a,) = read(ir(function("a", retry_policy="mine"), retry_policies={"mine": policy})).nodes
    assert a.retry is not None
    assert (a.retry.max_attempts, a.retry.initial_delay_ms) == (2, 1_500)
    assert a.labels == {"jamjet.retry_policy": "mine"}
    document = ir(
        function("a", retry_policy="io_defualt"),
        function("b", retry_policy="short"),
        edges=[edge("a", "b")],
        retry_policies={"mine": policy, "short": {**policy, "backoff": "none"}},
    )
    assert told(document) == [
        ("E021", "`a` has the unknown retry policy `io_defualt`", '"io_defualt"'),
        ("E071", "no node has the retry policy `mine`", '"mine"'),
        ("E070", "the retry policy `short.backoff`: 'none' is unknown", "{"),
    ]


def test_fields_that_neither_timeouts_nor_retry_policies_have() -> None:
    policy = {**PRESETS["io_default"].to_json(), "max_tries": 5}
    document = ir(function("a", retry_policy="p"), retry_policies={"p": policy}, timeouts={"node_timout": 5})
    assert told(document) == [
        ("E070", "the retry policy `p` has no field `max_tries`", '"max_tries"'),
        ("E070", "`timeouts` has no field `node_timout`", '"node_timout"'),
    ]


def test_a_start_that_is_empty() -> None:
    assert told(ir(function("a"), start_node="")) == [("E070", "`start_node` is empty", '""')]


def test_what_else_is_wrong_with_the_whole() -> None:
    document = ir(
        function("a", labels={"jamjet.module": "x"}) | {"id": "b"},
        state_schema="two words",
        start_node="c",
        models={"m": {}},
        timeouts={"node_timeout": 0},
    )
    found = [(code, message) for code, message, _ in told(document)]
    assert found == [
        ("E070", "`state_schema`: it is neither a JSON Schema nor a name"),
        ("E071", "the label `jamjet.module` of `b` has a meaning in Pectin"),
        ("E071", "the workflow has `models`, which are not taken over"),
        ("E070", "`timeouts.node_timeout` of the workflow: a timeout of 0 ends everything at once"),
    ]


def test_an_id_that_is_another() -> None:
    document = ir(function("a"))
    document["nodes"]["a"]["id"] = "b"
    assert told(document) == [("E070", "the node `a` says that its id is `b`", '"b"')]


def test_what_the_core_finds_has_its_place_too() -> None:
    document = ir(function("a"), function("b"), node("end_it", "limit_exceeded"), edges=[edge("a", "end_it")])
    (problem,) = problems(document)
    assert problem.code == "E008"
    assert problem.place is not None
    assert problem.place.file == "w.json"
    assert (problem.source or "")[problem.start : problem.end] == '"b"'


@pytest.mark.parametrize("text", ["", "[]", "3", "a: 1\n---\nb: 2", "a: [", "{}", "[{}, {}]"])
def test_what_is_no_document(text: str) -> None:
    for file in ("w.yaml", "w.json"):
        with pytest.raises(DefinitionError):
            read_definition(text, file)


YAML = """\
workflow_id: greet
version: 1.0.0
state_schema: >-
  {"type": "object", "properties": {"name": {"type": "string"}, "ok": {"type": "boolean", "default": false}},
  "required": ["name"], "additionalProperties": false}
start_node: hello
nodes:
  hello:
    id: hello
    kind: {type: python_fn, module: app.steps, function: hello, output_schema: ''}
  review:
    id: review
    kind: {type: human_approval, description: 'Greet {{ state.name }}?', timeout_secs: 60, fallback_node: null}
  done: {id: done, kind: {type: python_fn, module: app.steps, function: done, output_schema: ''}}
edges:
  - {from: hello, to: review}
  - {from: review, to: done}
retry_policies: {}
models: {}
tools: {}
mcp_servers: {}
remote_agents: {}
"""


def hello(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "name": state["name"].title()}


def done(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "ok": True}


async def test_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "greet.ir.yaml"
    path.write_text(YAML, "utf-8")
    greet = pectin.read_jamjet(path, functions=[hello, done])
    async with testing.engine(greet) as engine:
        execution = await engine.start(greet, {"name": "ada"})
        await testing.until_waiting(execution)
        await execution.approve("review", by="finance")
        assert await execution.result() == {"name": "Ada", "ok": True}


def test_without_its_functions_it_does_not(tmp_path: Path) -> None:
    path = tmp_path / "greet.yaml"
    path.write_text(YAML, "utf-8")
    with pytest.raises(DefinitionError, match="greet runs `hello`, `done`, and no functions were handed in"):
        read_jamjet(path)
    with pytest.raises(DefinitionError, match="has no function `done`"):
        read_jamjet(path, {"hello": hello})


def test_children_are_handed_in(tmp_path: Path) -> None:
    shipping = pectin.Workflow("shipping", version="2.0.0", state=dict[str, Any])
    shipping.limit_exceeded("stop", "enough")
    document = ir(
        node("ship", "subgraph", workflow_ref="shipping", workflow_version="2.0.0", input_mapping={}, output_mapping={})
    )
    path = tmp_path / "order.json"
    path.write_text(json.dumps(document), "utf-8")
    order = read_jamjet(path, children=[shipping])
    assert [child.definition.id for child in order.build().children] == ["shipping"]
    with pytest.raises(DefinitionError, match=r"`shipping` 2\.0\.0 of subgraph `ship` wasn't handed in"):
        read_jamjet(path)


def mutated(value: Any, random: Random) -> Any:
    """The value with something in it replaced by something else."""
    strangers: list[Any] = [None, 0, -1, 1.5, True, "", "x", "state.ok", [], {}, [{}], {"type": "wait"}, "é" * 40]
    if random.random() < 0.06:
        return random.choice(strangers)
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return {key if random.random() > 0.01 else "odd": mutated(inner, random) for key, inner in entries}
    if isinstance(value, list):
        return [mutated(item, random) for item in cast("list[Any]", value)]
    return value


@pytest.mark.parametrize("seed", range(150))
def test_no_document_breaks_it(seed: int) -> None:
    random = Random(seed)
    document = mutated(golden(random.choice(NAMES)), random)
    found: list[Problem] = []
    try:
        write_ir(read(document))
    except DefinitionError as error:
        found += error.problems
    assert all(problem.place is not None for problem in found)


def said(value: Any) -> Any:
    """The value without what says nothing."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return {key: inner for key, given in entries if (inner := said(given)) not in (None, {}, [])}
    if isinstance(value, list):
        return [said(item) for item in cast("list[Any]", value)]
    return value


@pytest.mark.parametrize("seed", range(0, 600, 2))
def test_what_is_taken_over_is_all_that_was_said(seed: int) -> None:
    """Nothing of a document is left out in silence: it comes back, or it was refused."""
    random = Random(seed)
    document = mutated(golden(random.choice(NAMES)), random)
    try:
        written = write_ir(read(document))
    except DefinitionError:
        return
    if document["timeouts"].get("heartbeat_interval") is None:
        del written["timeouts"]["heartbeat_interval"]  # the usual one
    assert said(written) == said(document)
