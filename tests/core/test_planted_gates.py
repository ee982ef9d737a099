"""The laws of approvals can fail: a bug against each of them is found."""

from __future__ import annotations

from itertools import chain
from types import FunctionType

import pytest

from tests.core.bugs import gates
from tests.core.bugs.plant import Plant
from tests.core.test_gated import play_accepted, play_refused, walk_refused, wander_accepted

SEEDS = 120
CHECKS = (play_accepted, play_refused, wander_accepted, walk_refused)
PLANTS = [plant for name, plant in vars(gates).items() if isinstance(plant, FunctionType) and not name.startswith("_")]
SOON: dict[Plant, int] = {gates.limits_passed_over: 98}
"""Where to look first for what shows itself rarely."""


@pytest.mark.parametrize("plant", [plant for plant in PLANTS if plant.__module__ == gates.__name__])
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    first = SOON.get(plant, 0)

    def play_all() -> None:
        for seed in chain(range(first, SEEDS), range(first)):
            for check in CHECKS:
                check(seed)

    with pytest.raises(AssertionError):
        play_all()
