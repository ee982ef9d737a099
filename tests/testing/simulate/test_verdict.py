"""The verdict: what bodies did is held against the history, and the end against a calm run's."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from pectin.core.error import ErrorData
from pectin.core.event import AnyEvent, AttemptBegun, AttemptFailed, DoubtRaised, DoubtResolved, NodeCompleted
from pectin.core.status import WorkflowStatus
from pectin.testing.simulate.ledger import Entry
from pectin.testing.simulate.verdict import Ending, check_effects, check_endings, endings
from pectin.testing.simulate.watch import Broken
from tests.testing.simulate.sample import DELIVERED, Truthful, world

Plant = Callable[[list[Entry]], object]


def find(entries: list[Entry], activation: str) -> Entry:
    return next(entry for entry in entries if entry.activation == activation)


def test_a_sound_world_passes() -> None:
    sound = world().run()
    check_effects(sound)
    check_endings(sound, endings(sound))
    assert endings(sound) == {"P-1": Ending(WorkflowStatus.COMPLETED, dict(DELIVERED))}
    assert len(sound.ledger) == 7


PLANTED: dict[str, tuple[Plant, str]] = {
    "twice": (lambda all: all.append(replace(find(all, "pay"))), "attempt 1 of `pay` was entered 2 times"),
    "never begun": (
        lambda all: all.append(replace(find(all, "pay"), attempt=2)),
        "attempt 2 of `pay` was entered, and never begun",
    ),
    "two keys": (
        lambda all: all.append(replace(find(all, "pay"), key="another")),
        "keys and activations are mixed up",
    ),
    "one key for two": (
        lambda all: setattr(find(all, "stamp#1"), "key", find(all, "stamp#2").key),
        "keys and activations are mixed up",
    ),
    "no body": (lambda all: all.remove(find(all, "stamp#2")), "`stamp#2` has completed, and its body never returned"),
    "no end": (
        lambda all: setattr(find(all, "pay"), "done", False),
        "`pay` has completed, and its body never returned",
    ),
    "a stranger": (
        lambda all: all.append(replace(find(all, "pay"), execution="exec_0", key="another")),
        "bodies of executions that aren't there were entered: exec_0",
    ),
}


@pytest.mark.parametrize(("plant", "complaint"), PLANTED.values(), ids=PLANTED)
def test_what_bodies_did_and_histories_don_t_say_is_found(plant: Plant, complaint: str) -> None:
    life = world().run()
    plant(life.ledger)
    with pytest.raises(Broken, match=complaint):
        check_effects(life)


# -- once ----------------------------------------------------------------------------------------------------------

ERROR = ErrorData("io_error", "ConnectionError", "no")
FAILED = AttemptFailed(at=1, activation="ship", attempt=1, error=ERROR, not_before=1)
DOUBTED = DoubtRaised(at=1, activation="ship", attempt=1, reason="crash")
DID_NOT = DoubtResolved(at=1, activation="ship", happened=False, by="me")
HAPPENED = DoubtResolved(at=1, activation="ship", happened=True, by="me")


def ship_twice(*between: AnyEvent, late: bool = False) -> Truthful:
    """A world in which a `once` node was entered again, after these events."""
    life = world().run()
    (history,) = life.watch.histories.values()
    at = next(at for at, event in enumerate(history) if isinstance(event, NodeCompleted) and event.activation == "ship")
    history[at:at] = [*between, AttemptBegun(at=1, activation="ship", attempt=2, by="engine")]
    life.ledger.append(replace(find(life.ledger, "ship"), attempt=2, late=late))
    return life


@pytest.mark.parametrize("between", [(FAILED,), (DOUBTED, DID_NOT)], ids=["failed", "did not"])
def test_what_is_known_not_to_have_happened_may_be_done_again(between: tuple[AnyEvent, ...]) -> None:
    check_effects(ship_twice(*between))


@pytest.mark.parametrize("between", [(), (DOUBTED,), (DOUBTED, HAPPENED)], ids=["crash", "doubt", "happened"])
def test_what_may_have_happened_may_not(between: tuple[AnyEvent, ...]) -> None:
    with pytest.raises(Broken, match=r"the body of `ship` \(once\) was entered 2 times"):
        check_effects(ship_twice(*between))


def test_a_zombie_s_body_is_nobody_s_fault() -> None:
    check_effects(ship_twice(late=True))


def test_what_people_know_to_have_happened_needs_no_body() -> None:
    life = world().run()
    find(life.ledger, "ship").done = False
    (history,) = life.watch.histories.values()
    history.append(HAPPENED)
    check_effects(life)


# -- ends ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calm", "complaint"),
    [
        (Ending(WorkflowStatus.FAILED, dict(DELIVERED)), "ended as completed .*, in a calm run as failed"),
        (Ending(WorkflowStatus.COMPLETED, {**DELIVERED, "paid": 16}), "'paid': 8.*, in a calm run .*'paid': 16"),
    ],
)
def test_another_end_is_found(calm: Ending, complaint: str) -> None:
    with pytest.raises(Broken, match=complaint):
        check_endings(world().run(), {"P-1": calm})
