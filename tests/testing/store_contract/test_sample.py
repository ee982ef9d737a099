"""The expectation of a refusal fails when nothing is refused."""

from __future__ import annotations

import pytest

from pectin.ports.store import StoreError, VersionConflict
from pectin.testing.store_contract.sample import refused


async def nothing() -> None:
    pass


async def conflict() -> None:
    raise VersionConflict


async def test_refused_demands_the_error() -> None:
    assert isinstance(await refused(VersionConflict, conflict()), VersionConflict)
    with pytest.raises(AssertionError, match="VersionConflict was not raised"):
        await refused(VersionConflict, nothing())
    with pytest.raises(VersionConflict):
        await refused(StoreError, conflict())
