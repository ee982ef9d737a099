"""The fields of a node."""

from __future__ import annotations

import pytest

from pectin.authoring.document.reading import read_text
from pectin.core.definition import OnItemFailure
from tests.authoring.document.transcript import HEAD


def test_a_map_and_where_its_parts_stand() -> None:
    text = f"{HEAD}nodes:\n  a: {{run: f, each: state.items, max_concurrency: 3, on_item_failure: collect}}\n"
    draft = read_text(text, "w.yaml")[0].draft
    node = draft.nodes["a"]
    assert (node.kind, node.items, node.max_concurrency) == ("parallel", "state.items", 3)
    assert node.on_item_failure is OnItemFailure.COLLECT
    columns = {part: place.column for part, place in draft.parts[node.place].items()}
    line = text.split("\n")[3]
    for part, word in (("each.items", "state.items"), ("each.max_concurrency", "3"), ("config.function", "f")):
        assert columns[part] == line.index(word) + 1


@pytest.mark.parametrize(("said", "meant"), [("fail", None), ("wait", OnItemFailure.WAIT)])
def test_fail_is_what_is_not_said(said: str, meant: OnItemFailure | None) -> None:
    text = f"{HEAD}nodes: {{a: {{run: f, each: state.items, on_item_failure: {said}}}}}\n"
    assert read_text(text, "w.yaml")[0].draft.nodes["a"].on_item_failure is meant
