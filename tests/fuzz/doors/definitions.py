"""The door of definitions: JSON documents that a store keeps, read, checked and bound."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from pectin.core.definition import definition_hash
from pectin.core.error import BadValue
from pectin.core.problem import DefinitionError
from pectin.core.validate import is_warning
from pectin.nodes import bind, examine
from pectin.runtime.programs import published, read_definition
from tests.core.chance import random_definition
from tests.fuzz import grammar
from tests.fuzz.judge import Door
from tests.fuzz.mutate import Path as Steps
from tests.fuzz.mutate import draw_edits, part_at, places, written
from tests.fuzz.recipe import Recipe, special

BASES: Final = Path(__file__).parents[1] / "corpus" / "bases.json"
"""Definitions of every kind and every trait, small ones."""

_EXPRESSIONS: Final = ("condition", "when", "items", "fires_when", "until", "prompt", "correlation", "message")


@cache
def bases() -> dict[str, Any]:
    """The documents that inputs are made of, by name."""
    return json.loads(BASES.read_text(encoding="utf-8"))


@cache
def base(name: str) -> Any:
    """A document: a kept one, or that of a random definition (`random 7`)."""
    if name.startswith("random "):
        return json.loads(published(random_definition(int(name.split()[1]), calm=False)).body)
    return bases()[name]


def draw_kept(random: Random) -> Recipe:
    """A kept document and what becomes of it."""
    return _draw(random, random.choice([*bases()]))


def draw_definition(random: Random) -> Recipe:
    """A document and what becomes of it."""
    return _draw(random, f"random {random.randrange(40)}" if random.random() < 0.4 else random.choice([*bases()]))


def _draw(random: Random, name: str) -> Recipe:
    document = base(name)
    drawn = random.random()
    if drawn < 0.06:
        return [name, [random.choice(_large(document))]]
    edits = draw_edits(random, document)
    if drawn < 0.3:
        sources = [
            path for path in places(document) if path[-1] in _EXPRESSIONS and isinstance(part_at(document, path), str)
        ]
        if sources:
            edits = [["put", random.choice(sources), grammar.source(random)]]
    elif drawn < 0.5:
        edits = [_draw_graph_edit(random, document)]
    return [name, edits]


def _draw_graph_edit(random: Random, document: Any) -> list[Any]:
    """An edge more, or one that leads elsewhere: cycles, ends, and nodes that nothing leads to."""
    names = [
        *(node["id"] for node in document["nodes"]),
        "end",
        "nowhere",
        random.choice(document["nodes"])["id"] + "s",
    ]
    edge: dict[str, Any] = {"source": random.choice(names), "target": random.choice(names)}
    word = random.choice((None, None, "when", "otherwise", "on_error", "repeat", "on_limit"))
    if word is not None:
        edge["trigger"] = word
    if word in ("when", "repeat") or random.random() < 0.1:
        edge["condition"] = grammar.expression(random, "bool") if random.random() < 0.5 else "true"
    if word == "repeat" or random.random() < 0.1:
        edge["max_iterations"] = random.choice((3, 0, -1, 2**63, 1))
    edges: list[Any] = document.get("edges", [])
    if edges and random.random() < 0.4:
        place: Steps = ("edges", random.randrange(len(edges)), random.choice(("source", "target")))
        return ["put", place, random.choice(names)]
    return ["insert", ("edges", 0), edge] if edges else ["put", ("edges",), [edge]]


def _large(document: Any) -> list[list[Any]]:
    """What is much of one thing, in each document."""
    first = document["nodes"][0]["id"]
    step = {"id": "node_#", "kind": "python_fn", "config": {"function": "f"}}
    return [
        ["put", ("nodes",), special("number", step, 1_000)],
        ["put", ("edges",), special("number", {"source": "noode_#", "target": "nodde_#"}, 1_000)],
        ["put", ("edges",), special("number", {"source": first, "target": "nodde_#"}, 2_000)],
        ["put", ("edges",), special("repeat", {"source": first, "target": first}, 3_000)],
        ["put", ("nodes",), special("repeat", document["nodes"][0], 3_000)],
        ["put", ("state",), _object(special("keys", 2_000, {"type": "integer"}), special("number", "k#", 2_000))],
        *(
            ["put", ("state",), _object({"a": special("nest", {"type": "array"}, "items", levels, {})}, ["a"])]
            for levels in (60, 120, 5_000)
        ),
    ]


def _object(properties: Recipe, required: Recipe) -> Recipe:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def enter_definition(body: bytes) -> None:
    """A document is a definition that runs, or everything that is wrong with it is told. What is taken is kept."""
    definition = read_definition(body)
    try:
        program = bind(definition)
    except DefinitionError:
        assert any(not is_warning(problem) for problem in examine(definition)), "what can't be bound has an error"
        raise
    assert all(is_warning(problem) for problem in examine(definition)), "what is bound has no error"
    again = read_definition(published(definition).body)
    assert again == definition
    assert definition_hash(again) == program.hash, "it comes back with another hash"


def make_definition(recipe: Recipe) -> bytes:
    name, edits = recipe
    return written(base(name), edits)


DOORS: Final = (
    Door("definition", draw_definition, enter_definition, (BadValue, DefinitionError), 130, make_definition),
)
