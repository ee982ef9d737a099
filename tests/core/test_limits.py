"""The bounds that are promised, each of which can be set to any whole number from 1 on."""

from __future__ import annotations

from typing import Any

import pytest

from pectin.core.error import BadValue
from pectin.core.limits import Limits


def test_the_bounds_that_are_promised() -> None:
    limits = Limits()
    assert limits.payload_bytes_max == 8 * 1024 * 1024
    assert limits.history_events_max == 50_000
    assert limits.iterations_max == 10_000
    assert limits.scheduled_items_max == 256
    assert limits.stop_grace_ms == 10_000
    assert limits.depth_max == 16
    assert limits.interruptions_max == 3
    assert limits.event_keep_ms == 7 * 24 * 3_600_000


def test_a_limit_can_be_set() -> None:
    assert Limits(items_max=3).items_max == 3


@pytest.mark.parametrize("name", Limits.__struct_fields__)
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "10", None])
def test_what_is_no_limit_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadValue, match=rf"^limits\.{name}: .* is no limit; write a whole number from 1 on$"):
        Limits(**{name: value})
