"""The pages of the kinds: their examples are workflows that can be run, without a warning, and use their kind."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from pectin import Workflow
from pectin.nodes import KINDS, examine
from tests.docs import markdown

PAGES = Path(__file__).parents[2] / "docs/reference/nodes"


@pytest.mark.parametrize("kind", [kind.NAME for kind in KINDS])
def test_the_example_of_a_page_can_be_run(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "example.py"
    (code,) = [block.code for block in markdown.read(PAGES / f"{kind}.md").blocks if block.language == "python"]
    file.write_text(code, encoding="utf-8")
    spec = spec_from_file_location("example", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "example", module)
    spec.loader.exec_module(module)
    workflows: list[Workflow[Any]] = [value for value in vars(module).values() if isinstance(value, Workflow)]
    definitions = [workflow.build().definition for workflow in workflows]
    assert [examine(definition) for definition in definitions] == [[]] * len(definitions)
    assert kind in {node.kind for definition in definitions for node in definition.nodes}
