"""The dice: a throw depends on the seed, the fault and its number, and on nothing else."""

import pytest

from pectin.core.error import BadValue
from pectin.testing.simulate.fault import CHANGING, Dice, Fault, Throw, read_faults


def thrown(dice: Dice, fault: Fault, times: int = 300, chance: float = 0.1) -> list[bool]:
    return [dice.hits(fault, chance) for _ in range(times)]


def test_the_seed_says_what_happens() -> None:
    first, again, other = (thrown(Dice(seed, Fault), Fault.CRASH) for seed in (1, 1, 2))
    assert first == again != other


def test_the_chance_says_how_often() -> None:
    assert 200 < sum(thrown(Dice(1, Fault), Fault.CRASH, 3_000)) < 400
    assert sum(thrown(Dice(1, Fault), Fault.CRASH, 100, chance=0)) == 0
    assert sum(thrown(Dice(1, Fault), Fault.CRASH, 100, chance=1)) == 100


def test_throws_of_one_fault_don_t_depend_on_those_of_others() -> None:
    alone = thrown(Dice(1, Fault), Fault.CRASH)
    among = Dice(1, Fault)
    mixed: list[bool] = []
    for number in range(300):
        thrown(among, Fault.STOP, number % 3)
        mixed.append(among.hits(Fault.CRASH, 0.1))
    assert mixed == alone
    assert thrown(Dice(1, [Fault.CRASH]), Fault.CRASH) == alone
    assert thrown(Dice(1, Fault), Fault.STOP) != alone


def test_what_is_left_out_doesn_t_happen_and_the_others_stay() -> None:
    dice = Dice(1, Fault)
    thrown(dice, Fault.CRASH)
    _, *others = dice.happened
    without = Dice(1, Fault, only=others)
    thrown(without, Fault.CRASH)
    assert without.happened == others != []


def test_only_some_happen() -> None:
    dice = Dice(1, Fault)
    thrown(dice, Fault.CRASH)
    one = dice.happened[3]
    single = Dice(1, Fault, only=[one, Throw(Fault.CRASH, 100_000)])
    thrown(single, Fault.CRASH)
    assert single.happened == [one]
    assert not any(thrown(Dice(1, Fault, only=[]), Fault.CRASH))


def test_what_isn_t_among_the_kinds_doesn_t_happen() -> None:
    assert not any(thrown(Dice(1, [Fault.STOP]), Fault.CRASH))


def test_after_the_stop_nothing_happens() -> None:
    dice = Dice(1, Fault)
    assert dice.hits(Fault.CRASH, 1)
    dice.stop()
    assert not dice.hits(Fault.CRASH, 1)
    assert dice.happened == [Throw(Fault.CRASH, 0)]


@pytest.mark.parametrize("fault", Fault)
def test_a_throw_is_read_as_it_was_written(fault: Fault) -> None:
    throw = Throw(fault, 17)
    assert str(throw) == f"{fault.value}-17"
    assert Throw.parse(str(throw)) == throw


@pytest.mark.parametrize("text", ["", "crash", "crash-", "-1", "crash-x", "crsh-1", "crash--1", "1-crash"])
def test_what_is_no_throw_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match=r"^only: .* is no fault; write a fault and which time it is: crash-0$"):
        Throw.parse(text)


def test_faults_are_read_by_name() -> None:
    assert read_faults(["crash", Fault.STOP]) == {Fault.CRASH, Fault.STOP}
    assert read_faults([]) == frozenset()


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["crsh"], r"^faults: 'crsh' is none; did you mean `crash`\?$"),
        ([3], r"^faults: 3 is none; it is one of crash, crash_in_body, "),
        ("crash", r"^faults: 'crash' is a text; write a list: \['crash'\]$"),
    ],
)
def test_unknown_faults_are_refused(names: list[str], complaint: str) -> None:
    with pytest.raises(BadValue, match=complaint):
        read_faults(names)


def test_a_crash_changes_no_outcome_and_a_failure_may() -> None:
    assert Fault.TOOL_ERROR in CHANGING
    assert CHANGING.isdisjoint({Fault.CRASH, Fault.ZOMBIE, Fault.LOST_REPLY, Fault.CONFLICTS, Fault.CLOCK_STEP})
