"""Why an execution is where it is: each way of not being stranded has its sentence."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.core.duration import roughly
from pectin.core.error import ErrorData
from pectin.core.event import Parent
from pectin.core.need import needs_of
from pectin.core.retry import RetryPolicy
from pectin.core.state import Activation, Closing, Hold, MapState, Run, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus
from pectin.core.why import RESUME, WORKER
from tests.core.situation import (
    CHILD,
    DAY,
    HOUR,
    NOW,
    SECOND,
    asked,
    child,
    doubted,
    made,
    message,
    ready,
    running,
    tell,
    timer,
)


def test_a_person() -> None:
    told = tell(made(asked()))
    assert told.code == "person"
    assert told.sentence == "Waits for a person: `review`, asked 2 h ago, deadline in 70 h."
    (need,) = told.needs
    assert need.prompt == "review?"
    assert need.commands == (("approve", "EXEC"), ("reject", "EXEC"))
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
    assert [need.commands[0] for need in needs_of(run)] == [
        ("approve", "EXEC", "legal"),
        ("approve", "EXEC", "finance"),
    ]


def test_decisions_of_other_names() -> None:
    wait = Waiting(NOW, None, "?", ("ship", "hold"))
    run = made(Activation("depot", "depot", NodeStatus.RUNNING, NOW, waiting=wait))
    assert needs_of(run)[0].commands == (
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
    mapping = Activation("act", "act", NodeStatus.RUNNING, NOW, mapping=MapState("item", [1] * 5))
    assert tell(made(mapping, *items)).sentence == "Runs `act#0`, `act#1`, `act#2` and 2 more since 12 s."


def test_an_approval_beside_what_runs_can_be_decided() -> None:
    told = tell(made(running(), asked()))
    assert told.code == "running"
    assert [need.activation for need in told.needs] == ["review"]


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
    two = tell(made(ready("act#0"), ready("act#1"))).sentence
    assert two.endswith(": `act#0`, `act#1` wait for an engine that has their functions and a free slot.")


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


@pytest.mark.parametrize(
    ("duration_ms", "text"),
    [(-5, "0 ms"), (713, "713 ms"), (41_900, "41 s"), (2 * HOUR + 5, "2 h"), (75 * 24 * HOUR, "75 d")],
)
def test_roughly(duration_ms: int, text: str) -> None:
    assert roughly(duration_ms) == text


# -- messages, doubt, holds, quarantine, children ---------------------------------------------------------------

RESOLVE = ("resolve", "EXEC", "pay")
SITUATIONS: list[tuple[Run, str, str, tuple[tuple[str, ...], ...]]] = [
    (
        made(message(event="parcel", correlation="C-77", until=NOW + 6 * DAY)),
        "event",
        f'Waits for the event `parcel` with key "C-77" since 72 h ago, until T+{6 * DAY // SECOND}s.',
        (("send", "parcel", "C-77", "--payload", "{}"),),
    ),
    (
        made(message(event="parcel", since=NOW - 5 * DAY)),
        "event",
        "Waits for the event `parcel` since 5 d ago.",
        (("send", "parcel", "", "--payload", "{}"),),
    ),
    (
        made(message(event="parcel", correlation="-5", signal="go")),
        "event",
        'Waits for the event `parcel` with key "-5" or the signal `go` since 72 h ago.',
        (("send", "--payload", "{}", "--", "parcel", "-5"), ("signal", "EXEC", "go")),
    ),
    (
        made(message(signal="go", until=NOW - HOUR, fails_late=True)),
        "signal",
        "Waits for the signal `go` since 72 h ago, the deadline passed 1 h ago.",
        (("signal", "EXEC", "go"),),
    ),
    (
        made(message(signal="go"), message("depart", signal="stop")),
        "signal",
        "Waits for the signal `go` (`arrive`), the signal `stop` (`depart`).",
        (("signal", "EXEC", "go"), ("signal", "EXEC", "stop")),
    ),
    (
        made(timer(NOW + DAY), asked(), message(event="parcel"), child()),
        "several",
        "Waits for several things: a person (`review`), the event `parcel` (`arrive`), time (`cool_down`), a child"
        " (`ship`).",
        (
            ("approve", "EXEC"),
            ("reject", "EXEC"),
            ("send", "parcel", "", "--payload", "{}"),
            ("why", f"exec_{CHILD.replace('-', '')}"),
        ),
    ),
    (
        made(doubted()),
        "doubt",
        "Is in doubt: `pay` was started 4 min ago and cut off; nobody knows whether it happened.",
        ((*RESOLVE, "--happened", '{"…": "…"}'), (*RESOLVE, "--did-not")),
    ),
    (
        made(doubted(error=ErrorData("io_error", "OSError", "refused"))),
        "doubt",
        "Is in doubt: `pay` was started 4 min ago and cut off; nobody knows whether it happened; its reconcile failed"
        " (io_error: refused).",
        ((*RESOLVE, "--happened", '{"…": "…"}'), (*RESOLVE, "--did-not")),
    ),
    (
        made(doubted(interruptions=3)),
        "doubt",
        "Is in doubt: `pay` was started 4 min ago and cut off; nobody knows whether it happened; asking its reconcile"
        " was cut off 3 times in a row.",
        ((*RESOLVE, "--happened", '{"…": "…"}'), (*RESOLVE, "--did-not")),
    ),
    (
        made(doubted(asks=True, begun_by="e")),
        "running",
        "Asks whether `pay` happened, in doubt since 3 min.",
        (("events", "EXEC", "--follow"),),
    ),
    (
        made(doubted(asks=True)),
        "ready",
        "Is in doubt since 3 min: an engine with a free slot is to ask whether `pay` happened.",
        (WORKER,),
    ),
    (
        made(ready(), hold=Hold(NOW - HOUR, "ops", "bank is down")),
        "held",
        'Is paused by ops since 1 h ("bank is down").',
        (("resume", "EXEC"),),
    ),
    (
        made(running(), hold=Hold(NOW - HOUR)),
        "held",
        "Is paused since 1 h; `pay` still runs.",
        (("resume", "EXEC"),),
    ),
    (
        made(asked(), hold=Hold(NOW - HOUR, "ops")),
        "held",
        "Is paused by ops since 1 h.",
        (("approve", "EXEC"), ("reject", "EXEC"), ("resume", "EXEC")),
    ),
    (
        made(ready(), hold=Hold(NOW - HOUR, "ops", "audit", inherited=True), parent=Parent(CHILD, "ship", 2)),
        "held",
        'Is paused since 1 h with its parent, paused by ops ("audit").',
        (("resume", f"exec_{CHILD.replace('-', '')}"),),
    ),
    (
        made(ready(interruptions=3), quarantined={"pay": NOW - HOUR}),
        "quarantine",
        "Is in quarantine: `pay` was cut off 3 times in a row.",
        (("resume", "EXEC"),),
    ),
    (
        made(child()),
        "child",
        f"Waits for a child: `ship` is exec_{CHILD.replace('-', '')}, since 1 h.",
        (("why", f"exec_{CHILD.replace('-', '')}"),),
    ),
    (
        made(child(), child("bill")),
        "child",
        "Waits for 2 children: `ship`, `bill`, since 1 h.",
        (("why", f"exec_{CHILD.replace('-', '')}"), ("why", f"exec_{CHILD.replace('-', '')}")),
    ),
    (
        replace(made(), status=WorkflowStatus.PENDING, workflow_id="ship", created_at=NOW - 5 * SECOND),
        "ready",
        "Is ready since 5 s: it waits for an engine that has the workflow `ship`.",
        (WORKER,),
    ),
    (
        made(running(), unhandled={"a": ErrorData("io_error", "OSError", "refused"), "b": ErrorData("x", "X", "")}),
        "running",
        "Runs `pay` since 12 s; it will end as failed, for `a` failed (io_error: refused), and 1 more.",
        (("events", "EXEC", "--follow"),),
    ),
    (
        made(asked(until=None), wall=NOW + 3 * HOUR),
        "person",
        "Waits for a person: `review`, asked 2 h ago; the time of the whole execution is up in 3 h.",
        (("approve", "EXEC"), ("reject", "EXEC")),
    ),
]


@pytest.mark.parametrize(("run", "code", "sentence", "commands"), SITUATIONS)
def test_each_situation_has_its_sentence_and_commands(
    run: Run, code: str, sentence: str, commands: tuple[tuple[str, ...], ...]
) -> None:
    told = tell(run)
    given = tuple(command for need in told.needs for command in need.commands)
    assert (told.code, told.sentence, (*given, *told.then)) == (code, sentence, commands)


def test_what_is_overdue_takes_an_engine() -> None:
    late = made(message(signal="go", until=NOW - HOUR))
    told = tell(late, served=False)
    assert told.sentence == (
        "Waits for the signal `go` since 72 h ago, the deadline passed 1 h ago, but no engine has this store open."
    )
    assert told.then == (RESUME, WORKER)
    spent = tell(made(asked(until=None), wall=NOW - HOUR), served=False)
    assert spent.sentence.endswith("; the time of the whole execution is over since 1 h, but no engine has this store"
                                   " open.")  # fmt: skip
    assert spent.then == (RESUME, WORKER)
    assert tell(replace(made(), status=WorkflowStatus.PENDING), served=False).code == "unserved"
