"""A target that is missed is told as short, and the file of targets says what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.limits import Bound
from bench.measure import alone, compared
from bench.targets import Target, judge, read_targets, target_table

HALF = compared("half", "steps", "steps/s", [50.0], [100.0], raw_unit="commits/s")
CPU = alone("cpu", "CPU", "µs", [30.0])


def at_least(key: str, what: str, value: float, wanted: float | None = None) -> Target:
    return Target("W1", key, Bound(what, "least", value), wanted)


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        (at_least("half", "ratio", 0.5), "pass"),
        (at_least("half", "ratio", 0.51), "short"),
        (at_least("half", "ours", 50), "pass"),
        (Target("W2", "cpu", Bound("ours", "most", 30)), "pass"),
        (Target("W2", "cpu", Bound("ours", "most", 29)), "short"),
        (at_least("cpu", "ratio", 1), "not measured"),
        (at_least("gone", "ours", 1), "not measured"),
    ],
)
def test_a_target_is_reached_or_short(target: Target, outcome: str) -> None:
    (verdict,) = judge([HALF, CPU], [target])
    assert verdict.outcome == outcome
    assert verdict.to_json()["outcome"] == outcome


def test_the_table_says_what_is_wanted_and_what_was_measured() -> None:
    targets = [
        at_least("half", "ratio", 0.4, wanted=0.6),
        Target("W2", "cpu", Bound("ours", "most", 29)),
        at_least("gone", "ours", 1),
    ]
    assert target_table(judge([HALF, CPU], targets)).splitlines() == [
        "     target          wanted   measured",
        "─" * 53,
        "W1   steps ≥ 0.4 ×   0.6      0.500 ×    pass",
        "W2   CPU ≤ 29 µs              30.0 µs    short",
        "W1   gone ≥ 1                            not measured",
        "1 pass, 1 short, 1 not measured",
    ]


def test_a_ratio_of_an_unsteady_machine_is_marked() -> None:
    unsteady = compared("half", "steps", "steps/s", [50.0, 50.0], [100.0, 200.0], raw_unit="commits/s")
    assert "0.375 × ~" in target_table(judge([unsteady], [at_least("half", "ratio", 0.5)]))


def test_all_workloads_of_the_targets_are_named() -> None:
    assert list(dict.fromkeys(target.of for target in read_targets())) == [
        *("W1", "W2", "W3", "W4", "W5", "W6", "W7"),
        *("cold", "documents", "decide"),
    ]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (
            'of = "W1"\nratio_at_last = 0.5',
            r"targets.toml: \[half\] has 'ratio_at_last'; write one of of, ours_at_least",
        ),
        ("ratio_at_least = 0.5", r"targets.toml: \[half\] needs `of`, and one of ratio_at_least"),
        ('of = "W1"\nwanted = 1', r"targets.toml: \[half\] needs `of`, and one of ratio_at_least"),
    ],
)
def test_what_is_no_target_is_refused(tmp_path: Path, table: str, complaint: str) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(f"[half]\n{table}\n")
    with pytest.raises(ValueError, match=complaint):
        read_targets(file)
