"""The demo proves what it says, and would say so if it were not true."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from examples.demo import WHO, Look, Story, prove

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def run_demo(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}", "PYTHONUTF8": "1"}
    command = [sys.executable, "examples/demo.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=120)


def test_it_is_killed_twice_and_everything_it_claims_is_true() -> None:
    done = run_demo()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nkilled.\n") == 2
    assert done.stdout.count("\n  ✓ ") >= 8
    assert "NOT TRUE" not in done.stdout


def test_an_unsound_workflow_turns_it_red(tmp_path: Path) -> None:
    unsound = (EXAMPLES / "release_notes.py").read_text(encoding="utf-8")
    for old, new in {
        "ctx.key, ledger": "f'{ctx.key}{ctx.attempt}', ledger",  # another key on every attempt
        "    return Label(hash=commit.hash,": "    return Label(hash=commit.hash[:1],",
    }.items():
        assert unsound.count(old) == 1
        unsound = unsound.replace(old, new)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "commits.json").write_bytes((EXAMPLES / "data" / "commits.json").read_bytes())
    (tmp_path / "release_notes.py").write_text(unsound, encoding="utf-8")
    done = run_demo(str(tmp_path / "release_notes.py"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ NOT TRUE: the effect was done once: `publish` ran 2 times; lines in its ledger: 2, keys: 2" in done.stdout
    assert "✗ NOT TRUE: nothing was lost" in done.stdout


# -- each claim can be false -------------------------------------------------------------------------------


def completed(activation: str, by: str | None = None) -> dict[str, Any]:
    return {"type": "node_completed", "activation": activation, "by": by}


def interrupted(activation: str) -> dict[str, Any]:
    return {"type": "attempt_interrupted", "activation": activation}


def make_story() -> Story:
    """A story in which all is as it should be."""
    begun = [completed("read_log"), completed("classify#0")]
    approved = [*begun, interrupted("classify#1"), completed("classify#1"), completed("classify")]
    approved.append(completed("review", by=WHO))
    ended = [*approved, interrupted("publish"), completed("publish")]
    ledger = [{"key": "K"}]
    commits = [{"hash": "a"}, {"hash": "b"}]
    return Story(
        first=Look(begun, Counter(["read_log", "classify#0", "classify#1"]), []),
        second=Look(approved, Counter(), ledger),
        end=Look(ended, Counter(["read_log", "classify#0", *["classify#1", "publish"] * 2]), ledger),
        state={"commits": commits, "labels": list(commits)},
    )


def false_claims(story: Story, *, same_file: bool = True) -> list[str]:
    calm = make_story().state
    return [claim.partition(":")[0] for is_true, claim in prove(story, calm, same_file) if not is_true]


def test_a_sound_story_has_no_false_claim() -> None:
    assert false_claims(make_story()) == []


def test_another_file_is_another_outcome() -> None:
    assert false_claims(make_story(), same_file=False) == ["the outcome is that of the calm run"]


@pytest.mark.parametrize("activation", ["classify#0", "read_log"])
def test_a_recorded_body_that_runs_again_is_seen(activation: str) -> None:
    story = make_story()
    story.end.bodies[activation] += 1
    assert false_claims(story) == ["only what was cut off ran again"]


def test_kills_at_other_places_are_seen() -> None:
    story = make_story()
    assert false_claims(story._replace(first=story.end)) == [
        "the first kill hit the fan-out",
        "only what was cut off ran again",
    ]
    assert false_claims(story._replace(second=story.end)) == ["the second kill hit the gap"]
    assert false_claims(story._replace(second=story.first)) == ["the second kill hit the gap"]


def test_an_effect_that_is_done_twice_is_seen() -> None:
    story = make_story()
    twice = story.end._replace(ledger=[{"key": "K"}, {"key": "K"}])
    assert false_claims(story._replace(end=twice)) == ["the effect was done once"]


def test_a_lost_commit_is_seen() -> None:
    story = make_story()
    del story.state["labels"][1]
    assert false_claims(story) == ["nothing was lost", "the outcome is that of the calm run"]


def test_a_second_outcome_and_a_second_decision_are_seen() -> None:
    story = make_story()
    story.end.events.append(completed("classify#1"))
    assert false_claims(story) == ["one outcome each"]
    story.end.events.append(completed("review", by="somebody"))
    assert false_claims(story) == ["one outcome each", "one decision"]
