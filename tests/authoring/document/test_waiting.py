"""Nodes that wait."""

from __future__ import annotations

import pytest

from pectin.authoring.document.reading import read_text
from tests.authoring.document.transcript import HEAD


@pytest.mark.parametrize(
    ("said", "decisions"),
    [
        ("", ["approved", "rejected"]),
        ("decisions: {yes: end, no: end, timeout: end}", ["yes", "no"]),
        ("options: [a, b]", ["a", "b"]),
    ],
)
def test_what_can_be_decided(said: str, decisions: list[str]) -> None:
    text = f"{HEAD}nodes: {{a: {{approval: Ok, deadline: 1h, {said}}}}}\n"
    draft = read_text(text, "w.yaml")[0].draft
    assert draft.nodes["a"].config == {"prompt": "Ok", "decisions": decisions, "deadline_ms": 3_600_000}
    assert draft.problems == []


def test_a_default_deadline_decides_too() -> None:
    decisions = "decisions: {approved: end, rejected: end, timeout: end}"
    text = f"{HEAD}timeouts: {{approval_timeout: 1h}}\nnodes: {{a: {{approval: Ok, {decisions}}}}}\n"
    draft = read_text(text, "w.yaml")[0].draft
    assert len(draft.edges) == 3
    assert draft.problems == []


def test_all_that_a_wait_can_be_for() -> None:
    wait = "wait: {duration: 1s, event: e, key: k, signal: s}, deadline: 5s, output_key: p"
    node = read_text(f"{HEAD}nodes: {{a: {{{wait}}}}}\n", "w.yaml")[0].draft.nodes["a"]
    settings = {"duration_ms": 1_000, "event": "e", "correlation": "k", "signal": "s", "deadline_ms": 5_000}
    assert (node.config, node.output_key) == (settings, "p")
