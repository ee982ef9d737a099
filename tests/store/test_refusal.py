"""What a store says when it refuses names what it is about."""

from __future__ import annotations

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.store import refusal
from pectin.testing.store_contract.sample import REFUND, listen, message, starting, step


def test_each_refusal_names_what_it_is_about() -> None:
    execution = ExecutionId.new()
    commit = step(execution, 4, 7, "pay")
    start = starting(execution, 7, key="A-1042").start
    assert start is not None
    assert "refund 1.0.0" in str(refusal.definition_taken(REFUND))
    assert "refund 1.0.0" in str(refusal.not_published(start))
    assert "'A-1042'" in str(refusal.key_taken(start))
    assert str(execution) in str(refusal.exists(execution))
    assert str(execution) in str(refusal.unknown(commit))
    assert "at version 9, not 4" in str(refusal.version_conflict(commit, 9))
    assert "never came to version 4" in str(refusal.rests_on_nothing(commit))
    assert "the fence 8, not 7" in str(refusal.lease_lost(commit, 8))
    assert "pay" in str(refusal.already_settled(commit))
    assert "message 12 " in str(refusal.message_taken(replace(commit, takes=12)))
    assert all(
        each in str(refusal.listens_already(execution, listen())) for each in (str(execution), "'paid'", "wait:1")
    )
    assert all(each in str(refusal.dedup_taken(message(dedup="k-1"))) for each in ("'paid'", "'k-1'"))
    assert "SQLite" in str(refusal.speaks_no_sql())
    assert "statement 2 of 3 was refused: no such table: t." in str(refusal.statement_failed(2, 3, "no such table: t"))
    assert "open it anew" in str(refusal.closed())
