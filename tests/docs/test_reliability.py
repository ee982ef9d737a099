"""What the page on reliability counts is what the code counts, and the commands that it names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pectin.testing.simulate import Fault
from tests.crash import test_doubt_under_fire as doubt
from tests.crash.every_write import test_planted_bugs as crash
from tests.crash.every_write.scenarios import SCENARIOS
from tests.docs import markdown
from tests.fuzz import corpus
from tests.fuzz.doors import DOORS
from tests.fuzz.test_planted import PLANTED
from tests.simulation.test_campaign import SEEDS
from tests.simulation.test_planted_bugs import CAUGHT
from tests.torture.__main__ import KILLS
from tests.torture.bugs import BUGS

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/reliability.md"
TEXT = PAGE.read_text(encoding="utf-8")

LINES = sum(len(list(corpus.read(file))) for file in corpus.files())
IN_HALVES = 1
"""The one that has a test of its own."""

COUNTED = {
    "worlds of every test run": (r"`make test` goes through ([\d,]+) seeds", SEEDS),
    "kinds of faults": (r"(\d+)\s+\[kinds of faults\]", len(Fault)),
    "bugs of the simulation": (r"(\d+) planted bugs \(a lost wake-up", len(CAUGHT)),
    "scenarios": (r"(\d+) scenarios are run calmly", len(SCENARIOS)),
    "bugs of the crashes": (r"(\d+) planted bugs turn it red, one of them", len(crash.BUGS) + IN_HALVES),
    "bugs of the doubts": (r"(\d+) planted bugs turn that red", len(doubt.BUGS)),
    "kills": (r"--kills (\d+)", KILLS),
    "bugs of the torture": (r"(\d+) planted bugs turn it red\.", len(BUGS)),
    "doors": (r"(\d+) doors", len(DOORS)),
    "bad inputs": (r"corpus of ([\d,]+) bad inputs", LINES),
    "bugs of the fuzzing": (r"(\d+) planted defects turn it red", len(PLANTED)),
}


@pytest.mark.parametrize(("pattern", "count"), COUNTED.values(), ids=COUNTED)
def test_a_figure_is_what_is_counted(pattern: str, count: int) -> None:
    found = set(re.findall(pattern, TEXT))
    assert [int(figure.replace(",", "")) for figure in found] == [count]


def test_every_figure_of_the_page_is_counted() -> None:
    """A number of planted bugs, of scenarios or of inputs that nobody counts would rot."""
    figures = re.findall(r"([\d,]*\d)\s+(?:planted|scenarios|doors|bad inputs|\[kinds)", TEXT)
    assert sorted(int(figure.replace(",", "")) for figure in figures) == sorted(
        count for name, (_, count) in COUNTED.items() if name not in {"kills", "worlds of every test run"}
    )


def test_each_fault_has_its_figure() -> None:
    figures = dict(re.findall(r"`(\w+)` \| ([\d,]+) \|", TEXT))
    assert figures.keys() == set(Fault)
    assert "0" not in figures.values()


def test_each_promise_has_its_row() -> None:
    promises = (PAGE.parent / "promises.md").read_text(encoding="utf-8")
    numbers = re.findall(r"^\| (\d+) \|", promises, re.MULTILINE)
    assert re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE) == numbers


def test_each_test_that_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", TEXT)
    modules = re.findall(r"python -m (tests\.\w+)", TEXT)
    places = re.findall(r"pytest (tests/[\w/]+)", TEXT)
    assert named
    assert modules
    assert [path for path in (*named, *places) if not (ROOT / path).exists()] == []
    assert [name for name in modules if not (ROOT / name.replace(".", "/") / "__main__.py").exists()] == []


def test_each_target_of_make_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    code = "".join(block.code for block in markdown.read(PAGE).blocks) + TEXT
    targets = set(re.findall(r"`?make (\w+)`?", code))
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()
