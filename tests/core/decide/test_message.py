"""Signals are kept until a wait takes them, once per key; an external event goes to the wait that it is for."""

from __future__ import annotations

from pectin.core.command import Already, Deliver, Done, Refused, Signal
from pectin.core.definition import Json
from pectin.core.event import ExecutionResumed, MessageReceived, NodeCompleted, NodeFailed
from pectin.core.limits import Limits
from pectin.core.schema import Integer, Nullable
from pectin.core.work import listens
from tests.core.case import Case
from tests.core.world import MINUTE, wait


def signal(case: Case, name: str = "go", payload: Json = None, **fields: str) -> list[str]:
    return case.send(Signal(at=case.tick(), begin=case.offer, name=name, payload=payload, **fields))


def deliver(case: Case, name: str, payload: Json = None, event: str = "parcel", key: str = "C-0") -> list[str]:
    return case.send(
        Deliver(at=case.tick(), begin=case.offer, activation=name, name=event, correlation=key, payload=payload)
    )


def test_a_signal_ends_the_wait_that_is_open_for_it() -> None:
    case = Case("w -> b", nodes=[wait("w", signal="go")])
    assert case.status == "paused"
    assert signal(case, payload=[1]) == ["received go", "completed w", "begun b"]
    assert case.last(NodeCompleted).output == {"came": "signal", "payload": [1]}
    assert case.last(ExecutionResumed).cause == "signal"
    assert case.run.inbox == []


def test_a_signal_that_comes_before_its_wait_is_kept_and_the_oldest_is_taken() -> None:
    case = Case("a -> w", "w -> v", "v -> end", nodes=[wait("w", signal="go"), wait("v", signal="go")])
    assert signal(case, payload=1) == ["received go"]
    signal(case, "other")
    signal(case, payload=2)
    assert case.done("a") == [
        "completed a", "waiting w", "completed w", "waiting v", "completed v", "closing completed", "ended completed",
    ]  # fmt: skip
    taken = [event.output for event in case.events if isinstance(event, NodeCompleted) and event.message]
    assert [output["payload"] for output in taken] == [1, 2]  # type: ignore[index]


def test_the_longest_open_wait_takes_the_signal() -> None:
    case = Case("a -> v", "a -> b", "b -> w", nodes=[wait("v", signal="go"), wait("w", signal="go")])
    case.done("a")
    case.done("b")
    assert signal(case) == ["received go", "completed v"]
    assert signal(case)[:2] == ["received go", "completed w"]


def test_a_wait_that_ended_takes_nothing() -> None:
    case = Case("a -> w", "w -> b", nodes=[wait("w", signal="go", duration_ms=MINUTE)])
    case.done("a")
    assert case.wake(case.now + MINUTE) == ["completed w", "begun b"]
    assert case.last(NodeCompleted).output == {"came": "timer", "payload": None}
    signal(case)
    assert [message.name for message in case.run.inbox] == ["go"]


def test_a_signal_is_accepted_once_per_key() -> None:
    case = Case("a -> w", nodes=[wait("w", signal="go")])
    signal(case, payload=1, dedup="k")
    assert signal(case, payload=1, dedup="k") == []
    assert isinstance(case.answer, Already)
    for name, payload in (("go", 2), ("other", 1)):
        assert signal(case, name, payload, dedup="k") == []
        assert isinstance(case.answer, Refused)
        assert case.answer.code == "dedup_taken"
    assert signal(case, payload=1, dedup="l") == ["received go"]


def test_a_key_is_known_after_its_signal_was_taken_and_after_the_end() -> None:
    case = Case("w -> end", nodes=[wait("w", signal="go")])
    signal(case, dedup="k")
    assert case.status == "completed"
    assert signal(case, dedup="k") == []
    assert isinstance(case.answer, Already)
    assert signal(case, dedup="l") == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "ended"


def test_the_inbox_has_a_bound() -> None:
    case = Case("a -> w", nodes=[wait("w", signal="go")], limits=Limits(inbox_messages_max=2))
    signal(case)
    signal(case)
    assert signal(case) == []
    assert isinstance(case.answer, Refused)
    assert case.answer.code == "inbox_full"


def test_an_event_is_listened_to_by_name_and_correlation() -> None:
    case = Case("w -> b", nodes=[wait("w", event="parcel", correlation="C-{{ state.x }}")])
    assert listens(case.run) == {"w": ("parcel", "C-0")}
    assert deliver(case, "w", {"at": "door"}) == ["received parcel", "completed w", "begun b"]
    assert case.last(MessageReceived).correlation == "C-0"
    assert listens(case.run) == {}


def test_an_event_for_another_wait_is_refused() -> None:
    case = Case("w -> b", nodes=[wait("w", event="parcel", correlation="C-0")])
    for name, event, key in (("w", "letter", "C-0"), ("w", "parcel", "C-1"), ("b", "parcel", "C-0")):
        assert deliver(case, name, event=event, key=key) == []
        assert isinstance(case.answer, Refused)
    assert deliver(case, "w")[0] == "received parcel"
    assert deliver(case, "w") == []


def test_whichever_comes_first() -> None:
    either = wait("w", signal="go", event="parcel", correlation="C-0", duration_ms=MINUTE)
    for came in ("signal", "event", "timer"):
        case = Case("w -> b", nodes=[either])
        if came == "signal":
            signal(case)
        elif came == "event":
            deliver(case, "w")
        else:
            case.wake(MINUTE)
        assert case.last(NodeCompleted).output["came"] == came
        assert case.run.due == {}
        assert listens(case.run) == {}


def test_the_payload_goes_to_the_output_key() -> None:
    case = Case("w -> b", nodes=[wait("w", key="x", signal="go")])
    signal(case, payload=5)
    assert case.run.data["x"] == 5


def test_a_payload_that_can_t_be_kept_fails_the_wait_and_is_taken() -> None:
    case = Case("w -> b", "w -> c on_error", nodes=[wait("w", key="x", signal="go")])
    assert signal(case, payload="five")[:2] == ["received go", "failed w"]
    failed = case.last(NodeFailed)
    assert (failed.error.error_class, failed.output) == ("bad_result", {"came": "signal", "payload": "five"})
    assert case.run.inbox == []


def test_a_timer_leaves_null_where_the_payload_would_be() -> None:
    keys = {"n": Nullable(Integer())}
    case = Case("w -> b", nodes=[wait("w", key="n", signal="go", duration_ms=MINUTE)], keys=keys)
    case.wake(MINUTE)
    assert case.run.data["n"] is None


def test_a_deadline_fails_the_wait() -> None:
    case = Case(
        "w -> b",
        "w -> c on_error when error.error_class == 'timeout'",
        nodes=[wait("w", signal="go", deadline_ms=MINUTE)],
    )
    assert case.wake(MINUTE) == ["failed w", "begun c", "skipped b"]
    assert case.last(NodeFailed).error.message == "`w` has waited for 1 min"
    assert "c" in case.run.activations


def test_a_signal_to_a_closing_execution_is_refused() -> None:
    case = Case("a -> b")
    case.cancel()
    assert signal(case) == []
    assert case.answer != Done()
