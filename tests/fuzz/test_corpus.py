"""The bad inputs that are kept are refused as they were, by the same error in the same words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.fuzz.corpus import FOUND, files, read, said
from tests.fuzz.doors import DOORS
from tests.fuzz.judge import judge


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_a_kept_input_is_refused_as_it_was(file: Path) -> None:
    others: list[str] = []
    for number, entry in enumerate(read(file), 1):
        verdict = judge(DOORS[entry.door], entry.recipe)
        if (verdict.error, said(verdict)) != (entry.verdict.error, said(entry.verdict)):
            others.append(f"{file.name}:{number}: was {entry.verdict}, is {verdict}")
    assert others == [], "if they are meant: python -m tests.fuzz.corpus"


def test_the_corpus_is_large_and_of_many_kinds_and_small_on_disk() -> None:
    drawn = [entry for file in files() if file.stem != FOUND for entry in read(file)]
    assert len(drawn) >= 2_000
    assert len({(entry.verdict.error, entry.kind[2]) for entry in drawn}) >= 300
    assert all(entry.verdict.error is not None for entry in drawn), "what is kept is bad"
    assert max(Counter(entry.kind for entry in drawn).values()) <= len(drawn) / 50, "not one mistake over and over"
    assert {entry.door for entry in drawn} == {name for name, door in DOORS.items() if door.refuses}
    assert sum(file.stat().st_size for file in files()) < 1_000_000
