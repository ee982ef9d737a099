"""What an execution needs from outside, and the commands that give it."""

from __future__ import annotations

import pytest

from pectin.core.need import NeedKind, decision_command, needs_of, resolve_commands, send_command
from pectin.core.state import Activation, Doubt, Run, Waiting
from pectin.core.status import NodeStatus

CHILD = "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41"


def active(name: str, **fields: object) -> Activation:
    return Activation(name, name, NodeStatus.RUNNING, 5, **fields)  # pyright: ignore[reportArgumentType]


def test_the_most_urgent_first_and_of_each_kind_the_oldest() -> None:
    activations = [
        active("child", child=CHILD),
        active("timer", waiting=Waiting(9, 100)),
        active("late", waiting=Waiting(8, decisions=("approved",), prompt="Late?")),
        active("early", waiting=Waiting(7, 90, "Early?", ("ship",))),
        active("signal", waiting=Waiting(6, signal="go")),
        active("event", waiting=Waiting(6, event="parcel", correlation="C")),
        active("quarantined"),
        active("asked", doubt=Doubt(1, 3, "gone", asks=True)),
        active("doubted", doubt=Doubt(1, 3, "gone")),
        active("running"),
    ]
    run = Run(activations={each.name: each for each in activations}, quarantined={"quarantined": 4})
    assert [(need.kind, need.activation, need.since, need.until) for need in needs_of(run)] == [
        (NeedKind.DOUBT, "doubted", 3, None),
        (NeedKind.QUARANTINE, "quarantined", 4, None),
        (NeedKind.PERSON, "early", 7, 90),
        (NeedKind.PERSON, "late", 8, None),
        (NeedKind.EVENT, "event", 6, None),
        (NeedKind.SIGNAL, "signal", 6, None),
        (NeedKind.TIME, "timer", 9, 100),
        (NeedKind.CHILD, "child", 5, None),
    ]
    assert [need.prompt for need in needs_of(run) if need.prompt] == ["Early?", "Late?"]


def test_what_runs_needs_nothing() -> None:
    assert needs_of(Run(activations={"a": active("a")})) == []


@pytest.mark.parametrize(
    ("decision", "node", "command"),
    [
        ("approved", None, ("approve", "EXEC")),
        ("rejected", "review", ("reject", "EXEC", "review")),
        ("ship", None, ("decide", "EXEC", "--decision", "ship")),
    ],
)
def test_decisions(decision: str, node: str | None, command: tuple[str, ...]) -> None:
    assert decision_command(decision, node) == command


def test_other_commands() -> None:
    assert resolve_commands("pay")[1] == ("resolve", "EXEC", "pay", "--did-not")
    assert send_command("parcel", "C-1") == ("send", "parcel", "C-1", "--payload", "{}")
    assert send_command("parcel", "-1")[-3:] == ("--", "parcel", "-1")
