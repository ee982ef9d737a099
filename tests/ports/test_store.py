"""A commit that doesn't fit together can't be made, whatever the store."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.identity import ExecutionId
from pectin.ports.store import PublishedDefinition, Row
from pectin.testing.store_contract.sample import starting, step

SOME = ExecutionId.new()


@pytest.mark.parametrize(
    ("rows", "version"),
    [
        ([Row(4, 1, b"")], 4),
        ([Row(3, 1, b"")], 4),
        ([Row(3, 0, b"")], 3),
        ([Row(3, 2, b""), Row(4, 1, b"")], 5),
        ([Row(4, 1, b""), Row(3, 1, b"")], 4),
        ([], 3),
    ],
)
def test_rows_lead_from_expected_to_version_without_a_gap(rows: list[Row], version: int) -> None:
    with pytest.raises(ValueError, match=r"can't follow|lead to"):
        step(SOME, 2, 1, rows=rows, version=version)


@pytest.mark.parametrize("changes", [{"start": None}, {"rows": [], "version": 0}])
def test_the_first_commit_has_a_start_and_rows(changes: dict[str, Any]) -> None:
    from msgspec.structs import replace

    with pytest.raises(ValueError, match=r"start if and only if|lead to"):
        replace(starting(SOME, 1), **changes)


def test_no_later_commit_has_a_start() -> None:
    with pytest.raises(ValueError, match="start if and only if"):
        step(SOME, 2, 1, start=starting(SOME, 1).start)


@pytest.mark.parametrize(("version", "draft"), [("0.0.0-dev", True), ("1.2.0-dev", True), ("1.2.0", False)])
def test_dev_versions_are_drafts(version: str, draft: bool) -> None:
    assert PublishedDefinition("a", "refund", version, b"").is_draft is draft
