"""Release notes of a git repository: read its log, sort every commit, draft, ask a person, publish once.

    pectin run examples/release_notes.py --input '{"repository": ".", "folder": "build"}' --key notes

A repository with fewer than 30 commits has not much to tell; then the log of another one is used, data/commits.json.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, TypeAdapter

from pectin import END, Context, Workflow

Heading = Literal["New", "Fixed", "Faster", "Documentation", "Inside"]

SAMPLE = Path(__file__).parent / "data" / "commits.json"
COMMITS_MIN, COMMITS_MAX = 30, 200
LOG = ("--format=%H%x1f%cs%x1f%s", f"--max-count={COMMITS_MAX}")

WORDS: dict[Heading, set[str]] = {  # the first heading that knows a word of the subject gets the commit
    "Documentation": {"doc", "docs", "docstring", "docstrings", "readme", "changelog", "typo", "typos"},
    "Fixed": {"fix", "fixes", "fixed", "bug", "leak", "crash"},
    "Faster": {"optimize", "perf", "faster", "speed"},
    "New": {"add", "adds", "feat", "support", "allow", "enable", "new", "create"},
}


class Commit(BaseModel):
    hash: str
    date: str
    subject: str


class Label(BaseModel):
    hash: str
    heading: Heading
    text: str


class Notes(BaseModel):
    repository: str = "."
    folder: str = "."
    commits: list[Commit] = []
    labels: list[Label] = []
    draft: str = ""
    published: str | None = None

    def path(self, name: str) -> Path:
        return Path(self.folder, name)


notes = Workflow("release_notes", version="1.0.0", state=Notes)


@notes.node(output_key="commits", timeout="30s")
def read_log(state: Notes) -> list[Commit]:
    command = ["git", "-C", state.repository, "log", *LOG]
    try:
        log = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", errors="replace").stdout
    except FileNotFoundError:  # there is no git here
        log = ""
    lines = [line.split("\x1f") for line in log.split("\n") if line]
    commits = [Commit(hash=hash, date=date, subject=subject) for hash, date, subject in lines]
    if len(commits) >= COMMITS_MIN:
        return commits
    sample = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return TypeAdapter(list[Commit]).validate_python(sample["commits"])


@notes.each(read_log, max_concurrency=4, effect="pure", output_key="labels")
def classify(commit: Commit) -> Label:
    text = re.sub(r"^[a-z]+(\([^)]*\))?!?: ", "", commit.subject)  # `feat(core)!: `
    return Label(hash=commit.hash, heading=find_heading(commit.subject), text=text[:1].upper() + text[1:])


@notes.node
def draft(state: Notes) -> Notes:
    dates = [commit.date for commit in state.commits]
    state.draft = f"# Release notes, {min(dates)} to {max(dates)}\n"
    for heading in get_args(Heading):
        entries = [f"- {label.text} ({label.hash[:7]})\n" for label in state.labels if label.heading == heading]
        if entries:
            state.draft += f"\n## {heading}\n\n{''.join(entries)}"
    write_whole(state.path("DRAFT.md"), state.draft)
    return state


review = notes.approval("review", "Publish {{ size(state.labels) }} changes? The draft is {{ state.folder }}/DRAFT.md")


@notes.node(effect="keyed")  # it may run twice, with one key: the ledger says whether the work is done
def publish(state: Notes, ctx: Context) -> Notes:
    target = state.path("RELEASE_NOTES.md")
    write_once(target, state.draft, ctx.key, ledger=state.path("effects.jsonl"))
    state.published = str(target)
    return state


@notes.finalizer()
def clear_away(state: Notes) -> None:
    state.path("DRAFT.md").unlink(missing_ok=True)


read_log.then(classify)
classify.then(draft)
draft.then(review)
review.on(approved=publish, rejected=END)


def find_heading(subject: str) -> Heading:
    words = set(re.findall("[a-z]+", subject.lower()))
    for heading, known in WORDS.items():
        if words & known:
            return heading
    return "Inside"


def write_once(target: Path, text: str, key: str, *, ledger: Path) -> None:
    """Write a file and then its line in the ledger, unless the key has a line there already."""
    with ledger.open("a+", encoding="utf-8") as lines:
        lines.seek(0)
        if any(json.loads(line)["key"] == key for line in lines):
            return
        write_whole(target, text)
        lines.write(json.dumps({"key": key, "file": target.name, "characters": len(text)}) + "\n")
        lines.flush()
        os.fsync(lines.fileno())


def write_whole(target: Path, text: str) -> None:
    """Write a file so that nobody ever sees a part of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
