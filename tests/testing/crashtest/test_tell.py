"""A report as people read it."""

from __future__ import annotations

from collections.abc import Sequence

from pectin.testing.crashtest import Failure, Report, Verdict
from pectin.testing.crashtest.compare import Kind
from pectin.testing.crashtest.tell import tell

LOOK_UP = Verdict("look_up", "idempotent", 8, (1, 2), True, "same state every time")
REVIEW = Verdict("review", "approval", 3, None, True, "one decision every time")
PAY = Verdict("pay", "keyed", 11, (1, 4), False, "2 payments in 3 of 11, the calm run has 1 payment")

FAILED = Failure(
    kind=Kind.WORLD,
    node="pay",
    title="pay did its work twice.",
    how="it was cut off",
    details=("2 payments",),
    points=("pay:after-body",),
    mend=("1. this", "2. that"),
    source="refund.py:31  async def pay(state: Refund) -> Refund",
    times=3,
    trials=11,
)


def report(*failures: Failure, simulated: bool = False, **other: object) -> Report:
    fields: dict[str, object] = {
        "workflow": "refund",
        "version": "1.0.0",
        "status": "completed",
        "nodes": 3,
        "commits": 1,
        "verdicts": (LOOK_UP, REVIEW, PAY),
        "failures": failures,
        "crashes": 22,
        "recoveries": 1,
        "orders": 0,
        "simulated": simulated,
        "seconds": 6.24,
        "probe": ["1 payment"],
        "has_probe": True,
    }
    return Report(**{**fields, **other})  # type: ignore[arg-type]


def repeat(points: Sequence[str]) -> str:
    return " ".join(["pectin", *points])


def test_a_sound_one() -> None:
    assert tell(report(), repeat) == [
        "calm run   completed · 3 nodes · 1 commit · probe says: 1 payment",
        "",
        "  node     effect      crashes  entered  verdict",
        "  look_up  idempotent        8  1 or 2   ✓ same state every time",
        "  review   approval          3  –        ✓ one decision every time",
        "  pay      keyed            11  1 to 4   ✗ 2 payments in 3 of 11, the calm run has 1 payment",
        "",
        "22 crashes (before, inside and after each commit, and between each effect and its record), 1 recovery:",
        "nothing lost, nothing done twice.   6.2 s",
    ]


def test_a_failure_says_how_to_repeat_and_to_mend_it() -> None:
    lines = tell(report(FAILED), repeat, lambda sign: "ok" if sign == "✓" else "FAIL")
    assert lines[7:15] == [
        "pay did its work twice.",
        "  how      it was cut off",
        "  repeat   pectin pay:after-body",
        "  mend     1. this",
        "           2. that",
        "  refund.py:31  async def pay(state: Refund) -> Refund",
        "",
        "22 crashes (before, inside and after each commit, and between each effect and its record), 1 recovery:",
    ]
    assert "FAIL 2 payments" in lines[5]
    assert lines[-1] == "1 failure.   6.2 s"


def test_what_else_there_is_to_say() -> None:
    odd = Failure(
        kind=Kind.ORDER,
        node="",
        title="The outcome depends on what is ready first.",
        how="`a` is 1",
        details=("`a` is 1", "`b` is 2"),
        points=(),
        mend=("see to it",),
        source=None,
        times=1,
        trials=1,
        every_time=False,
        order=2,
    )
    lines = tell(report(odd, simulated=True, has_probe=False, notes=("so it is",), orders=4), repeat)
    assert "  what     `b` is 2" in lines
    assert "  repeat   pectin" in lines
    assert any(line.startswith("  but ") for line in lines)
    assert lines[-4:-2] == ["note   so it is", "note   no probe: what bodies did outside of Pectin was not looked at"]
    assert "(before and after each commit" in lines[-2]
    assert ", 4 other orders of arrival:" in lines[-2]


def test_one_point_is_named() -> None:
    assert tell(report(points=("pay:after-body",), crashes=1), repeat)[-2] == "1 crash (pay:after-body), 1 recovery:"


def test_without_a_probe_nothing_is_said_of_the_outside_world() -> None:
    assert tell(report(has_probe=False), repeat)[-1] == "nothing lost, and the same end every time.   6.2 s"
