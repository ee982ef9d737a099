"""Slips in what needs an approval, and in what counts as one."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from typing import Any

import pytest

from pectin.core.decide.turn import Turn
from pectin.core.definition import Json, Trigger
from pectin.core.event import LoopRepeated, Route
from pectin.core.evolve import FOLDS
from pectin.core.state import LoopState, Run
from tests.core.bugs.plant import after

CHECK: Any = import_module("pectin.core.validate.gate")
EDGE_FOLD: Any = import_module("pectin.core.evolve.edge")
ENTER: Any = import_module("pectin.core.decide.enter")
ROUTE: Any = import_module("pectin.core.decide.route")


def nobody_is_refused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(ENTER, "refuse_unapproved", lambda turn, name: False)


def approval_outlives_what_acts(patch: pytest.MonkeyPatch) -> None:
    def edges(turn: Turn, name: str, output: Json = None) -> Collection[int]:
        standing = turn.run.activations.get(name) or turn.run.arrivals.get(name)
        everything = range(len(turn.program.definition.edges))
        return everything if standing is not None and standing.approved else real(turn, name, output)

    real = ROUTE.approved_edges
    patch.setattr(ROUTE, "approved_edges", edges)


def one_approved_way_is_enough(patch: pytest.MonkeyPatch) -> None:
    real = EDGE_FOLD._resolve_one

    def resolve(run: Run, target: str, taken: int, seen: Any, approved: bool = False) -> None:
        before = target in run.arrivals and run.arrivals[target].approved
        real(run, target, taken, seen, approved)
        if before and target in run.arrivals:
            run.arrivals[target].approved = True

    patch.setattr(EDGE_FOLD, "_resolve_one", resolve)


def next_iteration_is_approved(patch: pytest.MonkeyPatch) -> None:
    def approve(run: Run, event: LoopRepeated) -> None:
        run.arrivals[f"{event.loop}[{event.iteration}]"].approved = True

    after(patch, FOLDS, LoopRepeated, approve)


def one_approved_exit_is_enough(patch: pytest.MonkeyPatch) -> None:
    def approve(state: LoopState, route: Route) -> None:
        state.approved = sorted({*state.approved, *route.approved})

    patch.setattr(EDGE_FOLD, "_approve", approve)


def _passed_over(patch: pytest.MonkeyPatch, trigger: Trigger) -> None:
    real = CHECK._find_approved

    def find(edges: Any, decisions: Any, conditions: Any) -> list[int]:
        return [*real(edges, decisions, conditions), *(i for i, edge in enumerate(edges) if edge.trigger is trigger)]

    patch.setattr(CHECK, "_find_approved", find)


def failures_passed_over(patch: pytest.MonkeyPatch) -> None:
    _passed_over(patch, Trigger.ERROR)


def repeats_passed_over(patch: pytest.MonkeyPatch) -> None:
    _passed_over(patch, Trigger.REPEAT)


def limits_passed_over(patch: pytest.MonkeyPatch) -> None:
    _passed_over(patch, Trigger.LIMIT)


def any_decision_approves(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(CHECK, "holds_by", lambda condition, decision: False)
