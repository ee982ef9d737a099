"""What is tested may be governed: engines of tests, crash tests and simulations have a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from pectin import testing
from pectin.core.chain import KEY_BYTES_MIN
from pectin.runtime.audit_key import VARIABLE
from pectin.testing.audit_key import AUDIT_KEY
from pectin.testing.crashtest import Case, End, simulate_trial
from pectin.testing.script import Script
from pectin.testing.simulate import simulate
from tests.runtime.governed import governed
from tests.runtime.sample import ZERO


@pytest.fixture(autouse=True)
def no_key_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PECTIN_CRASHTEST_DIR", str(tmp_path))


def test_the_key_is_one() -> None:
    assert len(AUDIT_KEY) == KEY_BYTES_MIN


async def test_an_engine_of_a_test() -> None:
    async with testing.engine(governed()) as engine:
        assert await (await engine.start(governed(), ZERO, by="shop")).result() == {"n": 3}


def test_a_simulation() -> None:
    script = Script(decide={"review": "approved"})
    assert simulate(governed(asks=True), ZERO, seeds=12, script=script).seeds == 12


def test_a_crash_test() -> None:
    case = Case(governed(asks=True), ZERO, script=Script(decide={"review": "approved"}))
    assert simulate_trial(case, []).end is End.ENDED
