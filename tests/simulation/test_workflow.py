"""Drawn workflows run, and what they come to depends on nothing but the draw."""

from __future__ import annotations

import pytest

from pectin.core.problem import DefinitionError
from pectin.nodes import bind
from pectin.ports.context import Context
from pectin.ports.function import Result
from pectin.testing.simulate.campaign import quiet
from tests.core.chance import random_definition
from tests.simulation.outside import Outside
from tests.simulation.smaller import leave_out
from tests.simulation.trial import make_trial

GRAPHS = 200
ORDERS = (1, 2)


def test_two_orders_of_a_calm_run_end_alike() -> None:
    seen: set[object] = set()
    compared = governed = 0
    with quiet():
        for graph in range(GRAPHS):
            trials = [make_trial(graph, order) for order in ORDERS]
            one, other = (trial.judge() for trial in trials)
            governed += bool(trials[0].verified)
            assert one == other, f"graph {graph} depends on the order"
            seen.add(repr(one))
            compared += bool(one)
    assert compared > GRAPHS / 2
    assert governed > GRAPHS / 10
    assert len(seen) > GRAPHS / 2, "they come to different things"


def test_what_time_may_decide_ends_too() -> None:
    with quiet():
        for graph in range(GRAPHS // 4):
            make_trial(graph, calm=False).judge()


# -- smaller ones -------------------------------------------------------------------------------------------


def test_without_a_node_there_is_less_and_often_it_can_run() -> None:
    runs = 0
    for seed in range(10):
        definition = random_definition(seed)
        for node in definition.nodes[1:]:
            smaller = leave_out(definition, frozenset({node.id}))
            assert len(smaller.nodes) < len(definition.nodes)
            try:
                bind(smaller)
            except DefinitionError:
                continue
            runs += 1
    assert runs > 50


def test_without_a_node_what_follows_it_alone_is_gone() -> None:
    names = [node.id for node in random_definition(0).nodes]
    assert leave_out(random_definition(0), frozenset()) == random_definition(0)
    assert {node.id for node in leave_out(random_definition(0), frozenset(names[1:])).nodes} == {names[0]}


# -- the outside --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [False, True])
def test_what_somebody_was_told_never_happens_does_not(asked: bool) -> None:
    outside, context = Outside(), Context(key="k", attempt=2)
    if asked:
        assert outside.ask("k", 2) is None
    assert outside.do(context, Result({"n": 1})) is not asked
    assert (outside.ask("k", 2) is None) is asked
