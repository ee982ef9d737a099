"""How much is told of what is wrong."""

from __future__ import annotations

from pectin.authoring.mismatch import TypeMismatch


def test_of_many_problems_ten_are_told_and_all_are_counted() -> None:
    error = TypeMismatch([f"{number}: is missing" for number in range(1_000)])
    assert error.problems[-2:] == ("9: is missing", "and 990 more")
    assert len(str(TypeMismatch(["x" * 100_000, "\ud800"])).encode()) < 400
