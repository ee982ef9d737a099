"""What documents mean, told by hashes."""

from __future__ import annotations

import pytest

from pectin.authoring.document.hashes import hashes
from pectin.core.problem import DefinitionError

TEXT = "workflow: a\nversion: 1.0.0\nnodes: {x: {run: x}}\n"


def test_the_form_makes_no_difference() -> None:
    assert hashes(TEXT, "a.yaml") == hashes(
        '{"nodes": {"x": {"run": "x"}}, "version": "1.0.0", "workflow": "a"}', "a.json"
    )
    assert hashes(TEXT, "a.yaml") != hashes(TEXT.replace("1.0.0", "1.0.1"), "a.yaml")


def test_what_may_be_wrong_with_it_makes_none_either() -> None:
    assert hashes(f"{TEXT}  # what\n", "a.yaml") == hashes(TEXT, "a.yaml")
    assert len(hashes(TEXT.replace("run: x", "run: x, then: nowhere"), "a.yaml")) == 1


def test_what_names_no_workflow_has_none() -> None:
    assert hashes("a: 1\n---\nworkflow: b\n", "a.yaml")[0] == ""
    with pytest.raises(DefinitionError, match="a document is a mapping"):
        hashes("[1]", "a.yaml")
