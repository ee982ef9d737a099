"""A limit that is missed is told, and nothing in the file of limits goes unheeded."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.limits import missed, read_limits
from bench.measure import alone, compared

HALF = compared("half", "steps", "steps/s", [50.0], [100.0], raw_unit="commits/s")
CPU = alone("cpu", "CPU", "µs", [30.0])


@pytest.mark.parametrize(
    ("key", "name", "kept", "bound", "complaint"),
    [
        ("half", "ratio_at_least", 0.5, 0.51, "half: the ratio is 0.5, and should be at least 0.51"),
        ("half", "ratio_at_most", 0.5, 0.49, "half: the ratio is 0.5, and should be at most 0.49"),
        ("cpu", "ours_at_least", 30, 31, "cpu: the ours is 30, and should be at least 31"),
        ("cpu", "ours_at_most", 30, 29, "cpu: the ours is 30, and should be at most 29"),
    ],
)
def test_a_missed_limit_is_told(key: str, name: str, kept: float, bound: float, complaint: str) -> None:
    assert missed([HALF, CPU], {key: {name: kept}}) == []
    assert missed([HALF, CPU], {key: {name: bound}}) == [complaint]


def test_what_was_not_measured_misses_its_limit() -> None:
    assert missed([HALF], {"cpu": {"ours_at_most": 1}}) == ["cpu: no ours was measured"]
    assert missed([CPU], {"cpu": {"ratio_at_least": 1}}) == ["cpu: no ratio was measured"]


def test_an_unknown_bound_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text("[half]\nratio_at_last = 0.5\n")
    with pytest.raises(ValueError, match=r"limits.toml: \[half\] has 'ratio_at_last'; write one of ratio_at_least"):
        read_limits(file)
