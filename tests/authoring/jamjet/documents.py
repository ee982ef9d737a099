"""Documents of JamJet's IR: the golden ones, and small ones of which a part is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pectin.authoring.jamjet.reading import read_definition
from pectin.core.definition import Definition
from pectin.core.problem import DefinitionError, Problem

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))

STATE = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}, "n": {"type": "integer"}, "note": {"type": "string"}},
    "required": ["n", "note", "ok"],
}

Json = Any


def golden(name: str) -> dict[str, Json]:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def function(name: str, **fields: Json) -> dict[str, Json]:
    kind = {"type": "python_fn", "module": "", "function": name, "output_schema": ""}
    return {"id": name, "kind": kind, **fields}


def node(name: str, type: str, **fields: Json) -> dict[str, Json]:
    return {"id": name, "kind": {"type": type, **fields}}


def edge(source: str, target: str, condition: str | None = None) -> dict[str, Json]:
    return {"from": source, "to": target, "condition": condition}


def ir(*nodes: dict[str, Json], edges: list[dict[str, Json]] | None = None, **fields: Json) -> dict[str, Json]:
    """A document with these nodes, of which the first is the start."""
    tables: dict[str, Json] = {name: {} for name in ("models", "tools", "mcp_servers", "remote_agents")}
    return {
        "workflow_id": "w",
        "version": "1.0.0",
        "state_schema": json.dumps(STATE),
        "start_node": nodes[0]["id"],
        "nodes": {node["id"]: node for node in nodes},
        "edges": edges or [],
        "retry_policies": {},
        **tables,
        **fields,
    }


def read(document: Json) -> Definition:
    return read_definition(json.dumps(document, indent=1), "w.json")


def problems(document: Json) -> list[Problem]:
    """What is wrong with a document."""
    with pytest.raises(DefinitionError) as caught:
        read(document)
    return list(caught.value.problems)


def told(document: Json) -> list[tuple[str, str, str]]:
    """What is wrong: the code, the message, and what is marked in the line."""
    found = problems(document)
    assert all(problem.place is not None for problem in found), found
    return [(problem.code, problem.message, (problem.source or "")[problem.start : problem.end]) for problem in found]
