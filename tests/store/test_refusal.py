"""What a store says when it refuses names what it is about."""

from __future__ import annotations

from pectin.core.identity import ExecutionId
from pectin.store import refusal
from pectin.testing.store_contract.sample import REFUND, starting, step


def test_each_refusal_names_what_it_is_about() -> None:
    execution = ExecutionId.new()
    commit = step(execution, 4, 7, "pay")
    start = starting(execution, 7, key="A-1042").start
    assert start is not None
    assert "refund 1.0.0" in str(refusal.definition_taken(REFUND))
    assert "refund 1.0.0" in str(refusal.not_published(start))
    assert "'A-1042'" in str(refusal.key_taken(start))
    assert str(execution) in str(refusal.exists(commit))
    assert str(execution) in str(refusal.unknown(commit))
    assert "at version 9, not 4" in str(refusal.version_conflict(commit, 9))
    assert "the fence 8, not 7" in str(refusal.lease_lost(commit, 8))
    assert "pay" in str(refusal.already_settled(commit))
    assert "open it anew" in str(refusal.closed())
