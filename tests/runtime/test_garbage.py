"""Python's collector looks rarely while an engine runs, and afterwards as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from pectin import Engine
from pectin.runtime import garbage
from pectin.runtime.garbage import OBJECTS

DEFAULT = (700, 10, 10)


@pytest.fixture(autouse=True)
def _default(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No engine runs, whatever other tests have left behind."""
    monkeypatch.setattr(garbage, "_engines", 0)
    monkeypatch.setattr(garbage, "_before", None)
    before = gc.get_threshold()
    gc.set_threshold(*DEFAULT)
    yield
    gc.set_threshold(*before)


async def test_it_looks_rarely_while_any_engine_runs() -> None:
    async with Engine("memory:"):
        assert gc.get_threshold() == (OBJECTS, 10, 10)
        async with Engine("memory:"):
            pass
        assert gc.get_threshold() == (OBJECTS, 10, 10)
    assert gc.get_threshold() == DEFAULT


async def test_an_engine_that_never_opened_changes_nothing() -> None:
    Engine("memory:")
    assert gc.get_threshold() == DEFAULT


@pytest.mark.parametrize("own", [(0, 10, 10), (OBJECTS + 1, 5, 5), (OBJECTS, 10, 10)])
async def test_who_knows_better_is_left_alone(own: tuple[int, int, int]) -> None:
    async with Engine("memory:"):
        pass
    gc.set_threshold(*own)
    async with Engine("memory:"):
        assert gc.get_threshold() == own
    assert gc.get_threshold() == own


async def test_who_changes_it_meanwhile_has_the_last_word() -> None:
    async with Engine("memory:"):
        gc.set_threshold(5_000, 10, 10)
    assert gc.get_threshold() == (5_000, 10, 10)
