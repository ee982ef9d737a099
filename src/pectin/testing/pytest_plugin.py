"""For pytest: the fixture `crashtest`, which kills a workflow at every point of its run.

    def test_a_refund_survives_every_crash(crashtest: Crashtest) -> None:
        crashtest(refund, {"order": "A-1"}, decide={"review": "approved"}, probe=payments)

A suite asks for it in its `conftest.py`:

    pytest_plugins = ["pectin.testing.pytest_plugin"]

It is no entry point: pytest would rewrite the assertions of all of Pectin in every suite where that is installed, and
what a suite tests has to be what runs elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pectin.testing.crashtest.check import Crashtest


@pytest.fixture(scope="session")
def crashtest() -> Crashtest:
    """Kills a workflow at every point of its run, and fails with a report if it doesn't come to the same as calmly."""
    from pectin.testing.crashtest.check import check_crashes

    return check_crashes
