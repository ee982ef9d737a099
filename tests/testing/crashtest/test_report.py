"""A report is sound if nothing failed."""

from __future__ import annotations

import msgspec

from pectin.testing.crashtest import Failure, Report
from pectin.testing.crashtest.compare import Kind


def test_one_failure_is_one_too_many() -> None:
    sound = Report("w", "1.0.0", "completed", 1, 1, (), (), 1, 1, 0, False, 0.1)
    failure = Failure(Kind.WORLD, "pay", "twice", "so", (), (), (), None, 1, 1)
    assert sound.ok
    assert not msgspec.structs.replace(sound, failures=(failure,)).ok
