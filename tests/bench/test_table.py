"""How measures look in a terminal."""

from __future__ import annotations

import pytest

from bench.measure import alone, compared
from bench.table import notes, number, table


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (0.0123, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12,346"), (-5, "-5.00")],
)
def test_a_number_has_three_digits_that_count(value: float, written: str) -> None:
    assert number(value) == written


def test_the_table_has_a_line_for_each_measure() -> None:
    measures = [
        compared("w1", "steps", "steps/s", [1000.0, 3000.0], [4000.0, 4000.0], raw_unit="commits/s"),
        alone("cpu", "CPU", "µs", [30.0, 10.0, 20.0]),
    ]
    assert table(measures).splitlines() == [
        "what    ours            raw               ratio   spread",
        "─" * 63,
        "steps   2,000 steps/s   4,000 commits/s   0.500   0.250 – 0.750",
        "CPU     20.0 µs                                   10.0 – 30.0",
    ]


def test_a_ratio_is_marked_where_the_machine_was_unsteady() -> None:
    steady = compared("a", "steps", "ms", [1.0, 1.0], [1.0, 1.5], raw_unit="ms")
    unsteady = compared("b", "steps", "ms", [1.0, 1.0], [1.0, 1.6], raw_unit="ms")
    assert "~" not in table([steady])
    marked = table([steady, unsteady]).splitlines()
    assert [" ~ " in line for line in marked] == [False, False, False, True, False]
    assert marked[-1].startswith("~ raw itself moved")


def test_notes_stand_in_a_column() -> None:
    assert notes({"cores": "2", "file system": "ext4"}) == "cores         2\nfile system   ext4"
