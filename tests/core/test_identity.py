"""Ids of executions, and the keys that are derived from them."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.error import BadValue
from pectin.core.identity import ExecutionId, idempotency_key

EXECUTION = ExecutionId(UUID("0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41"))


def test_the_two_written_forms() -> None:
    assert str(EXECUTION) == "exec_0199f3c2b1e47d0c9a51c3d05e3f7c41"
    assert EXECUTION.to_json() == "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41"
    assert EXECUTION.bytes == EXECUTION.uuid.bytes


@given(st.uuids(), st.booleans(), st.booleans(), st.booleans())
def test_every_written_form_of_any_uuid_is_read(uuid: UUID, has_prefix: bool, has_dashes: bool, is_upper: bool) -> None:
    digits = str(uuid) if has_dashes else uuid.hex
    text = ("exec_" if has_prefix else "") + (digits.upper() if is_upper else digits)
    assert ExecutionId.parse(text) == ExecutionId(uuid)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "exec_",
        "last",
        "exec_0199f3c2b1e47d0c9a51c3d05e3f7c4",
        "exec_exec_0199f3c2b1e47d0c9a51c3d05e3f7c41",
        "{0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41}",
        "0199f3c2b1e4-7d0c-9a51-c3d05e3f7c41",
        "0199f3c2b1e47d0c9a51c3d05e3f7c4g",
        "0199f3c2_b1e47d0c9a51c3d05e3f7c41",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="is not an id; write exec_ and 32 hex digits, or a UUID"):
        ExecutionId.parse(text)


def test_new_ids_are_of_version_7_and_rise() -> None:
    ids = [ExecutionId.new() for _ in range(1_000)]
    assert all(new.uuid.version == 7 and new.uuid.variant == RFC_4122 for new in ids)
    assert ids == sorted(set(ids))


def test_keys_never_change() -> None:
    """Others keep these, so another result is a broken promise and no reason to mend the test."""
    assert idempotency_key(EXECUTION, "pay") == "9ffb55de7316ee7eb131133d68523558"
    assert idempotency_key(EXECUTION, "pay[2]") != idempotency_key(EXECUTION, "pay")
