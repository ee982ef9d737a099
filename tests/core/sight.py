"""The second account of state: who has seen which patch, and what comes of patches, by the simplest means.

Every patch of a history is kept, and for every activation all those that it had to wait for. Reducers are written
anew here, for the values that the draws make.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pectin.core.definition import Json, Reducer
from pectin.core.event import LoopEnded, LoopRepeated, NodeCompleted, Route

Sight = frozenset[int]


class SightBook:
    """Patches, and what arrives where. `fired` counts the edges still to come to joins that fired early, which are
    dropped; `state` is the fold of all patches."""

    def __init__(self) -> None:
        self.state: dict[str, Json] = {}
        self.fired: dict[str, int] = {}
        self.arriving: defaultdict[str, set[int]] = defaultdict(set)
        self.held: defaultdict[str, set[int]] = defaultdict(set)
        self._first: dict[str, Json] = {}
        self._patches: list[NodeCompleted] = []
        self._sight: dict[str, Sight] = {}
        self._fired_in: dict[str, str | None] = {}

    def begin(self, state: Mapping[str, Json]) -> None:
        """From here on: nobody has seen anything but this."""
        self._first, self.state = dict(state), dict(state)
        self._patches.clear()
        self._sight.clear()
        self.forget_ways()

    def forget_ways(self) -> None:
        self.arriving.clear()
        self.held.clear()
        self.fired.clear()

    def enter(self, name: str, parent: str | None = None) -> None:
        self._sight[name] = self._sight[parent] if parent is not None else frozenset(self.arriving.pop(name, ()))

    def view(self, name: str) -> dict[str, Json]:
        """The state before an activation: the input, and the patches of all that it had to wait for."""
        state = dict(self._first)
        for index in sorted(self._sight[name]):
            _apply(state, self._patches[index])
        return state

    def write(self, event: NodeCompleted) -> None:
        """Nobody overwrites what he has not seen."""
        rival = self.find_rival(event.activation, event.patch, event.unset, event.reduced)
        assert rival is None, f"{event.activation} overwrites {rival}, which it has not seen"
        if event.patch or event.unset:
            _apply(self.state, event)
            self._patches.append(event)
            self._sight[event.activation] |= {len(self._patches) - 1}

    def find_rival(
        self, name: str, patch: Mapping[str, Json], unset: tuple[str, ...], reduced: Mapping[str, Reducer]
    ) -> str | None:
        """Who wrote something else side by side with this."""
        changes = {**patch, **dict.fromkeys(unset, ...)}
        for index, other in enumerate(self._patches):
            if index in self._sight[name]:
                continue
            others = {**other.patch, **dict.fromkeys(other.unset, ...)}
            for key in changes.keys() & others.keys():
                one, two = reduced.get(key), other.reduced.get(key)
                if one is two is Reducer.MERGE:
                    if _contradict(changes[key], others[key]):
                        return other.activation
                elif (one is None or two is None) and changes[key] != others[key]:
                    return other.activation
        return None

    def can_conflict(self, name: str, patch: Mapping[str, Json]) -> bool:
        """Whether somebody wrote one of these keys side by side, and otherwise."""
        sight = self._sight.get(name, frozenset(self.arriving.get(name, ())))
        others = [other for index, other in enumerate(self._patches) if index not in sight]
        return any(
            key in other.unset or other.patch.get(key, ...) not in (..., value)
            for key, value in patch.items()
            for other in others
        )

    def lead(self, name: str, route: Route, loop: str | None) -> None:
        self._lead(route, loop, self._sight[name])

    def fire(self, name: str, unresolved: int, loop: str | None) -> None:
        """A join fires, with edges still to come."""
        self.fired[name] = unresolved
        is_header = loop is not None and name == f"{loop}[1]"
        self._fired_in[name] = None if is_header else loop

    def repeat(self, event: LoopRepeated) -> None:
        self._check_fired(event.loop)
        self.arriving[f"{event.loop}[{event.iteration}]"] |= self.held[event.loop]

    def end_loop(self, event: LoopEnded) -> None:
        self._check_fired(event.loop)
        self._lead(event.route, event.outer, frozenset(self.held.pop(event.loop)))

    def check_over(self) -> None:
        """When all has settled nothing is on its way."""
        assert not self.arriving, f"{set(self.arriving)} were forgotten"
        assert not self.held, f"the loops {set(self.held)} were forgotten"
        assert not self.fired, f"edges to {set(self.fired)} were forgotten"

    def _check_fired(self, loop: str) -> None:
        left = [name for name in self.fired if self._fired_in[name] == loop]
        assert not left, f"edges to {left} were forgotten in the iteration that is over"

    def _lead(self, route: Route, loop: str | None, sight: Sight) -> None:
        if loop is not None:
            self.held[loop] |= sight
        for target in (*route.taken, *route.dead):
            if target not in self.fired:
                self.arriving[target] |= sight
                continue
            self.fired[target] -= 1
            if not self.fired[target]:
                del self.fired[target]


def _apply(state: dict[str, Json], event: NodeCompleted) -> None:
    for key, value in event.patch.items():
        reducer = event.reduced.get(key)
        state[key] = value if reducer is None or key not in state else _reduce(reducer, state[key], value)
    for key in event.unset:
        state.pop(key, None)


def _reduce(reducer: Reducer, value: Any, added: Any) -> Json:
    match reducer:
        case Reducer.APPEND:
            return [*value, *added]
        case Reducer.UNION:
            return sorted({*value, *added})
        case Reducer.ADD:
            return value + added if isinstance(value, int) else str(Decimal(value) + Decimal(added))
        case Reducer.MAX:
            return max(value, added)
        case Reducer.MIN:
            return min(value, added)
        case Reducer.MERGE:
            return _merge(value, added)


def _merge(value: Any, patch: dict[str, Any]) -> Json:
    merged: dict[str, Any] = {**value} if isinstance(value, dict) else {}
    for name, part in patch.items():
        merged[name] = _merge(merged.get(name), part) if type(part) is type(merged) else part
    return {name: part for name, part in merged.items() if part is not None}


def _contradict(one: Any, two: Any) -> bool:
    if type(one) is type(two) is dict:
        return any(_contradict(one[name], two[name]) for name in one.keys() & two.keys())
    return one != two
