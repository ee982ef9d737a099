"""What it takes to read and to check a document grows with its nodes, and not with their square.

Calls are counted: they are the same on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from bench.workloads.documents import document_of, step
from pectin.authoring.building import build
from pectin.authoring.document.functions import read_functions
from pectin.authoring.document.reading import read_text


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called meanwhile, those of C among them."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event.endswith("call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def check(nodes: int) -> None:
    (document,) = read_text(document_of(nodes), "large.yaml", read_functions([step]))
    assert len(build(document.draft).definition.nodes) == nodes


def test_ten_times_the_nodes_are_about_ten_times_the_work() -> None:
    check(50)  # fills caches
    assert calls_of(lambda: check(1_000)) < 13 * calls_of(lambda: check(100))
