"""The one place that maps exceptions to exit codes and texts."""

from __future__ import annotations

import pytest

from pectin.authoring.blueprint import BadInput
from pectin.cli.exit import BadUsage, Exit, judge
from pectin.cli.streams import OutputLost
from pectin.core.command import Refused
from pectin.core.error import BadValue, PectinError
from pectin.core.event import UnknownEvent
from pectin.core.identity import ExecutionId
from pectin.core.problem import DefinitionError, Problem
from pectin.ports.store import DefinitionTaken, StoreBroken, StoreBusy, StoreError
from pectin.runtime.error import (
    Ambiguous,
    AuditKeyMissing,
    ChainBroken,
    CommandRefused,
    EngineStopped,
    NotFound,
    Quarantined,
)

CASES: list[tuple[Exception, Exit, str]] = [
    (BadUsage("x"), Exit.USAGE, "usage"),
    (BadValue("a", "b", "c"), Exit.USAGE, "bad_value"),
    (BadInput("w", ("a: is missing",)), Exit.USAGE, "bad_input"),
    (DefinitionError([Problem("E014", "", "wrong")]), Exit.USAGE, "bad_definition"),
    (DefinitionTaken("x"), Exit.USAGE, "definition_taken"),
    (Ambiguous("x"), Exit.USAGE, "ambiguous"),
    (NotFound("x"), Exit.NOT_FOUND, "not_found"),
    (CommandRefused(Refused("decided", "x")), Exit.REFUSED, "decided"),
    (StoreBusy("x"), Exit.STORE, "store_busy"),
    (StoreError("x"), Exit.STORE, "store"),
    (StoreBroken("x"), Exit.STORE, "store"),
    (EngineStopped("x"), Exit.STORE, "store"),
    (Quarantined("x"), Exit.STORE, "quarantined"),
    (AuditKeyMissing("x"), Exit.STORE, "audit_key"),
    (ChainBroken(ExecutionId.new(), 4, "x"), Exit.STORE, "chain_broken"),
    (UnknownEvent("x"), Exit.STORE, "quarantined"),
    (OutputLost("x"), Exit.OUTPUT, "output"),
    (PectinError("x"), Exit.USAGE, "error"),
    (KeyError("x"), Exit.BUG, "bug"),
    (OSError("x"), Exit.BUG, "bug"),
]


@pytest.mark.parametrize(("error", "exit", "code"), CASES)
def test_each_error_has_its_code(error: Exception, exit: Exit, code: str) -> None:
    judgement = judge(error, ["list"])
    assert (judgement.exit, judgement.code) == (exit, code)
    assert judgement.message


def test_the_codes_are_the_documented_ones() -> None:
    assert [code.value for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 70, 74, 130, 143]


def test_a_damaged_history_says_what_to_do() -> None:
    message = judge(Quarantined("x"), ["show", "A"]).message
    assert "Leave the store as it is" in message
    assert "restore a backup" in message
    assert "`pectin events`" in message


def test_a_broken_chain_says_how_to_learn_more() -> None:
    judgement = judge(ChainBroken(ExecutionId.new(), 4, "x"), ["show", "A", "--store", "a.db"])
    assert judgement.then == ("pectin verify --store a.db",)
    assert "Leave the store as it is" in judgement.message
