"""The examples run, as a user runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.release_notes import SAMPLE, Commit, Heading, Notes, classify, notes, publish, read_log, review
from pectin import Context, testing

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}", "PYTHONUTF8": "1"}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=120)


def test_the_tests_of_the_refund_pass_as_a_user_runs_them() -> None:
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "examples/test_refund.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("chase", "90 minutes in"),
        ("letters", "first: "),
        ("parcel", "P-3  searched for"),
        ("quotes", "road: carries 3 kg for 3.60"),
        ("rollout", "2.0.0: shop, mail; rolled back: search"),
        ("trip", "Nowhere, credit 500: flight booked, flight cancelled"),
    ],
)
def test_a_script_runs_and_ends_with_its_outcome(name: str, last: str) -> None:
    done = run(f"examples/{name}.py")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1].startswith(last)


def test_three_days_pass_twice() -> None:
    done = run("examples/three_days.py")
    assert done.returncode == 0, done.stderr
    assert "Mon 23 Nov 09:00  ExecutionCreated" in done.stdout
    assert "Thu 26 Nov 09:00  NodeCompleted      first_days" in done.stdout
    assert "Sun 29 Nov 09:00  NodeCompleted      answer" in done.stdout
    assert "the trial of C-1042 ended" in done.stdout


def test_the_sample_is_real_and_says_where_it_is_from() -> None:
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    assert "msgspec" in sample["source"]
    assert len({commit["hash"] for commit in sample["commits"]}) == len(sample["commits"]) >= 30


def test_a_folder_without_a_history_gets_the_sample(tmp_path: Path) -> None:
    commits = read_log(Notes(repository=str(tmp_path)))
    assert len(commits) >= 30
    assert commits[0].subject == "Support Literal[True] and Literal[False] types (#1004)"


@pytest.mark.parametrize(("commits", "is_sample"), [(29, True), (30, False)])
def test_a_history_of_thirty_commits_is_told(tmp_path: Path, *, commits: int, is_sample: bool) -> None:
    who = "committer A <a@example.org> 1767225600 +0000"
    history = "".join(f"commit refs/heads/main\n{who}\ndata {len(f'Add {n}')}\nAdd {n}\n" for n in range(commits))
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "fast-import", "--quiet"], input=history.encode(), check=True)
    told = read_log(Notes(repository=str(tmp_path)))
    assert len(told) == (60 if is_sample else 30)
    assert is_sample or (told[0].subject, told[0].date) == ("Add 29", "2026-01-01")


@pytest.mark.parametrize(
    ("subject", "heading", "text"),
    [
        ("feat(core)!: loops", "New", "Loops"),
        ("fix reference leak in Meta_rich_repr", "Fixed", "Fix reference leak in Meta_rich_repr"),
        ("Fix typos", "Documentation", "Fix typos"),
        ("Optimize annotation lookups", "Faster", "Optimize annotation lookups"),
        ("Move the tests", "Inside", "Move the tests"),
    ],
)
def test_a_commit_is_classified_by_its_words(subject: str, heading: Heading, text: str) -> None:
    label = classify(Commit(hash="1", date="2026-01-01", subject=subject))
    assert (label.heading, label.text) == (heading, text)


def test_publishing_twice_under_one_key_is_publishing_once(tmp_path: Path) -> None:
    state = Notes(folder=str(tmp_path), draft="first")
    publish(state, Context(key="K"))
    publish(state.model_copy(update={"draft": "second"}), Context(key="K"))
    assert (tmp_path / "RELEASE_NOTES.md").read_text() == "first"
    assert len((tmp_path / "effects.jsonl").read_text().splitlines()) == 1
    publish(state.model_copy(update={"draft": "third"}), Context(key="L"))
    assert (tmp_path / "RELEASE_NOTES.md").read_text() == "third"


async def test_rejected_notes_are_not_published_and_the_draft_is_cleared_away(tmp_path: Path) -> None:
    async with testing.engine(notes) as engine:
        execution = await engine.start(notes, Notes(repository=str(tmp_path), folder=str(tmp_path)))
        assert await execution.until(review)
        assert (tmp_path / "DRAFT.md").exists()
        await execution.reject(review, by="release-manager")
        assert (await execution.result()).published is None
    assert list(tmp_path.iterdir()) == []
