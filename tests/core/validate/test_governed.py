"""What only a governed workflow has, and what it has to have."""

from __future__ import annotations

import pytest

from pectin.core.definition import Definition, definition_hash
from pectin.core.policy import Policy
from pectin.core.status import SessionType
from pectin.core.validate.governed import RETENTION_DAYS_MAX, check_policy
from pectin.core.validate.report import Report
from tests.definitions import approval, define, fn, found, wait

GOVERNED = SessionType.PERSISTENT_GOVERNED
UNGOVERNED = (
    "`retention_days` is 30, and a `resumable` execution has no retention; "
    'write `session_type="persistent_governed"`, or delete it'
)
RANGE = f"write 1 to {RETENTION_DAYS_MAX}; without it, executions are kept for ever"
EVENT = (
    "wait `nap` is for the event `paid`, which names no sender to a governed execution; "
    "wait for a signal: who sends one says who it is"
)

BROKEN: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (define(fn("a"), retention_days=30), [("E059", "", UNGOVERNED)]),
    (define(fn("a"), session_type=GOVERNED, retention_days=0), [("E059", "", f"`retention_days` is 0; {RANGE}")]),
    (
        define(fn("a"), session_type=GOVERNED, retention_days=RETENTION_DAYS_MAX + 1),
        [("E059", "", f"`retention_days` is {RETENTION_DAYS_MAX + 1}; {RANGE}")],
    ),
    (define(wait("nap", event="paid", correlation="x"), session_type=GOVERNED), [("E023", "", EVENT)]),
]

SOUND = [
    define(fn("a"), session_type=GOVERNED),
    define(fn("a"), session_type=GOVERNED, retention_days=1),
    define(fn("a"), session_type=GOVERNED, retention_days=RETENTION_DAYS_MAX),
    define(wait("nap", signal="paid"), session_type=GOVERNED),
    define(wait("nap", event="paid", correlation="x")),
]


@pytest.mark.parametrize(("definition", "problems"), BROKEN)
def test_problems(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


@pytest.mark.parametrize("definition", SOUND)
def test_sound(definition: Definition) -> None:
    assert found(definition) == []


@pytest.mark.parametrize(
    ("session_type", "policy", "told"),
    [
        (GOVERNED, None, ["is"]),
        (GOVERNED, Policy(), []),
        (SessionType.RESUMABLE, None, ["runs inside what is"]),
    ],
)
def test_a_policy_is_bound(session_type: SessionType, policy: Policy | None, told: list[str]) -> None:
    definition = define(approval("review"), session_type=session_type, policy=policy)
    report = Report(definition, {})
    check_policy(definition, report)
    assert [problem.code for problem in report.problems] == ["E058"] * len(told)
    assert all(f"` {said} `" in problem.message for problem, said in zip(report.problems, told, strict=True))


def test_a_retention_counts_in_the_hash_and_its_absence_does_not() -> None:
    plain, kept = (define(fn("a"), session_type=GOVERNED, retention_days=days) for days in (None, 30))
    assert definition_hash(plain) != definition_hash(kept)
