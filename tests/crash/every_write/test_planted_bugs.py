"""Each planted bug is found: without it the same trials find nothing (`test_every_write`)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pectin.store.sqlite import change
from pectin.store.sqlite.connection import Connection
from tests.crash.every_write.bugs import BUGS, Bug
from tests.crash.every_write.campaign import attempt, calm_trial, moments
from tests.crash.every_write.mortal import When
from tests.crash.every_write.place import InFile, InMemory, Place
from tests.crash.every_write.scenarios import SCENARIOS
from tests.crash.every_write.trial import Trial, as_it_is


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_found(bug: Bug, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS[bug.scenario]()

    def place() -> Place:
        return InFile(directory) if scenario.sql else InMemory()

    calm = calm_trial(scenario, place())
    store = bug.store or as_it_is
    if bug.patch is not None:
        bug.patch(monkeypatch)
    unsound = Trial(scenario, place(), plant=store)
    said = set(attempt(scenario, calm, unsound))
    for moment in moments(*(unsound.lives or calm.lives)[0], has_inside=scenario.sql):
        if any(re.search(bug.says, complaint) for complaint in said):
            return
        said.update(attempt(scenario, calm, Trial(scenario, place(), [moment], plant=store)))
    pytest.fail(f"nothing like {bug.says!r} was said, but {sorted(said)}")


def test_a_commit_in_two_halves_shows_only_inside(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS["in_a_row"]()
    calm = calm_trial(scenario, InFile(directory))
    append = change._append  # pyright: ignore[reportPrivateUsage]

    def append_by_itself(connection: Connection, *rest: Any) -> None:
        for statement in ("commit", "begin immediate"):
            connection.execute(statement)
        append(connection, *rest)

    monkeypatch.setattr(change, "_append", append_by_itself)
    found = Counter[When]()
    for moment in moments(*calm.lives[0], has_inside=True):
        said = attempt(scenario, calm, Trial(scenario, InFile(directory), [moment]))
        found[moment.when] += any("version_differs" in complaint for complaint in said)
    assert found[When.INSIDE]
    assert found.keys() - {When.INSIDE} == {When.BEFORE, When.AFTER}
    assert not found[When.BEFORE] + found[When.AFTER]
