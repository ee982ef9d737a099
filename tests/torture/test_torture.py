"""Nothing acknowledged is lost, and nothing ends otherwise than in a calm run, however engines and visitors die; and a
bug that breaks a promise turns the torture red.

All run side by side, as a person would start them (`make torture` has the long one): most of the time is waiting.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.torture.bugs import BUGS
from tests.torture.course import Kind
from tests.torture.report import ACKS, EFFECTS, REACHED

ROOT = Path(__file__).parents[2]
KILLS = 76
AT_RANDOM = (Kind.KILLED, Kind.STOPPED, Kind.CUT_SHORT, Kind.VISITOR)
RUNS: dict[str, tuple[str, ...]] = {
    "sound": ("--kills", str(KILLS)),
    "acks_too_early": ("--kills", "6", "--kind", "in_commit", "--bug", "acks_too_early"),
    "forgets_the_dead": ("--kills", "6", "--kind", "in_commit", "--bug", "forgets_the_dead"),
    "commits_in_halves": ("--kills", "6", "--kind", "in_commit", "--bug", "commits_in_halves"),
    "ledger_forgets": ("--kills", "8", "--seed", "7", "--kind", "after_effect", "--bug", "ledger_forgets"),
}
FOUND = {
    "acks_too_early": "was acknowledged, and|was entered 2 times",  # a step is begun by what was acknowledged too
    "forgets_the_dead": "nobody is at it",
    "commits_in_halves": "and its version is",
    "ledger_forgets": "was paid",
}


@dataclass
class Run:
    """One torture at `place`."""

    place: Path
    process: subprocess.Popen[str]

    def end(self) -> tuple[int, dict[str, Any], str]:
        """Its exit code, its figures and what it said."""
        said, _ = self.process.communicate()
        return self.process.returncode, json.loads((self.place / "figures").read_text()), said


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    """All of them, begun."""
    begun: dict[str, Run] = {}
    for name, arguments in RUNS.items():
        place = tmp_path_factory.mktemp(name)
        command = (sys.executable, "-m", "tests.torture", *arguments, "--json", str(place / "figures"))
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "TMPDIR": str(place)}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        begun[name] = Run(place, process)
    yield begun
    for run in begun.values():
        run.process.terminate()
        run.process.wait()


def test_fifty_kills_at_random_moments_and_others_lose_nothing_and_change_no_outcome(runs: dict[str, Run]) -> None:
    code, figures, said = runs["sound"].end()
    assert (code, figures["complaints"]) == (0, []), said
    assert figures["kills"] == KILLS, "every kill hit a running process"
    assert sum(figures["kills_by_kind"][kind.name.lower()] for kind in AT_RANDOM) >= 50
    assert figures["kills_inside_a_commit"] >= KILLS / 8
    for name in REACHED:
        assert figures[name], f"there were no {name}"
    for effect in EFFECTS:
        assert figures["effects"][effect], f"no effect was {effect}"
    for did in ACKS:
        assert figures["acks"][did], f"nobody had an ack of `{did}`"
    assert not list(runs["sound"].place.glob("torture-*")), "nothing is kept of a run that went well"


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str, runs: dict[str, Run]) -> None:
    code, figures, said = runs[bug].end()
    assert code == 1, said
    assert any(re.search(FOUND[bug], complaint) for complaint in figures["complaints"]), figures["complaints"]
    assert f"python -m tests.torture {' '.join(RUNS[bug])}" in said
    assert list(runs[bug].place.glob("torture-*/store/pectin.db")), "what a red run leaves is kept"
