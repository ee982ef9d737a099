"""Why an execution is where it is: each way of not being stranded has its sentence."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.error import ErrorData
from pectin.core.retry import RetryPolicy
from pectin.core.state import Activation, Closing, Mapping, Run, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus
from pectin.core.why import RESUME, WORKER, Why, questions_of, roughly, why

NOW = 1_000_000_000
SECOND, HOUR = 1_000, 3_600_000


def clock(at: int) -> str:
    return f"T{(at - NOW) // SECOND:+}s"


def tell(run: Run, *, served: bool = True, **missing: str) -> Why:
    return why(run, NOW, served=served, tell_time=clock, missing=missing)


def made(*activations: Activation, **fields: Any) -> Run:
    """A run in which these activations are unsettled."""
    by_name = {activation.name: activation for activation in activations}
    ready = {a.name: None for a in activations if a.status is NodeStatus.SCHEDULED and a.not_before is None}
    backoff = {a.name: a.not_before for a in activations if a.not_before is not None}
    waits = sum(a.waiting is not None for a in activations)
    due = {a.name: a.waiting.until for a in activations if a.waiting is not None and a.waiting.until is not None}
    basis = Run(version=7, status=WorkflowStatus.RUNNING, updated_at=NOW - 41 * SECOND)
    return replace(basis, activations=by_name, ready=ready, backoff=backoff, due=due, waits=waits, **fields)


def running(name: str = "pay", **fields: Any) -> Activation:
    options: dict[str, Any] = {"attempt": 1, **fields}
    return Activation(name, name, NodeStatus.RUNNING, NOW - 12 * SECOND, **options)


def ready(name: str = "pay", **fields: Any) -> Activation:
    return Activation(name, name, NodeStatus.SCHEDULED, NOW - 2 * SECOND, **fields)


def asked(name: str = "review", until: int | None = NOW + 70 * HOUR, **fields: Any) -> Activation:
    wait = Waiting(NOW - 2 * HOUR, until, f"{name}?", ("approved", "rejected"), "d")
    return Activation(name, name, NodeStatus.RUNNING, NOW - 2 * HOUR, waiting=wait, **fields)


def timer(until: int, name: str = "cool_down") -> Activation:
    return Activation(name, name, NodeStatus.RUNNING, NOW - HOUR, waiting=Waiting(NOW - HOUR, until))


def test_a_person() -> None:
    told = tell(made(asked()))
    assert told.code == "person"
    assert told.sentence == "Waits for a person: `review`, asked 2 h ago, deadline in 70 h."
    (question,) = told.questions
    assert question.prompt == "review?"
    assert question.commands == (("approve", "EXEC"), ("reject", "EXEC"))
    assert told.then == ()
    assert tell(made(asked(until=None))).sentence == "Waits for a person: `review`, asked 2 h ago."


def test_a_person_whose_deadline_nobody_watches() -> None:
    late = made(asked(until=NOW - 3 * HOUR))
    assert tell(late).sentence.endswith("the deadline passed 3 h ago.")
    unserved = tell(late, served=False)
    assert unserved.sentence.endswith("the deadline passed 3 h ago, but no engine has this store open.")
    assert unserved.then == (RESUME, WORKER)


def test_several_people_are_told_apart() -> None:
    run = made(asked("legal"), asked("finance"))
    assert tell(run).sentence == "Waits for people: `legal`, `finance`."
    assert [question.commands[0] for question in questions_of(run)] == [
        ("approve", "EXEC", "legal"),
        ("approve", "EXEC", "finance"),
    ]


def test_decisions_of_other_names() -> None:
    wait = Waiting(NOW, None, "?", ("ship", "hold"))
    run = made(Activation("depot", "depot", NodeStatus.RUNNING, NOW, waiting=wait))
    assert questions_of(run)[0].commands == (
        ("decide", "EXEC", "--decision", "ship"),
        ("decide", "EXEC", "--decision", "hold"),
    )


def test_time() -> None:
    run = made(timer(NOW + 3 * 24 * HOUR))
    assert tell(run).sentence == f"Waits for time: `cool_down` until T+{3 * 24 * 3600}s, in 72 h."
    assert "none has this store open" in tell(run, served=False).sentence
    over = tell(made(timer(NOW - HOUR)), served=False)
    assert over.code == "unserved"
    assert over.sentence == "Waits for time: `cool_down` is over since 1 h, but no engine has this store open."


def test_running() -> None:
    assert tell(made(running())).sentence == "Runs `pay` since 12 s."
    assert tell(made(running(attempt=2))).sentence == "Runs `pay` since 12 s (attempt 2)."
    items = [running(f"act#{n}", map="act") for n in range(5)]
    mapping = Activation("act", "act", NodeStatus.RUNNING, NOW, mapping=Mapping("item", [1] * 5))
    assert tell(made(mapping, *items)).sentence == "Runs `act#0`, `act#1`, `act#2` and 2 more since 12 s."


def test_an_approval_beside_what_runs_can_be_decided() -> None:
    told = tell(made(running(), asked()))
    assert told.code == "running"
    assert [question.activation for question in told.questions] == ["review"]


@pytest.mark.parametrize("activation", [ready(), ready(not_before=NOW - 1), running()])
def test_nothing_runs_it(activation: Activation) -> None:
    told = tell(made(activation), served=False)
    assert told.code == "unserved"
    assert told.sentence.startswith("Is ready, but nothing runs it: ")
    assert told.sentence.endswith("no engine has this store open, and nothing has happened since T-41s.")
    assert ("`pay` was cut off" in told.sentence) is (activation.status is NodeStatus.RUNNING)
    assert told.then == (RESUME, WORKER)


def test_a_missing_function_is_named() -> None:
    told = tell(made(ready()), pay="pay_out")
    assert told.sentence == "Is ready since 2 s, but the engine doesn't have the function `pay_out`."
    assert "free slot" in tell(made(ready())).sentence


def test_a_retry() -> None:
    error = ErrorData("io_error", "OSError", "connection\n refused")
    policy = RetryPolicy(max_attempts=3)
    run = made(ready("look_up", not_before=NOW + 12 * SECOND, attempt=2, outcomes=2, error=error, retry=policy))
    assert tell(run).sentence == "Retries `look_up` in 12 s (attempt 3 of 3) after io_error: connection refused."
    assert tell(run, served=False).sentence.endswith("connection refused, but no engine has this store open.")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"status": WorkflowStatus.COMPLETED}, "Ended: completed, 2 h ago."),
        (
            {
                "status": WorkflowStatus.FAILED,
                "error": ErrorData("timeout", "TimeoutError", "slow"),
                "closing": Closing(WorkflowStatus.FAILED, "failed", NOW, activation="look_up"),
            },
            "Ended: failed at `look_up` (timeout), 2 h ago.",
        ),
        (
            {
                "status": WorkflowStatus.CANCELLED,
                "closing": Closing(WorkflowStatus.CANCELLED, "bank is down", NOW, by="ops"),
            },
            'Ended: cancelled by ops ("bank is down"), 2 h ago.',
        ),
    ],
)
def test_the_end(fields: dict[str, Any], sentence: str) -> None:
    run = replace(made(), completed_at=NOW - 2 * HOUR, **fields)
    told = tell(run, served=False)
    assert (told.code, told.sentence, told.then) == ("ended", sentence, (("show", "EXEC"),))


def test_closing() -> None:
    closing = Closing(WorkflowStatus.FAILED, "failed", NOW + 9 * SECOND)
    stopping = replace(made(), closing=closing, stopping={"pay": [1]})
    assert tell(stopping).sentence == "Is ending as failed: waits for `pay` to stop, until T+9s at most."
    assert tell(stopping, served=False).code == "unserved"
    finalizing = replace(made(running("tidy")), closing=closing)
    assert tell(finalizing).sentence == "Is ending as failed: runs `tidy` since 12 s."
    assert tell(replace(made(), closing=closing)).sentence == "Is ending as failed."


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [(-5, "0 ms"), (713, "713 ms"), (41_900, "41 s"), (2 * HOUR + 5, "2 h"), (75 * 24 * HOUR, "75 d")],
)
def test_roughly(duration_ms: int, text: str) -> None:
    assert roughly(duration_ms) == text
