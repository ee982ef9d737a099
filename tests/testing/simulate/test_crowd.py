"""The crowd: it says what the script says, some of it rudely, and never waits for what nobody will say."""

from typing import Any

import pytest

from pectin import Workflow
from pectin.core.command import Decide, Done
from pectin.core.identity import ExecutionId
from pectin.runtime.visitor import Visitor
from pectin.testing.simulate.crowd import HOPE_SECONDS, Unanswered
from pectin.testing.simulate.verdict import endings
from pectin.testing.simulate.watch import Broken
from pectin.testing.simulate.world import World
from tests.testing.simulate.sample import DELIVERED, Parcel, Rigged, Voice, world


def live_with(*throws: str, **options: Any) -> World:
    """A world in which only this goes wrong."""
    life = world(**options)
    life.dice = Rigged(*throws)
    return life.run()


def waiting(**wait: Any) -> Workflow[Parcel]:
    workflow = Workflow("waiting", version="1.0.0", state=Parcel)
    workflow.wait("sent", **wait)
    return workflow


def test_everything_that_is_waited_for_is_said() -> None:
    life = live_with()
    assert life.reached == {"Decide Done": 1, "Signal Done": 1}
    assert endings(life)["P-1"].state == DELIVERED
    (event,) = life.memory.inbox.received
    assert event[0] == "parcel.came"


@pytest.mark.parametrize(
    ("throw", "reached"),
    [
        ("opposite_decisions-0", {"Decide Done": 1, "Decide Refused": 1, "Signal Done": 1}),
        ("signal_doubled-0", {"Decide Done": 1, "Signal Done": 1, "Signal Already": 1}),
        ("signal_doubled-1", {"Decide Done": 1, "Signal Done": 1}),  # the event, which has no answer
    ],
)
def test_what_is_said_rudely_is_answered(throw: str, reached: dict[str, int]) -> None:
    life = live_with(throw)
    assert life.reached == reached
    assert len(life.dice.happened) == 1


def test_what_a_killed_visitor_has_not_said_is_said_again() -> None:
    life = world()
    life.dice = Rigged(*(f"visitor_crash-{number}" for number in range(20)))
    assert endings(life.run())["P-1"].state == DELIVERED
    assert len(life.dice.happened) > 3


def test_a_decision_that_was_acknowledged_and_is_lost_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = Visitor.handle

    async def lie(self: Visitor, execution: ExecutionId, command: Any) -> Any:
        return Done() if isinstance(command, Decide) else await handle(self, execution, command)

    monkeypatch.setattr(Visitor, "handle", lie)
    with pytest.raises(Broken, match="a decision of `review` was acknowledged, and is lost"):
        live_with()


# -- what nobody says ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wait", "complaint"),
    [
        ({"signal": "go"}, "`sent` waits for the signal `go`, and nobody says it: let the script answer in time"),
        ({"event": "go", "key": "k"}, '`sent` waits for the event `go` with key "k", and nobody says it'),
    ],
)
def test_who_waits_for_what_nobody_says_is_named_soon(wait: dict[str, str], complaint: str) -> None:
    life = world(workflow=waiting(**wait), voice=Voice(silent=("go",)))
    with pytest.raises(Unanswered) as found:
        life.run()
    assert complaint in str(found.value)
    assert HOPE_SECONDS < life.loop.time() < 2 * HOPE_SECONDS


def test_who_says_what_is_refused_is_told_why() -> None:
    review = Workflow("reviewed", version="1.0.0", state=Parcel)
    review.approval("review", "Well?").on(approved="end", rejected="end")
    with pytest.raises(Unanswered, match=r"`review` waits for a person, and what it is told is refused: .*aproved"):
        world(workflow=review, voice=Voice(decide={"review": "aproved"})).run()


def test_what_time_ends_is_waited_for_in_silence() -> None:
    life = world(workflow=waiting(signal="go", duration="30d"), voice=Voice(silent=("go",))).run()
    assert str(endings(life)["P-1"].status) == "completed"
    assert life.loop.time() > 30 * HOPE_SECONDS


def test_a_doubt_that_nobody_resolves_is_named() -> None:
    life = world()
    life.look = None
    life.dice = Rigged("crash_in_body-13")  # after the effect of the last of seven bodies
    with pytest.raises(Unanswered, match=r"`ship` is in doubt, and nobody says whether it has happened: .*`resolve`"):
        life.run()


def test_a_decision_in_the_last_moment_comes_in_time_or_too_late() -> None:
    def answers(seed: int) -> list[str]:
        workflow = Workflow("reviewed", version="1.0.0", state=Parcel)
        workflow.approval("review", "Well?", deadline="1h").on(approved="end", rejected="end", timeout="end")
        return list(live_with("decision_at_deadline-0", seed=seed, workflow=workflow).reached)

    assert {answer for seed in range(12) for answer in answers(seed)} == {"Decide Done", "Decide Refused"}
