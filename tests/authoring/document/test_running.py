"""Nodes that run something."""

from __future__ import annotations

from pectin.authoring.document.reading import needed_functions, read_text
from pectin.core.definition import Effect, RunOn
from tests.authoring.document.transcript import HEAD


def test_a_function_has_the_effect_of_functions() -> None:
    draft = read_text(f"{HEAD}nodes: {{a: {{run: f}}, z: {{run: g, run_on: success}}}}\n", "w.yaml")[0].draft
    assert draft.nodes["a"].effect is draft.nodes["z"].effect is Effect.IDEMPOTENT
    assert (draft.nodes["z"].kind, draft.nodes["z"].run_on) == ("finalizer", RunOn.SUCCESS)
    assert draft.lacks_functions
    assert needed_functions(draft) == ["f", "g"]


def test_a_child_gets_its_draft() -> None:
    child = "workflow: v\nversion: 1.0.0\nnodes: {b: {run: g}}\n"
    text = f"{HEAD}nodes: {{a: {{child: {{workflow: v, version: 1.0.0}}, input: {{x: 1 + 1}}}}}}\n---\n{child}"
    first, second = read_text(text, "w.yaml")
    found = first.draft.nodes["a"].child
    assert found is not None
    assert (found.draft, found.input) == (second.draft, {"x": "1 + 1"})
