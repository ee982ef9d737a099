"""Views and conflicts, on writes put there by hand."""

from pectin.core.causal import UNSET, find_conflict, forget, seen_on_entry, view, write
from pectin.core.state import NOTHING, Activation, Arrivals, KeyWrites, LoopState, Run, Write
from pectin.core.status import NodeStatus


def together(*names: str) -> Run:
    """A run with these activations alive and `x` = 0."""
    return Run(data={"x": 0}, activations={name: Activation(name, name, NodeStatus.RUNNING, 0) for name in names})


def test_alone_a_write_is_not_kept() -> None:
    run = together("a")
    assert write(run, "a", NOTHING, {"x": 1}) == NOTHING
    assert (run.data, run.writes) == ({"x": 1}, {})
    assert view(run, NOTHING) is run.data


def test_a_writer_sees_its_write_and_the_others_the_state_before_it() -> None:
    run = together("a", "b")
    seen = write(run, "a", NOTHING, {"x": 1, "new": 2})
    assert view(run, seen) == {"x": 1, "new": 2}
    assert view(run, NOTHING) == {"x": 0}
    assert run.data == {"x": 1, "new": 2}


def test_what_is_awaited_but_not_entered_counts_as_alive() -> None:
    run = together("a")
    run.arrivals["b"] = Arrivals()
    assert write(run, "a", NOTHING, {"x": 1}) != NOTHING


def test_a_removal_is_a_write() -> None:
    run = together("a", "b")
    seen = write(run, "a", NOTHING, {}, ("x",))
    assert view(run, seen) == {}
    assert view(run, NOTHING) == {"x": 0}
    assert find_conflict(run, NOTHING, {}, ("x",)) is None
    assert find_conflict(run, NOTHING, {"x": None}) == ("x", "a")


def test_the_latest_of_the_writes_that_one_has_seen_counts() -> None:
    run = together("a", "b")
    first = write(run, "a", NOTHING, {"x": 1})
    write(run, "b", first, {"x": 2})
    assert view(run, first) == {"x": 1}


def test_a_conflict_is_a_different_value_that_one_has_not_seen() -> None:
    run = together("a", "b", "c")
    seen = write(run, "a", NOTHING, {"x": 1})
    assert find_conflict(run, seen, {"x": 2}) is None
    assert find_conflict(run, NOTHING, {"x": 1}) is None
    assert find_conflict(run, NOTHING, {"y": 2}) is None
    assert find_conflict(run, NOTHING, {"x": 2}) == ("x", "a")
    assert find_conflict(run, NOTHING, {"x": 1.0}) == ("x", "a"), "1 and 1.0 are different values"


def test_every_unseen_writer_counts_and_not_the_last_one_only() -> None:
    run = together("a", "b", "c")
    seen = write(run, "b", NOTHING, {"x": 1})
    write(run, "a", seen, {"x": 5})
    assert not run.writes["x"].uniform
    assert find_conflict(run, NOTHING, {"x": 5}) == ("x", "b")
    assert find_conflict(run, NOTHING, {"x": 1}) == ("x", "a")
    assert find_conflict(run, NOTHING, {"x": 7}) == ("x", "a"), "the first by name"


def test_the_first_key_by_name_is_reported() -> None:
    run = together("a", "b")
    write(run, "a", NOTHING, {"z": 1, "x": 1})
    assert find_conflict(run, NOTHING, {"z": 2, "x": 2}) == ("x", "a")


def test_writes_that_the_only_one_alive_has_seen_are_forgotten() -> None:
    run = Run(writes={"x": KeyWrites(0, [Write(1, "a", 1)]), "y": KeyWrites(UNSET, [Write(2, "b", 1)])})
    run.loops["h"] = LoopState("h", Arrivals(), seen={1, 2})
    assert forget(run, frozenset({1})) == {1}
    assert list(run.writes) == ["y"]
    assert forget(run, frozenset({1, 2})) == NOTHING
    assert run.writes == {}
    assert run.loops["h"].seen == set()


def test_on_entry_one_has_seen_what_arrives() -> None:
    run = Run(arrivals={"b": Arrivals(1, 1, {3})})
    assert seen_on_entry(run, "b") == {3}
    assert seen_on_entry(run, "a") == NOTHING
