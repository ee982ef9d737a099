"""A second account of concurrent writes, which forgets and merges nothing, to hold `core.causal` against."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from pectin.core.causal import UNSET, after, changed, find_conflict, forget, seen_on_entry, view, write
from pectin.core.codec import canonical
from pectin.core.definition import Reducer
from pectin.core.reduce import clash, reduce, same
from pectin.core.state import Activation, Arrivals, Run
from pectin.core.status import NodeStatus

REDUCERS = {
    "append": Reducer.APPEND,
    "add": Reducer.ADD,
    "max": Reducer.MAX,
    "min": Reducer.MIN,
    "union": Reducer.UNION,
    "merge": Reducer.MERGE,
}

Patch = dict[str, Any]
"""Values by key; `UNSET` removes one. Keys that are named after a reducer hold contributions."""

Done = tuple[str, str, Any, bool]
"""A write: who, the key, the value, and whether it is a contribution."""


class Model:
    """All writes since the beginning, and for each branch all that it has seen of them."""

    def __init__(self, first: dict[str, Any]) -> None:
        self.first = first
        self.done: list[Done] = []
        self.seen: dict[str, frozenset[int]] = {}

    def state(self, seen: Iterable[int]) -> dict[str, Any]:
        state = dict(self.first)
        for index in sorted(seen):
            _, key, value, adds = self.done[index]
            if adds:
                state[key] = reduce(REDUCERS[key], state.get(key, UNSET), value)
            elif value is UNSET:
                state.pop(key, None)
            else:
                state[key] = value
        return state

    def rivals(self, name: str, key: str, value: Any, adds: bool) -> set[str]:
        unseen = [done for index, done in enumerate(self.done) if index not in self.seen[name] and done[1] == key]
        return {who for who, _, other, other_adds in unseen if not self.agree(key, (value, adds), (other, other_adds))}

    def agree(self, key: str, one: tuple[Any, bool], other: tuple[Any, bool]) -> bool:
        if one[1] and other[1]:
            return not clash(REDUCERS[key], one[0], other[0])
        if one[1] or other[1]:
            return False
        return one[0] is other[0] if UNSET in (one[0], other[0]) else same(one[0], other[0])

    def write(self, name: str, key: str, value: Any, adds: bool) -> None:
        self.done.append((name, key, value, adds))
        self.seen[name] |= {len(self.done) - 1}


class World:
    """A run and the model of it. `is_eager` merges writes whenever it can be done."""

    def __init__(self, first: dict[str, Any], is_eager: bool) -> None:
        self.run = Run(data=dict(first), activations={"a": Activation("a", "a", NodeStatus.RUNNING, 0)})
        self.model = Model(first)
        self.model.seen["a"] = frozenset()
        self.is_eager = is_eager
        self.count = 1

    def enter(self, names: list[str], seen: frozenset[int], all_seen: frozenset[int]) -> None:
        for name in names:
            self.run.activations[name] = Activation(name, name, NodeStatus.RUNNING, 0, seen=seen)
            self.model.seen[name] = all_seen
        if self.run.writes and len(self.run.activations) == 1 and not self.run.arrivals:
            self.run.activations[names[0]].seen = forget(self.run, seen)

    def new_name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def fork(self, name: str) -> None:
        """A branch ends and two begin."""
        ended = self.run.activations.pop(name)
        self.enter([self.new_name(), self.new_name()], ended.seen, self.model.seen.pop(name))

    def join(self, one: str, other: str) -> None:
        """Two branches end, the first of which waited for the second, and one begins."""
        first = self.run.activations.pop(one)
        joint = self.new_name()
        self.run.arrivals[joint] = Arrivals(1, 1, set(first.seen))
        second = self.run.activations.pop(other)
        self.run.arrivals[joint].seen |= second.seen
        seen = seen_on_entry(self.run, joint)
        del self.run.arrivals[joint]
        self.enter([joint], seen, self.model.seen.pop(one) | self.model.seen.pop(other))

    def park(self, name: str) -> None:
        """A branch ends, and what it leads to has to wait for more."""
        ended = self.run.activations.pop(name)
        self.run.arrivals[name] = Arrivals(1, 1, set(ended.seen))

    def write(self, name: str, patch: Patch, plain: bool) -> bool:
        """Whether there was no conflict. The branch goes on."""
        run, model = self.run, self.model
        unset = tuple(key for key, value in patch.items() if value is UNSET)
        given = {key: value for key, value in patch.items() if value is not UNSET}
        reduced = {} if plain else reduced_of(given)
        seen = run.activations[name].seen
        rivals = {key: model.rivals(name, key, value, key in reduced) for key, value in patch.items()}
        rivals = {key: found for key, found in rivals.items() if found}
        conflict = find_conflict(run, seen, given, unset, reduced)
        assert (conflict is None) == (not rivals), f"{conflict} against {rivals}"
        if conflict is not None:
            assert conflict[0] == min(rivals)
            assert conflict[1] in {who for who, *_ in model.done}
            return False
        expected = after(view(run, seen), given, unset, reduced)
        if self.is_eager:
            for kept in run.writes.values():
                kept.room = 0
        run.activations[name].seen = write(run, name, seen, given, unset, reduced)
        for key, value in changed(given, unset).items():
            model.write(name, key, value, key in reduced)
        assert exact(view(run, run.activations[name].seen)) == exact(expected)
        return True

    def check(self) -> None:
        for name, seen in self.model.seen.items():
            holder = self.run.activations.get(name) or self.run.arrivals[name]
            assert exact(view(self.run, frozenset(holder.seen))) == exact(self.model.state(seen))
        assert exact(self.run.data) == exact(self.model.state(range(len(self.model.done))))


def reduced_of(patch: dict[str, Any]) -> dict[str, Reducer]:
    return {key: REDUCERS[key] for key in patch if key in REDUCERS}


def exact(state: Any) -> bytes:
    return canonical(state)


# -- at random ---------------------------------------------------------------------------------------------------


def random_value(random: Random, key: str, name: str) -> Any:
    match key:
        case "append":
            return [random.randrange(10) for _ in range(random.randrange(3))]
        case "add":
            return random.choice((1, -2, "0.5", "1.50"))
        case "union":
            return random.sample((1, 1.0, "a", None, [1]), random.randrange(3))
        case "merge":
            return {random.choice((name, name, "shared")): random_tree(random)}
        case "max" | "min":
            return random.choice((1, 1.0, 2, "10", "9", "ab"))
        case _:
            return random.choice((1, 1, 1, 2, UNSET))


def random_tree(random: Random) -> Any:
    if random.random() < 0.5:
        return random.choice((None, 1, 1, 2))
    return {random.choice("kl"): random_tree(random) for _ in range(random.randrange(3))}


def random_patch(random: Random, name: str) -> Patch:
    keys = random.sample((*REDUCERS, "x", "own"), random.randrange(1, 4))
    return {f"{key}-{name}" if key == "own" else key: random_value(random, key, name) for key in keys}
