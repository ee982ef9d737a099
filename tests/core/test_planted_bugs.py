"""The laws can fail: a bug against each of the core's rules is found by the campaign."""

from __future__ import annotations

from itertools import chain
from types import FunctionType, ModuleType

import pytest

from pectin.core.error import PectinError
from tests.core.bugs import attempts, budgets, calls, ends, messages, views, ways
from tests.core.bugs.plant import Plant
from tests.core.campaign import compare_orders, play_checked
from tests.core.spenders import play_spenders

SEEDS = 400
SOON: dict[Plant, int] = {
    views.held_loop_unseen: 260,
    attempts.first_failed_item_counts: 283,
    attempts.interruption_resets: 78,
    messages.newest_wait_first: 229,
    messages.newest_message_first: 113,
    views.last_writer_only: 97,
    views.contradiction_ignored: 97,
    ways.feeder_begins: 104,
}
"""Where to look first for what shows itself rarely."""


def plants(module: ModuleType) -> list[Plant]:
    own = [plant for plant in vars(module).values() if isinstance(plant, FunctionType)]
    return [plant for plant in own if plant.__module__ == module.__name__ and not plant.__name__.startswith("_")]


SPENDING = plants(budgets)
"""Those that show themselves where many spend."""


@pytest.mark.parametrize(
    "plant",
    [*(plant for module in (views, ways, attempts, calls, ends, messages) for plant in plants(module)), *SPENDING],
    ids=lambda plant: plant.__name__,
)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    first = SOON.get(plant, 0)

    def play() -> None:
        for seed in chain(range(first, SEEDS), range(first)):
            if plant in SPENDING:
                play_spenders(seed)
                continue
            play_checked(seed)
            compare_orders(seed, range(4))

    with pytest.raises((AssertionError, PectinError, KeyError)):
        play()
