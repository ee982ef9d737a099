"""What may be spent, as a document says it."""

from __future__ import annotations

import pytest

from pectin.authoring.document.reading import read_text
from pectin.core.budget import Amount
from pectin.core.definition import WorkflowLimits
from tests.authoring.document.transcript import HEAD


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("0.10", Amount("0.1")),
        ("'0.10'", Amount("0.1")),
        ("123456789.123456789012", Amount("123456789.123456789012")),
        ("3", Amount("3")),
        ("1e-3", Amount("0.001")),
    ],
)
def test_money_is_read_by_its_digits(said: str, meant: Amount) -> None:
    text = f"{HEAD}limits: {{max_cost_usd: {said}}}\nnodes: {{a: {{run: f, ceiling: {{cost_usd: {said}}}}}}}\n"
    draft = read_text(text, "w.yaml")[0].draft
    assert draft.problems == []
    assert draft.header.limits == WorkflowLimits(max_cost_usd=meant.cost_usd)
    assert draft.nodes["a"].ceiling == meant


def test_tokens_and_what_is_wrong_with_them() -> None:
    text = f"{HEAD}nodes: {{a: {{run: f, ceiling: {{input_tokens: 5, output_tokens: 0}}}}}}\n"
    assert read_text(text, "w.yaml")[0].draft.nodes["a"].ceiling == Amount(input_tokens=5)
    draft = read_text(text.replace("5", "five"), "w.yaml")[0].draft
    assert ([problem.code for problem in draft.problems], draft.nodes["a"].ceiling) == (["E051"], None)
