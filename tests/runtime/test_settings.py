"""Settings of the process are changed while an engine needs it, and afterwards are as before."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from pectin import Engine
from pectin.runtime.settings import GARBAGE, OBJECTS, SWITCH_SECONDS, SWITCHING
from tests.runtime.sample import ZERO, Count, chain

DEFAULT = (700, 10, 10)
SWITCH_DEFAULT = 0.005


@pytest.fixture(autouse=True)
def _default(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No engine runs, whatever other tests have left behind."""
    for setting in (GARBAGE, SWITCHING):
        monkeypatch.setattr(setting, "_users", 0)
        monkeypatch.setattr(setting, "_before", None)
    before = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(*DEFAULT)
    sys.setswitchinterval(SWITCH_DEFAULT)
    yield
    gc.set_threshold(*before[0])
    sys.setswitchinterval(before[1])


async def test_python_looks_for_garbage_rarely_while_any_engine_runs() -> None:
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


async def test_threads_take_turns_more_often_once_a_synchronous_function_runs() -> None:
    seen: list[float] = []

    def look(state: Count) -> Count:
        seen.append(sys.getswitchinterval())
        return state

    workflow = chain(look, look)
    async with Engine("memory:", workflows=[workflow]) as engine:
        assert sys.getswitchinterval() == SWITCH_DEFAULT
        await (await engine.start(workflow, ZERO)).result()
    assert seen == [SWITCH_SECONDS, SWITCH_SECONDS]
    assert sys.getswitchinterval() == SWITCH_DEFAULT


async def test_an_asynchronous_function_needs_no_other_turns() -> None:
    async def look(state: Count) -> Count:
        assert sys.getswitchinterval() == SWITCH_DEFAULT
        return state

    workflow = chain(look)
    async with Engine("memory:", workflows=[workflow]) as engine:
        await (await engine.start(workflow, ZERO)).result()


async def test_who_lets_threads_take_turns_still_more_often_is_left_alone() -> None:
    def leave(state: Count) -> Count:
        return state

    sys.setswitchinterval(SWITCH_SECONDS / 2)
    own = sys.getswitchinterval()
    workflow = chain(leave)
    async with Engine("memory:", workflows=[workflow]) as engine:
        await (await engine.start(workflow, ZERO)).result()
        assert sys.getswitchinterval() == own
    assert sys.getswitchinterval() == own
