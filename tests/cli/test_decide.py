"""`pectin decide`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Pectin
from tests.cli.workflows import REFUND, write


def test_a_decision_by_its_name(pectin: Pectin, folder: Path) -> None:
    pectin("run", write(folder, "refund.py", REFUND), "--input", '{"order": "A"}', "--key", "A")
    unknown = pectin("decide", "A", "--decision", "aproved")
    assert unknown.code == 5
    assert "`approved`, `rejected`" in unknown.err
    assert pectin("decide", "A", "--decision", "timeout").code == 5
    assert pectin("decide", "A").code == 2
    assert pectin("decide", "A", "review", "--decision", "rejected").code == 0
