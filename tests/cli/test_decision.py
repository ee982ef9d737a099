"""What the deciding commands have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Pectin
from tests.cli.workflows import REFUND, write


@pytest.mark.parametrize(
    "options",
    [
        ("--by", "x" * 129),
        ("--comment", "x" * 4001),
        ("--by", "half a \ud800"),
        ("--comment", "\udfff"),
        ("--by", "a\nb"),
        ("--comment", "\x1b[2J"),
    ],
)
def test_what_a_person_says_is_bounded_text(pectin: Pectin, folder: Path, options: tuple[str, str]) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    assert pectin("approve", "A", *options).code == 2
    assert pectin("approve", "A").code == 0
