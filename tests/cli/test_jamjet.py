"""JamJet's IR on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pectin.authoring.document.reading import read_trees
from pectin.authoring.document.tree import Source
from pectin.cli.document import Given
from pectin.cli.exit import BadUsage
from pectin.cli.jamjet import from_ir, from_ir_again, holds_ir, is_ir, lost, to_ir
from pectin.core.definition import Definition, Edge, Node
from pectin.core.schema import Field, Integer, Object
from tests.cli.conftest import Pectin

STATE = {
    "type": "object",
    "title": "Greeting",
    "properties": {"name": {"type": "string"}, "text": {"type": "string", "default": ""}},
    "required": ["name"],
    "additionalProperties": False,
}

FUNCTIONS = """
from typing import Any


def hello(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "text": f"Hello, {state['name']}."}
"""


def ir(**fields: Any) -> dict[str, Any]:
    nodes = {
        "hello": {"type": "python_fn", "module": "", "function": "hello", "output_schema": ""},
        "review": {"type": "human_approval", "description": "Send it?", "timeout_secs": 259200, "fallback_node": None},
    }
    said: dict[str, Any] = {
        "workflow_id": "greet",
        "version": "1.0.0",
        "name": None,
        "description": None,
        "state_schema": json.dumps(STATE),
        "start_node": "hello",
        "nodes": {
            name: {
                "id": name,
                "kind": kind,
                "retry_policy": None,
                "node_timeout_secs": None,
                "description": None,
                "labels": {},
            }
            for name, kind in nodes.items()
        },
        "edges": [
            {"from": "hello", "to": "review", "condition": None},
            {"from": "review", "to": "end", "condition": None},
        ],
        "retry_policies": {},
        "timeouts": {
            "node_timeout": 300,
            "workflow_timeout": None,
            "heartbeat_interval": 30,
            "approval_timeout": None,
        },
        "models": {},
        "tools": {},
        "mcp_servers": {},
        "remote_agents": {},
        "labels": {},
    }
    return said | fields


def save(folder: Path, **fields: Any) -> str:
    (folder / "greet.ir.json").write_text(json.dumps(ir(**fields)))
    (folder / "steps.py").write_text(FUNCTIONS)
    return "greet.ir.json"


def tell_lost(given: Definition, again: Definition) -> list[str]:
    return list(lost(given, again))


def test_an_ir_becomes_a_document_that_runs(pectin: Pectin, folder: Path) -> None:
    said = pectin("convert", save(folder), "--from", "jamjet", "-o", "greet.yaml")
    assert said.code == 0
    assert said.err == (
        "wrote greet.yaml\n"
        "the name of the state's type, `Greeting`, is left out: a document lists its fields\n"
        "it runs `hello`:\n"
        "  pectin run greet.yaml --functions FILE.py\n"
    )
    assert pectin("check", "greet.yaml", "--functions", "steps.py").code == 0
    ran = pectin("run", "greet.yaml", "--functions", "steps.py", "--input", '{"name": "Ada"}')
    assert (ran.code, "waiting for a person: Send it?" in ran.err) == (4, True)


def test_it_is_recognised_and_comes_back(pectin: Pectin, folder: Path) -> None:
    state = json.dumps({key: value for key, value in STATE.items() if key != "title"})
    file = save(folder, state_schema=state)
    assert pectin("convert", file, "-o", "greet.yaml").code == 0
    back = pectin("convert", "greet.yaml", "--to", "jamjet")
    assert (back.code, back.err) == (0, "")
    assert back.json == ir(state_schema=state)
    told = pectin("convert", file, "--json").json
    assert (told["to"], told["functions"], told["text"].startswith("workflow: greet\n")) == ("yaml", ["hello"], True)
    assert pectin("convert", file, "--to", "json").json["workflow"] == "greet"


def test_an_ir_may_be_yaml_and_becomes_json(pectin: Pectin, folder: Path) -> None:
    (folder / "greet.yaml").write_text(json.dumps(ir()))
    said = pectin("convert", "greet.yaml", "--to", "jamjet")
    assert (said.code, said.json) == (0, ir())
    assert pectin("convert", "greet.yaml").out.startswith("workflow: greet\n")


def test_what_is_not_here_is_refused_all_at_once(pectin: Pectin, folder: Path) -> None:
    document = ir(models={"m": {}}, data_policy={"pii_fields": ["$.name"]})
    document["nodes"]["review"]["kind"] = {"type": "agent"}
    (folder / "greet.ir.json").write_text(json.dumps(document, indent=1))
    said = pectin("convert", "greet.ir.json", "-o", "greet.yaml")
    assert (said.code, said.out, (folder / "greet.yaml").exists()) == (2, "", False)
    for what in ("is a `agent`, which", "has `models`, which", "has `data_policy`, which"):
        assert what in said.err
    assert said.err.endswith("pectin check --explain E071\n")


def test_a_python_workflow_becomes_an_ir_or_is_refused(pectin: Pectin, folder: Path) -> None:
    said = "from pectin import *\nw = Workflow('w', version='1.0.0', state=dict)\nw.wait('a', duration='1m'{})\n"
    (folder / "w.py").write_text(said.format(""))
    assert pectin("convert", "w.py", "--to", "jamjet").json["workflow_id"] == "w"
    (folder / "v.py").write_text(said.replace("1m", "1500ms").replace("1.0.0", "1.0.0-rc.1").format(""))
    refused = pectin("convert", "v.py", "--to", "jamjet")
    assert refused.code == 2
    assert "`duration_ms` of `a` is no whole number of seconds" in refused.err
    assert "JamJet has no words for the version 1.0.0-rc.1" in refused.err


def test_a_command_that_runs_documents_names_the_one_that_makes_them(pectin: Pectin, folder: Path) -> None:
    file = save(folder)
    for command in ("check", "run"):
        said = pectin(command, file)
        assert said.code == 2
        assert said.err == (
            "greet.ir.json is an IR of JamJet: make a document of it first\n"
            "  pectin convert greet.ir.json --from jamjet -o greet.ir.workflow.yaml\n"
        )


def test_what_is_no_ir(pectin: Pectin, folder: Path) -> None:
    (folder / "a.yaml").write_text("workflow: a\nversion: 1.0.0\nnodes: {n: {wait: {duration: 1m}}}\n")
    said = pectin("convert", "a.yaml", "--from", "jamjet")
    assert (said.code, "the workflow has no field `workflow`" in said.err) == (2, True)
    said = pectin("convert", "steps.py", "--from", "jamjet")
    assert (said.code, said.err) == (2, "steps.py is no document: name a file that ends in .yaml, .yml, .json\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"workflow_id": "a", "start_node": "b"}', True),
        ('{"workflow_id": "a"}', False),
        ('{"workflow": "w", "workflow_id": "a", "start_node": "b"}', False),
        ("[{}]", False),
        ("{", False),
    ],
)
def test_what_looks_like_one(text: str, found: bool) -> None:
    assert holds_ir(text, "a.json") is found
    if text != "{":
        assert is_ir(read_trees(Source(text, "a.json"))[0]) is found


def test_children_have_to_stand_in_the_same_file() -> None:
    kind: dict[str, Any] = {"type": "subgraph", "workflow_ref": "b", "workflow_version": "1.0.0"}
    kind |= {"input_mapping": {}, "output_mapping": {}}
    document = ir(nodes={"hello": {"id": "hello", "kind": kind}}, edges=[])
    with pytest.raises(BadUsage, match=r"`hello` runs the workflow `b` 1\.0\.0, which would have to stand in"):
        from_ir(json.dumps(document), "a.json", as_json=False)
    assert json.loads(from_ir_again(json.dumps(document), "a.json").text)["nodes"]["hello"]["kind"] == kind


def test_an_ir_of_one_workflow(folder: Path) -> None:
    one = "workflow: {}\nversion: 1.0.0\nnodes: {{n: {{wait: {{duration: 1m}}}}}}\n"
    (folder / "two.yaml").write_text(one.format("a") + "---\n" + one.format("b"))
    with pytest.raises(BadUsage, match=r"say which, as two\.yaml:a or two\.yaml:b"):
        to_ir(Given("two.yaml"))
    assert json.loads(to_ir(Given("two.yaml:b")).text)["workflow_id"] == "b"


def test_what_is_lost_is_named() -> None:
    state = Object({"n": Field(Integer())})
    node = Node("a", "limit_exceeded", {"message": "m"}, labels={"team": "orders"})
    given = Definition("w", "1.0.0", state, "a", (node,), description="D", labels={"team": "orders"})
    assert tell_lost(given, given) == []
    assert tell_lost(given, replace(given, state=replace(state, name="State"))) == []
    assert tell_lost(given, replace(given, labels={}, description=None)) == [
        "`description` of the workflow",
        "`labels` of the workflow",
    ]
    assert tell_lost(given, replace(given, nodes=(replace(node, labels={}),))) == ["`labels` of the node `a`"]
    assert tell_lost(given, replace(given, nodes=(), edges=(Edge("a", "end"),))) == [
        "`edges` of the workflow",
        "the node `a`",
    ]
    assert tell_lost(given, replace(given, state=Object({}))) == ["`state` of the workflow"]
