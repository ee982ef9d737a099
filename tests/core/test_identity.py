"""Ids of executions, and the keys that are derived from them."""

from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.error import BadValue
from pectin.core.identity import ExecutionId, child_id, idempotency_key, show_id

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


def test_what_people_see_of_an_id_in_a_history() -> None:
    assert show_id("0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41") == "exec_0199f3c2b1e47d0c9a51c3d05e3f7c41"
    assert show_id("no id") == "no id"


def test_new_ids_are_of_version_7_and_rise() -> None:
    ids = [ExecutionId.new() for _ in range(1_000)]
    assert all(new.uuid.version == 7 and new.uuid.variant == RFC_4122 for new in ids)
    assert ids == sorted(set(ids))


def test_keys_never_change() -> None:
    """Others keep these, so another result is a broken promise and no reason to mend the test."""
    assert idempotency_key(EXECUTION, "pay") == "9ffb55de7316ee7eb131133d68523558"
    assert idempotency_key(EXECUTION, "pay[2]") != idempotency_key(EXECUTION, "pay")


def test_the_ids_of_children_never_change() -> None:
    assert child_id(EXECUTION, "refund", 1_700_000_000_000).to_json() == "018bcfe5-6800-7e04-ad57-43374fcde406"


@given(st.integers(0, 2**48 - 1), st.text(max_size=5), st.text(max_size=5))
def test_the_id_of_a_child_says_when_and_nothing_else_differs(at: int, one: str, other: str) -> None:
    child = child_id(EXECUTION, one, at)
    assert (child.uuid.version, child.uuid.variant) == (7, RFC_4122)
    assert child.uuid.int >> 80 == at
    assert child == child_id(EXECUTION, one, at)
    assert (child == child_id(EXECUTION, other, at)) == (one == other)
    assert child != child_id(child, one, at)
