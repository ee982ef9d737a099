"""A row that says something else than its history is found, column by column; one that a commit has left is not."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import settings
from msgspec.structs import replace

from pectin.core.audit import MEANINGS, Projected, audit_row
from pectin.core.command import AnyCommand, Fail, Hold
from pectin.core.decide import Decision
from pectin.core.error import ErrorData
from pectin.core.retry import RetryPolicy
from pectin.core.state import Run
from pectin.core.status import WorkflowStatus
from pectin.core.work import is_at_work, listens, next_wake
from pectin.nodes import bind
from tests.core.case import EXECUTION, Case
from tests.core.chance import random_definition
from tests.core.play import Play
from tests.core.world import MINUTE, step, timer, wait

PLAYS = settings().max_examples
RETRY = RetryPolicy(max_attempts=3, initial_delay_ms=1_000, max_delay_ms=1_000, jitter=False)


def row_of(run: Run, **changes: Any) -> Projected:
    """The row that a commit leaves."""
    due = None if run.status.is_terminal else 0 if is_at_work(run, run.updated_at) else next_wake(run)
    row = Projected(
        execution=run.execution_id,
        workflow_id=run.workflow_id,
        workflow_version=run.workflow_version,
        definition=run.definition,
        status=run.status,
        version=run.version,
        created_at=run.created_at,
        updated_at=run.updated_at,
        due=due,
        key=run.key,
        listens=listens(run),
    )
    return replace(row, **changes)


def listening() -> Run:
    return Case("a -> b", nodes=[wait("a", event="paid", correlation="A")]).run


def waiting() -> Run:
    return Case("a -> b", nodes=[timer("a")]).run


def working() -> Run:
    return Case("a -> b").run


def backing_off() -> Run:
    case = Case("a -> b", nodes=[step("a", RETRY)])
    case.send(Fail(at=5, activation="a", attempt=1, error=ErrorData("timeout", "T", "late")))
    return case.run


def completed() -> Run:
    case = Case("a -> b")
    case.done("a")
    case.done("b")
    return case.run


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"execution": "other"}, "another_execution", f"the row says other, and the history {EXECUTION}"),
        ({"workflow_id": "other"}, "another_execution", "the row says other, and the history world"),
        ({"workflow_version": "2.0.0"}, "another_execution", "the row says 2.0.0, and the history 1.0.0"),
        ({"definition": "e"}, "another_execution", "the row says e, and the history d"),
        ({"created_at": 9}, "another_execution",
         "the row says 1970-01-01T00:00:00.009Z, and the history 1970-01-01T00:00:00.000Z"),
        ({"created_at": 2**62}, "another_execution",
         f"the row says {2**62}, and the history 1970-01-01T00:00:00.000Z"),
        ({"version": 9}, "version_differs", "the row says 9, and the history has 3 events"),
        ({"status": WorkflowStatus.PAUSED}, "status_differs", "the row says paused, and the history running"),
        ({"updated_at": 9}, "time_differs",
         "the row says 1970-01-01T00:00:00.009Z, and the history 1970-01-01T00:00:00.000Z"),
        ({"key": "k"}, "key_differs", "the row says 'k', and the history None"),
        ({"due": None}, "due_differs",
         "the row says never; it should be now: it is at work"),
        ({"listens": {"a": ("paid", "A")}}, "wait_left_over", "'paid' with 'A': nobody waits for that"),
    ],
)  # fmt: skip
def test_a_column_that_differs_is_found(changes: dict[str, Any], code: str, message: str) -> None:
    run = working()
    assert audit_row(run, row_of(run)) == []
    (finding,) = audit_row(run, row_of(run, **changes))
    assert (finding.code, finding.message, finding.hint) == (code, message, MEANINGS[code][1])


def test_a_wait_that_nobody_would_find_is_found() -> None:
    run = listening()
    assert audit_row(run, row_of(run)) == []
    (finding,) = audit_row(run, row_of(run, listens={}))
    assert (finding.code, finding.where) == ("wait_missing", "`a`")
    assert finding.message == "it waits for 'paid' with 'A': not in the list"


def test_a_key_may_be_given_up() -> None:
    run = working()
    run.key = "A-1042"
    assert audit_row(run, row_of(run, key=None)) == []
    assert [finding.code for finding in audit_row(run, row_of(run, key="B"))] == ["key_differs"]


@pytest.mark.parametrize(
    ("make", "sound", "wrong"),
    [
        (working, [0], [None, 1, MINUTE]),
        (waiting, [MINUTE], [None, 0, MINUTE - 1, MINUTE + 1]),
        (listening, [None], [0, 1]),
        (completed, [None], [0, 1]),
        (backing_off, [0, 1_005], [None, 1_004, 1_006]),
    ],
)
def test_when_it_may_be_due(make: Any, sound: list[int | None], wrong: list[int | None]) -> None:
    run = make()
    for due in sound:
        assert audit_row(run, row_of(run, due=due)) == []
    for due in wrong:
        assert [finding.code for finding in audit_row(run, row_of(run, due=due))] == ["due_differs"], due


@pytest.mark.parametrize(
    ("make", "due", "message"),
    [
        (waiting, None, "the row says never; it should be 1970-01-01T00:01:00.000Z"),
        (listening, 0, "the row says now; it should be never by itself"),
        (completed, 7, "the row says 1970-01-01T00:00:00.007Z; it should be never: it has ended"),
    ],
)
def test_when_it_should_be_due_is_told(make: Any, due: int | None, message: str) -> None:
    run = make()
    assert [finding.message for finding in audit_row(run, row_of(run, due=due))] == [message]


def test_what_is_held_is_not_due_by_itself() -> None:
    case = Case("a -> b", slots=0)
    case.send(Hold(at=7))
    assert audit_row(case.run, row_of(case.run)) == []
    assert [finding.code for finding in audit_row(case.run, row_of(case.run, due=0))] == ["due_differs"]


def test_whoever_is_stranded_is_found_with_its_row() -> None:
    run = working()
    run.activations.clear()
    run.busy = 0
    assert [finding.code for finding in audit_row(run, row_of(run, due=None))] == ["stranded"]


class RowedPlay(Play):
    def send(self, command: AnyCommand) -> Decision:
        decision = super().send(command)
        run = self.run
        assert audit_row(run, row_of(run), self.program) == [], command
        visited = run.updated_at if is_at_work(run, run.updated_at) else next_wake(run)
        assert audit_row(run, row_of(run, due=None if run.status.is_terminal else visited)) == []
        return decision


def test_the_rows_of_random_plays_are_sound() -> None:
    for seed in range(PLAYS):
        calm = seed % 2 == 0
        RowedPlay(bind(random_definition(seed, calm)), seed, Random(seed), calm).play()
