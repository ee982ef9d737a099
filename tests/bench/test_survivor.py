"""What a process that was killed has marked is there for the next one, and counted."""

from __future__ import annotations

from pathlib import Path

from bench.survivor import STEPS, Marks


def test_marks_are_seen_by_whoever_opens_the_file(tmp_path: Path) -> None:
    killed, watching = Marks(tmp_path / "marks", 2), Marks(tmp_path / "marks", 2)
    for step in range(STEPS - 1):
        killed.call(0, step)
    assert (watching.missing, watching.repeated, watching.middle) == (STEPS + 1, 0, 0.0)
    killed.call(0, STEPS - 1)
    assert 0 < watching.first <= watching.middle

    watching.forget_first()
    successor = Marks(tmp_path / "marks", 2)
    middle = successor.middle
    for step in range(STEPS - 1, -1, -1):
        successor.call(1, step)
    successor.call(0, STEPS - 1)
    successor.end()
    assert (watching.missing, watching.repeated, watching.middle) == (0, 1, middle)
    assert middle <= watching.first <= watching.ended
