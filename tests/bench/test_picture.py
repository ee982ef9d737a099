"""Pictures are well-formed, hold what was measured, and stay within their frame."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.picture import CHARTS, HEIGHT, HISTORIES, LINE_HEIGHT, WIDTH, main, spread, ticks

SVG = "{http://www.w3.org/2000/svg}"
MACHINE = {"cores": "2", "file system": "ext4", "python": "CPython 3.11.7", "sqlite": "3.54.1"}


def run_of(**changed: float) -> dict[str, Any]:
    """What `python -m bench --json` writes, as far as it is drawn."""
    ours = {f"history-{state}-{age}": 100.0 + age / 20 for state in HISTORIES for age in (10, 1_000, 10_000)}
    ours |= {f"at-once-{at_once}": 4_000.0 * at_once**0.25 for at_once in (1, 10, 100, 1_000)}
    ours |= changed
    return {"machine": MACHINE, "measures": [{"key": key, "ours": value, "raw": 90.0} for key, value in ours.items()]}


def drawn(folder: Path, run: dict[str, Any]) -> dict[str, ElementTree.Element]:
    file = folder / "run.json"
    file.write_text(json.dumps(run))
    assert main([str(file), str(folder)]) == 0
    return {name: ElementTree.fromstring((folder / name).read_text("utf-8")) for name in CHARTS}


def points(picture: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """Of each line."""
    return [
        [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())]
        for line in picture.iter(f"{SVG}polyline")
    ]


def test_each_picture_has_its_lines_and_their_names(tmp_path: Path) -> None:
    history, concurrency = drawn(tmp_path, run_of()).values()
    assert [len(line) for line in points(history)] == [3, 3, 3, 3]
    assert [len(line) for line in points(concurrency)] == [4, 4]
    names = [text.text for text in history.iter(f"{SVG}text") if text.attrib["class"] == "name"]
    assert names == list(HISTORIES.values())


def test_more_is_higher_and_later_is_further_right(tmp_path: Path) -> None:
    (ours, raw) = points(drawn(tmp_path, run_of())["performance-concurrency.svg"])
    assert ours == sorted(ours)
    assert [y for _, y in ours] == sorted((y for _, y in ours), reverse=True)
    assert [x for x, _ in ours] == [x for x, _ in raw]
    assert len({y for _, y in raw}) == 1


def test_everything_is_within_the_frame_and_no_name_on_another(tmp_path: Path) -> None:
    for picture in drawn(tmp_path, run_of(**{"at-once-1000": 99_999.0})).values():
        heights: list[float] = []
        for text in picture.iter(f"{SVG}text"):
            x, wide = float(text.attrib["x"]), 8 * len(text.text or "")
            left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.attrib["text-anchor"]]
            assert left >= -1
            assert left + wide <= WIDTH
            heights += [float(text.attrib["y"])] * (text.attrib["class"] == "name")
        assert all(abs(one - other) >= LINE_HEIGHT for one in heights for other in heights if one != other)
        assert len(set(heights)) == len(heights)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for line in points(picture) for x, y in line)


def test_there_are_colours_for_the_dark(tmp_path: Path) -> None:
    drawn(tmp_path, run_of())
    for name in CHARTS:
        assert "prefers-color-scheme: dark" in (tmp_path / name).read_text("utf-8")


def test_a_run_without_all_workloads_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of()
    run["measures"] = [found for found in run["measures"] if found["key"] != "at-once-10"]
    file = tmp_path / "run.json"
    file.write_text(json.dumps(run))
    assert main([str(file), str(tmp_path)]) == 1
    assert "run.json has no measure at-once-10: run all workloads" in capsys.readouterr().err
    assert main([]) == 2


@given(st.floats(1e-3, 1e9))
def test_ticks_are_few_and_reach_the_greatest_value(most: float) -> None:
    found = ticks(most)
    assert found[0] == 0
    assert found[-1] >= most * (1 - 1e-6)
    assert 2 <= len(found) <= 7


@given(st.lists(st.floats(60, 290), min_size=1, max_size=5))
def test_names_keep_apart(heights: list[float]) -> None:
    placed = sorted(spread(heights))
    assert all(below - above >= LINE_HEIGHT - 1e-6 for above, below in pairwise(placed))
