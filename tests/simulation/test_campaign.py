"""A thousand seeds go through, everything that can go wrong does, and what fails can be repeated and made smaller."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from pectin.core.event import EVENTS
from pectin.testing.simulate.campaign import quiet
from tests.simulation.__main__ import main
from tests.simulation.bugs import storing
from tests.simulation.campaign import Case, Counts, faults_of, go_through, make_smaller, run_seeds
from tests.simulation.trial import calm_outcome

ROOT = Path(__file__).parents[2]
SEEDS = 1_000
PARTS = 8


def test_a_thousand_seeds_go_through() -> None:
    counts = Counts()
    size = SEEDS // PARTS // 4 * 4  # four seeds share a graph
    parts = [range(part * size, SEEDS if part == PARTS - 1 else (part + 1) * size) for part in range(PARTS)]
    with ProcessPoolExecutor(2) as pool:
        for part in pool.map(run_seeds, parts):
            counts.add(part)
    assert not counts.failures, "\n".join(map(str, counts.failures))
    assert counts.seeds == SEEDS
    assert counts.compared > SEEDS // 2
    assert counts.missing() == [], "a fault that was never reached has shown nothing"
    answers = {"late: completed", "late: failed", "Decide Refused", "Decide Already"}
    assert {kind.__name__ for kind in EVENTS} | answers <= counts.seen.keys()


def trace_of(seed: int, hash_seed: str) -> str:
    command = [sys.executable, "-m", "tests.simulation", "--seed", str(seed)]
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found = re.search("trace ([0-9a-f]{8}): fine", done.stdout)
    assert found is not None, done.stdout
    return found[1]


def test_a_seed_is_the_same_in_every_process() -> None:
    counts = Counts()
    with quiet():
        assert go_through(Case(17, faults_of(17)), counts) is None
    here = f"{counts.traces[17]:08x}"
    assert [trace_of(17, hash_seed) for hash_seed in ("1", "2")] == [here, here]


def test_other_seeds_are_others() -> None:
    counts = run_seeds(range(4))
    assert len(set(counts.traces.values())) == 4


# -- what fails ---------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # coroutines that a bug leaves behind
def test_a_failure_is_made_smaller_and_its_command_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.simulation.campaign.calm_outcome", calm_outcome.__wrapped__)
    storing.start_key_unchecked(monkeypatch)
    (failure,) = run_seeds(range(111, 1_000)).failures
    smaller = make_smaller(failure)
    assert len(smaller.happened) < len(failure.happened)
    assert smaller.case.without
    assert type(smaller.problem) is type(failure.problem)
    command = smaller.case.command()
    assert main(shlex.split(command)[3:]) == 1
    assert command in capsys.readouterr().out


def test_a_campaign_that_never_reached_a_fault_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    counts = run_seeds(range(2), frozenset())
    assert "crash" in counts.missing()
    assert main(["--seeds", "0-1", "--faults", "none", "--jobs", "1"]) == 0
    assert "2 of 2 seeds, 0 failed" in capsys.readouterr().out
