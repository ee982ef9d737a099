"""Slips in where edges lead, how loops go round, and when joins fire."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from pectin.core.decide.turn import Turn
from pectin.core.event import LoopRepeated, NodeSkipped, Route
from pectin.core.evolve import FOLDS
from pectin.core.graph import Loop
from pectin.core.state import Arrivals, Run
from tests.core.bugs.plant import before, nothing

ENTER: Any = import_module("pectin.core.decide.enter")
ROUTE: Any = import_module("pectin.core.decide.route")
SETTLE: Any = import_module("pectin.core.decide.settle")
EDGE_FOLD: Any = import_module("pectin.core.evolve.edge")


def first_arrival_enters(patch: pytest.MonkeyPatch) -> None:
    def look_at(turn: Turn, name: str) -> None:
        if name in turn.run.arrivals and turn.run.arrivals[name].taken:
            ENTER.enter(turn, name)

    patch.setattr(ENTER, "_look_at", look_at)


def entered_again(patch: pytest.MonkeyPatch) -> None:
    real = ENTER._look_at

    def look_at(turn: Turn, name: str) -> None:
        if name in turn.run.arrivals:
            real(turn, name)
        else:
            ENTER.enter(turn, name)

    patch.setattr(ENTER, "_look_at", look_at)


def dead_end(patch: pytest.MonkeyPatch) -> None:
    def skip(turn: Turn, name: str) -> None:
        loop = ROUTE.loop_of(turn, name)
        turn.emit(NodeSkipped(at=turn.at, activation=name, loop=loop, route=Route()))
        ROUTE.follow(turn, Route(), loop)

    patch.setattr(ENTER, "skip", skip)


def exits_remembered(patch: pytest.MonkeyPatch) -> None:
    real = FOLDS[LoopRepeated]

    def repeat(run: Run, event: LoopRepeated) -> None:
        exits = run.loops[event.loop].exits
        real(run, event)
        run.loops[event.loop].exits.extend(exits)

    patch.setitem(FOLDS, LoopRepeated, repeat)


def exit_swallowed(patch: pytest.MonkeyPatch) -> None:
    before(patch, ROUTE, "_end_loop", lambda turn, name, outside: turn.run.loops[name].exits.clear())


def one_iteration_more(patch: pytest.MonkeyPatch) -> None:
    def limit(turn: Turn) -> int:
        return 99

    patch.setattr(ROUTE, "_iterations_max", limit)
    real = Loop.__getattribute__

    def get(self: Loop, name: str) -> Any:
        found = real(self, name)
        return found + 1 if name == "max_iterations" and found else found

    patch.setattr(Loop, "__getattribute__", get)


def limit_takes_the_exits_too(patch: pytest.MonkeyPatch) -> None:
    real = ROUTE._end_loop

    def end(turn: Turn, name: str, outside: tuple[int, ...], *, by_limit: bool = False) -> None:
        emit = turn.emit
        patched = ROUTE.Ways.add
        try:
            if by_limit:
                ROUTE.Ways.add = lambda ways, target, taken, **named: patched(ways, target, True, **named)
            real(turn, name, outside, by_limit=by_limit)
        finally:
            ROUTE.Ways.add = patched
        assert turn.emit == emit

    patch.setattr(ROUTE, "_end_loop", end)


def header_forgets_arrivals(patch: pytest.MonkeyPatch) -> None:
    before(patch, FOLDS, LoopRepeated, lambda run, event: run.loops[event.loop].entry.collected.clear())


def late_edge_counted(patch: pytest.MonkeyPatch) -> None:
    before(patch, EDGE_FOLD, "resolve", lambda run, route, loop, seen: run.fired.clear())


def fires_twice(patch: pytest.MonkeyPatch) -> None:
    def drop(run: Run, join: str) -> None:
        run.fired[join] -= 1
        if not run.fired[join]:
            del run.fired[join]
            run.arrivals[join] = Arrivals(9, 1)

    patch.setattr(EDGE_FOLD, "_drop", drop)


def feeder_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SETTLE, "cancel_feeders", nothing)


def feeder_begins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ENTER, "is_unwanted", lambda turn, name: False)
