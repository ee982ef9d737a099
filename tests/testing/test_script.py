"""What is said to an execution, read off its run: once for each wait, and only what somebody can say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from pectin import END, DidNot, Happened, Unknown, Workflow, testing
from pectin.core.command import Decide, Release, Resolve, Signal
from pectin.core.need import NeedKind
from pectin.core.state import Activation, Doubt, Run
from pectin.core.status import NodeStatus
from pectin.testing.script import Script, Send


class Order(BaseModel):
    amount: int = 1
    note: str | None = None


order = Workflow("order", version="1.0.0", state=Order)
begin = order.parallel("begin")
review = order.approval("review", "Send it?", editable=["amount"])
slow = order.approval("slow", "Really?", deadline="3d")
ready = order.wait("ready", signal="ready")
parcel = order.wait("parcel", event="scanned", key="C-7", deadline="2d")
either = order.wait("either", event="scanned", key="C-8", signal="go")
begin.then(review, slow, ready, parcel, either)
review.on(approved=END, rejected=END)
slow.on(approved=END, rejected=END, timeout=END)


async def run_of_order() -> Run:
    async with testing.engine(order) as engine:
        execution = await engine.start(order)
        await testing.until_waiting(execution)
        return await engine.service.runs.get(execution.id)


def told(replies: list[Any]) -> dict[str, Any]:
    """What is said, by the activation or by the name of the message."""
    said: dict[str, Any] = {}
    for reply in replies:
        match reply:
            case Decide():
                said[reply.activation or ""] = reply.decision
            case Signal() | Send():
                said[reply.name] = reply.payload
            case _:
                raise AssertionError(reply)
    return said


async def test_it_answers_whatever_is_asked() -> None:
    run = await run_of_order()
    replies = Script().reply(run, 5)
    assert told(replies) == {"review": "approved", "slow": "approved", "ready": None, "scanned": None}
    assert {reply.correlation for reply in replies if isinstance(reply, Send)} == {"C-7", "C-8"}
    assert Script().unanswered(run) == []


async def test_it_says_what_it_was_given_by_any_name() -> None:
    script = Script(
        decide={"review": "rejected", "slow": "timeout"},
        edits={"amount": 2, "note": "not asked for"},
        signal={"ready": 1},
        send={"parcel": 2, "either": 3},
    )
    replies = script.reply(await run_of_order(), 5)
    assert {reply.name: reply.payload for reply in replies if isinstance(reply, Signal)} == {"ready": 1}
    sent = [(reply.name, reply.correlation, reply.payload) for reply in replies if isinstance(reply, Send)]
    assert sent == [("scanned", "C-7", 2), ("scanned", "C-8", 3)]
    (decided,) = (reply for reply in replies if isinstance(reply, Decide))
    assert (decided.activation, decided.decision, decided.edits) == ("review", "rejected", {"amount": 2})
    assert decided.digest is not None


async def test_what_it_says_twice_is_said_once() -> None:
    async with testing.engine(order) as engine:
        execution = await engine.start(order)
        await testing.until_waiting(execution)
        run = await engine.service.runs.get(execution.id)
        replies = Script().reply(run, 5)
        assert replies == Script().reply(run, 5)
        for reply in [*replies, *replies]:
            if isinstance(reply, Send):
                await engine.send(reply.name, reply.correlation, reply.payload, dedup=reply.dedup)
            else:
                await engine.service.handle(execution.id, reply)
        await execution.result()
        seen = [event async for _, event in execution.events()]
        assert sum(type(event).__name__ == "MessageReceived" for event in seen) == 3


async def test_nobody_says_anything_to_what_is_silent() -> None:
    run = await run_of_order()
    script = Script(silent=["review", "ready", "scanned", "either", "slow"])
    assert script.reply(run, 5) == []
    assert {need.activation for need in script.unanswered(run)} == {"either", "review", "ready"}
    only_event = Script(silent=["go"]).reply(run, 5)
    assert {reply.correlation for reply in only_event if isinstance(reply, Send)} == {"C-7", "C-8"}


def doubtful() -> Run:
    doubt = Doubt(attempt=2, since=1, reason="cut off")
    in_doubt = Activation(name="pay[3]", node="pay", status=NodeStatus.RUNNING, since=1, attempt=2, doubt=doubt)
    return Run(execution_id="id", activations={"pay[3]": in_doubt})


def test_a_doubt_is_left_to_who_looks() -> None:
    run = doubtful()
    assert Script().reply(run, 5) == []
    assert [need.kind for need in Script().unanswered(run)] == [NeedKind.DOUBT]

    def look(execution: str, activation: str, attempt: int) -> Happened[int] | Unknown:
        return Happened(7) if (execution, activation, attempt) == ("id", "pay[3]", 2) else Unknown()

    (reply,) = Script().reply(run, 5, look)
    assert reply == Resolve(at=5, activation="pay[3]", happened=True, by="script", result=7, attempt=2)
    assert Script().unanswered(run, look) == []


@pytest.mark.parametrize("name", ["pay", "pay[3]"])
def test_a_doubt_can_be_resolved_by_the_script(name: str) -> None:
    def look(execution: str, activation: str, attempt: int) -> Happened[int]:
        return Happened(1)

    (reply,) = Script(resolve={name: DidNot()}).reply(doubtful(), 5, look)
    assert isinstance(reply, Resolve)
    assert not reply.happened


def test_it_lets_out_of_quarantine() -> None:
    cut_off = Activation(name="pay", node="pay", status=NodeStatus.SCHEDULED, since=1, attempt=3)
    run = Run(activations={"pay": cut_off}, quarantined={"pay": 9})
    assert Script().reply(run, 5) == [Release(at=5, by="script")]
