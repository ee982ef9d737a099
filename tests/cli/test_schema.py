"""`pectin schema`."""

from __future__ import annotations

import json
from pathlib import Path

from pectin.authoring.document.json_schema import json_schema
from tests.cli.conftest import Pectin

PUBLISHED = Path(__file__).parents[2] / "docs/reference/workflow.schema.json"


def test_it_writes_the_published_schema(pectin: Pectin) -> None:
    said = pectin("schema")
    assert (said.code, said.err) == (0, "")
    assert said.out == PUBLISHED.read_text("utf-8"), "run `make format`"
    assert json.loads(said.out) == json_schema()


def test_for_programs_in_one_line(pectin: Pectin) -> None:
    assert pectin("schema", "--json").json == json_schema()
