"""Views and conflicts, on writes put there by hand, and against a model that forgets nothing."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from pectin.core.causal import UNSET, after, check_sums, find_conflict, forget, seen_on_entry, view, write
from pectin.core.definition import Reducer
from pectin.core.reduce import ReduceError
from pectin.core.state import (
    NOTHING,
    Activation,
    Arrivals,
    KeyWrites,
    LoopState,
    Run,
    Write,
    decode_snapshot,
    encode_snapshot,
)
from pectin.core.status import NodeStatus
from tests.core.branches import REDUCERS, Patch, World, exact, random_patch, random_value, reduced_of

EFFORT = settings().max_examples


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


# -- reducers ---------------------------------------------------------------------------------------------------


def contribute(run: Run, name: str, seen: frozenset[int], patch: dict[str, Any]) -> frozenset[int]:
    return write(run, name, seen, patch, (), reduced_of(patch))


def test_alone_a_contribution_is_reduced_and_not_kept() -> None:
    run = together("a")
    assert contribute(run, "a", NOTHING, {"append": [1], "add": 2, "y": 3}) == NOTHING
    assert contribute(run, "a", NOTHING, {"append": [4], "add": 2, "y": 5}) == NOTHING
    assert (run.data, run.writes) == ({"x": 0, "append": [1, 4], "add": 4, "y": 5}, {})


def test_a_view_has_the_contributions_that_were_seen_in_commit_order() -> None:
    run = together("a", "b")
    run.data["append"] = [0]
    by_a = contribute(run, "a", NOTHING, {"append": [1]})
    by_b = contribute(run, "b", NOTHING, {"append": [2]})
    by_a = contribute(run, "a", by_a, {"append": [3]})
    assert view(run, NOTHING)["append"] == [0]
    assert view(run, by_a)["append"] == [0, 1, 3]
    assert view(run, by_b)["append"] == [0, 2]
    assert view(run, by_a | by_b)["append"] == run.data["append"] == [0, 1, 2, 3]


def test_a_list_that_somebody_holds_does_not_grow() -> None:
    run = together("a")
    patch = {"append": [1]}
    contribute(run, "a", NOTHING, patch)
    held = run.data["append"]
    contribute(run, "a", NOTHING, {"append": [2]})
    assert (patch, held, run.data["append"]) == ({"append": [1]}, [1], [1, 2])


def test_contributions_conflict_only_where_their_order_would_show() -> None:
    run = together("a", "b")
    seen = contribute(run, "a", NOTHING, {"append": [1], "add": 1, "max": 1, "min": 1, "union": [1], "merge": {"k": 1}})
    others: dict[str, Any] = {"append": [2], "add": 2, "max": 2, "min": 2, "union": [2], "merge": {"l": 2}}
    assert find_conflict(run, NOTHING, others, (), REDUCERS) is None
    assert find_conflict(run, NOTHING, {"merge": {"k": 1}}, (), REDUCERS) is None
    assert find_conflict(run, NOTHING, {"merge": {"k": 2}}, (), REDUCERS) == ("merge", "a")
    assert find_conflict(run, seen, {"merge": {"k": 2}}, (), REDUCERS) is None


def test_a_patch_conflicts_with_each_unseen_one_and_not_only_with_the_first() -> None:
    run = together("a", "b", "c")
    contribute(run, "b", NOTHING, {"merge": {"k": 1}})
    contribute(run, "a", NOTHING, {"merge": {"l": 1}})
    assert find_conflict(run, NOTHING, {"merge": {"l": 2}}, (), REDUCERS) == ("merge", "a")


def test_a_contribution_conflicts_with_a_removal_and_with_a_whole_value() -> None:
    run = together("a", "b", "c")
    contribute(run, "a", NOTHING, {"append": [1]})
    seen = write(run, "a", NOTHING, {"add": 5}, ("max",))
    assert find_conflict(run, NOTHING, {}, ("append",)) == ("append", "a")
    assert find_conflict(run, NOTHING, {"append": [1]}) == ("append", "a")
    assert find_conflict(run, NOTHING, {"add": 5}, (), REDUCERS) == ("add", "a")
    assert find_conflict(run, NOTHING, {"max": 5}, (), REDUCERS) == ("max", "a")
    assert find_conflict(run, seen, {"add": 5, "max": 5}, (), REDUCERS) is None


def test_what_is_added_after_a_removal_is_added_to_nothing() -> None:
    run = together("a", "b")
    run.data["append"] = [0]
    seen = write(run, "a", NOTHING, {}, ("append",))
    seen = contribute(run, "a", seen, {"append": [1]})
    assert (view(run, seen)["append"], view(run, NOTHING)["append"]) == ([1], [0])
    assert run.data["append"] == [1]


def test_a_writer_sees_its_own_patch() -> None:
    state = {"append": [1], "x": 1, "y": 2}
    assert after(state, {"append": [2], "x": 3}, ("y",), {"append": Reducer.APPEND}) == {"append": [1, 2], "x": 3}
    assert after(state, {"add": 3}, (), {"add": Reducer.ADD})["add"] == 3
    assert after(state, {}) is state
    assert state == {"append": [1], "x": 1, "y": 2}
    with pytest.raises(ReduceError, match="the value is 1"):
        after(state, {"x": [1]}, (), {"x": Reducer.UNION})


def test_a_sum_that_is_too_large_only_with_what_others_added() -> None:
    run = together("a", "b")
    contribute(run, "a", NOTHING, {"add": 2**63 - 1})
    assert after(view(run, NOTHING), {"add": 1}, (), {"add": Reducer.ADD})["add"] == 1
    with pytest.raises(ReduceError, match="64 bits"):
        check_sums(run, {"add": 1}, {"add": Reducer.ADD})
    check_sums(run, {"add": -1}, {"add": Reducer.ADD})


def test_a_long_branch_beside_a_waiting_one_keeps_few_contributions() -> None:
    run = together("a", "b", "c")
    sights = {"a": NOTHING, "b": NOTHING}
    for turn in range(200):
        for name in sights:
            patch: dict[str, Any] = {"add": 1, "max": turn, "union": [turn % 3], "merge": {name: turn % 5}}
            patch |= {"append": [turn]} if name == "a" else {}
            sights[name] = contribute(run, name, sights[name], patch)
            run.activations[name].seen = sights[name]
    assert {key: len(kept.writes) <= kept.room + 1 <= 40 for key, kept in run.writes.items()} == dict.fromkeys(
        ("add", "max", "union", "merge", "append"), True
    )
    assert view(run, sights["a"]) == {
        "x": 0,
        "add": 200,
        "max": 199,
        "union": [0, 1, 2],
        "merge": {"a": 4},
        "append": list(range(200)),
    }
    assert view(run, NOTHING) == {"x": 0}
    assert find_conflict(run, NOTHING, {"merge": {"a": 4}}, (), REDUCERS) == ("merge", "a")
    assert find_conflict(run, NOTHING, {"merge": {"c": 4}}, (), REDUCERS) is None


def merge_all(run: Run) -> None:
    for kept in run.writes.values():
        kept.room = 0


def test_merged_writes_of_different_values_conflict_with_each() -> None:
    run = together("a", "b")
    seen = NOTHING
    for value in (1, 2, 2, 2):
        merge_all(run)
        seen = run.activations["a"].seen = write(run, "a", seen, {"x": value})
    assert len(run.writes["x"].writes) == 2, "the last one is merged with the next"
    assert find_conflict(run, NOTHING, {"x": 2}) == ("x", "a")
    assert find_conflict(run, seen, {"x": 3}) is None


def test_a_removal_merged_with_what_was_added_after_it_conflicts_with_everything() -> None:
    run = together("a", "b")
    run.data["append"] = [0]
    seen = run.activations["a"].seen = write(run, "a", NOTHING, {}, ("append",))
    for item in (1, 2):
        seen = run.activations["a"].seen = contribute(run, "a", seen, {"append": [item]})
        merge_all(run)
    assert [(w.value, w.mixed, w.reducer) for w in run.writes["append"].writes[:1]] == [([1], True, None)]
    assert view(run, seen)["append"] == [1, 2]
    assert find_conflict(run, NOTHING, {"append": [1]}) == ("append", "a")
    assert find_conflict(run, NOTHING, {"append": [1]}, (), REDUCERS) == ("append", "a")
    assert find_conflict(run, NOTHING, {}, ("append",)) == ("append", "a")


def test_a_patch_is_not_merged_past_one_that_overwrote_it() -> None:
    """`first` and `second` have been seen by the same ones, and only `join` has seen what came between."""
    run = together("start", "other")
    first = contribute(run, "start", NOTHING, {"merge": {"k": 1}})
    between = contribute(run, "one", first, {"merge": {"k": 2}})
    second = contribute(run, "two", first, {"merge": {"l": 1}})
    run.activations = together("join", "beside").activations
    run.activations["join"].seen = between | second
    run.activations["beside"].seen = second
    merge_all(run)
    seen = contribute(run, "join", run.activations["join"].seen, {"merge": {"m": 1}})
    assert view(run, seen)["merge"] == run.data["merge"] == {"k": 2, "l": 1, "m": 1}
    assert view(run, run.activations["beside"].seen)["merge"] == {"k": 1, "l": 1}


# -- against a model that forgets nothing ------------------------------------------------------------------------


def play(world: World, random: Random) -> Counter[str]:
    """One random step after the other; what was done how often."""
    did: Counter[str] = Counter()
    for _ in range(40):
        names = sorted(world.run.activations)
        name = random.choice(names)
        step = random.choice(("write", "write", "write", "write", "fork", "join", "park", "reset", "store"))
        match step:
            case "fork" if len(names) < 5:
                world.fork(name)
            case "join" if len(names) > 1 and random.random() < 0.5:
                world.join(name, random.choice([other for other in names if other != name]))
            case "park" if len(names) > 3:
                world.park(name)
            case "reset":  # a removal, or a whole value for a key with a reducer
                key = random.choice(list(REDUCERS))
                patch = {key: random.choice((UNSET, random_value(random, key, name)))}
                step = "reset" if world.write(name, patch, plain=True) else "conflict"
            case "store":
                world.run = decode_snapshot(encode_snapshot(world.run))
            case _:
                step = "write" if world.write(name, random_patch(random, name), plain=False) else "conflict"
        did[step] += 1
        world.check()
    return did


@pytest.mark.parametrize("is_eager", [True, False])
def test_views_and_conflicts_are_those_of_the_model(is_eager: bool) -> None:
    did: Counter[str] = Counter()
    for seed in range(3 * EFFORT):
        random = Random(seed)
        first = {key: random_value(random, key, "a") for key in REDUCERS if random.random() < 0.5}
        did += play(World({"x": 0, **first}, is_eager), random)
    assert all(did[step] > EFFORT for step in ("write", "fork", "join", "park", "reset", "store", "conflict")), did


def test_no_order_of_concurrent_branches_shows() -> None:
    """But in what they appended. Each branch sees the same in each order."""
    ends: Counter[bool] = Counter()
    for seed in range(3 * EFFORT):
        random = Random(seed)
        names = [f"b{index}" for index in range(random.randrange(2, 5))]
        scripts = {name: [random_patch(random, name) for _ in range(random.randrange(4))] for name in names}
        outcomes = {play_scripts(scripts, Random(order), is_eager=order > 2) for order in range(6)}
        assert len(outcomes) == 1, f"{seed}: {outcomes}"
        ends[None in outcomes] += 1
    assert min(ends[True], ends[False]) > EFFORT / 5, ends


def play_scripts(scripts: dict[str, list[Patch]], random: Random, is_eager: bool) -> object:
    """Concurrent branches, each with its patches. None if there was a conflict."""
    world = World({"x": 0}, is_eager)
    del world.run.activations["a"], world.model.seen["a"]
    world.enter(list(scripts), NOTHING, frozenset())
    turns = [name for name, script in scripts.items() for _ in script]
    random.shuffle(turns)
    left = {name: iter(script) for name, script in scripts.items()}
    if not all(world.write(name, next(left[name]), plain=False) for name in turns):
        return None
    world.check()
    appended = sorted(world.run.data.pop("append", []))
    return exact([world.run.data, appended]), *(exact(world.model.state(world.model.seen[name])) for name in scripts)
