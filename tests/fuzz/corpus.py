"""The bad inputs that are kept: each with the error that refuses it, and the first line of what it says.

    python -m tests.fuzz.corpus             judges what is kept anew, and adds to it up to its size
    python -m tests.fuzz.corpus DOOR INPUT  keeps this input too: one that was a bug once

What is kept stays: the command changes only what the errors say. `found.jsonl` are the inputs that once were bugs; some
of them are fine, and have no error. The others were drawn, of all kinds of refusal that there are, a few of each.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count, zip_longest
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from tests.fuzz.doors import DOORS
from tests.fuzz.doors.definitions import draw_kept
from tests.fuzz.judge import Finding, Verdict, judge
from tests.fuzz.recipe import Recipe, spell

HERE: Final = Path(__file__).with_suffix("")
FOUND: Final = "found"
SIZE: Final = 2_200
A_KIND_MAX: Final = 40
"""Inputs that are kept of one kind of refusal."""

RECIPE_LENGTH_MAX: Final = 700
LIGHT_SECONDS: Final = 0.02
"""What takes longer is left to the campaign: all that is kept is judged on every run."""

SEEDS: Final = 700
"""How many inputs are drawn for each door, to find some of every kind."""

_NAMES: Final = re.compile(
    r"`[^`]*`|(?<!\w)'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\(in .*\)$|[\[{(].*[\]})]|^[^ ]*(?=: )|[^ ]* → [^ ]*(?=: )"
    r"|(?<=got ).*|^[^ ]*(?= is )|`[^`]*$|\$[.\w\[\]]+"
)
_NUMBERS: Final = re.compile(r"\b[0-9a-f]{12}\b|-?[0-9][0-9,.:e+]*|\bnan\b|-?\binf\b")
_BORROWED: Final = re.compile(r"(?<=not JSON: )[^;(]*|(?<=is no time: )[^;]*")
"""What Python itself says, and may say otherwise in another version."""


class Entry(NamedTuple):
    """An input of a door, and what comes of it."""

    door: str
    recipe: Recipe
    verdict: Verdict

    @property
    def kind(self) -> tuple[str, str | None, str]:
        """The kind of refusal: the door, the error, and its line without names and numbers."""
        line = _NUMBERS.sub("0", _NAMES.sub("`…`", said(self.verdict)))
        return self.door, self.verdict.error, line[:100]


def said(verdict: Verdict) -> str:
    """The line, but for what is Python's own."""
    return _BORROWED.sub("…", verdict.line)


def read(file: Path) -> Iterator[Entry]:
    """The entries of a file."""
    for line in file.read_text(encoding="utf-8").splitlines():
        kept: dict[str, Any] = json.loads(line)
        yield Entry(kept["door"], kept["input"], Verdict(kept["error"], kept["line"]))


def files() -> list[Path]:
    """The files of the corpus."""
    return sorted(HERE.glob("*.jsonl"))


def write(name: str, entries: Iterable[Entry]) -> None:
    """One entry a line."""
    documents = (
        {"door": entry.door, "input": entry.recipe, "error": entry.verdict.error, "line": entry.verdict.line}
        for entry in entries
    )
    text = "".join(f"{spell(document)}\n" for document in documents)
    (HERE / f"{name}.jsonl").write_text(text, encoding="utf-8")


def draw(door: str) -> Iterator[Recipe]:
    """Inputs for a door, without end. Definitions are kept ones and changes of them."""
    for seed in count():
        random = Random(f"corpus {door} {seed}")
        yield draw_kept(random) if door in ("definition", "program") else DOORS[door].draw(random)


def top_up(kept: list[Entry], size: int) -> list[Entry]:
    """As many entries: first one of each kind, then a second of each, and so on."""
    kinds: dict[Any, list[Entry]] = defaultdict(list)
    known = {spell([entry.door, entry.recipe]) for entry in kept}
    for name in DOORS:
        for _, recipe in zip(range(SEEDS), draw(name), strict=False):
            written = spell([name, recipe])
            if len(written) > RECIPE_LENGTH_MAX or written in known:
                continue
            known.add(written)
            began = time.thread_time()
            try:
                entry = Entry(name, recipe, judge(DOORS[name], recipe))
            except Finding as finding:
                sys.stderr.write(f"{finding}\n")
                continue
            if time.thread_time() - began > LIGHT_SECONDS:
                continue
            if entry.verdict.error is not None and len(kinds[entry.kind]) < A_KIND_MAX:
                kinds[entry.kind].append(entry)
    rounds = (entry for entries in zip_longest(*kinds.values()) for entry in entries if entry is not None)
    return [*kept, *(entry for entry, _ in zip(rounds, range(size - len(kept)), strict=False))]


def main(arguments: list[str]) -> None:
    kept = {file.stem: [_again(entry) for entry in read(file)] for file in files()}
    if arguments:
        door, recipe = arguments
        entry = _again(Entry(door, json.loads(recipe), Verdict()))
        kept.setdefault(FOUND, []).append(entry)
        sys.stdout.write(f"{entry.verdict}\n")
    drawn = [entry for name, entries in kept.items() if name != FOUND for entry in entries]
    by_door: dict[str, list[Entry]] = defaultdict(list)
    for entry in top_up(drawn, SIZE) if not arguments and len(drawn) < SIZE else drawn:
        by_door[entry.door.strip("-")].append(entry)
    for name, entries in {**by_door, FOUND: kept.get(FOUND, [])}.items():
        write(name, entries)


def _again(entry: Entry) -> Entry:
    return entry._replace(verdict=judge(DOORS[entry.door], entry.recipe))


if __name__ == "__main__":
    main(sys.argv[1:])
