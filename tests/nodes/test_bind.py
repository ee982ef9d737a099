"""What `bind` makes of a definition, and what it refuses."""

from __future__ import annotations

import pytest

from pectin.core.definition import END, Edge, Effect, Place
from pectin.core.problem import DefinitionError
from pectin.core.retry import PRESETS
from pectin.nodes import KINDS, LATER, bind, examine
from tests.definitions import approval, collect, define, fn, node, otherwise, when


def test_a_program_has_all_that_runs() -> None:
    definition = define(fn("a"), fn("b"), when("a", "b", "state.done"), otherwise("a", END))
    program = bind(definition)
    assert program.definition is definition
    assert program.nodes.keys() == program.enter.keys() == {"a", "b"}
    assert program.conditions.keys() == {0}
    assert program.graph.start == "a"
    assert len(program.hash) == 64


def test_all_problems_are_raised_in_the_order_of_their_places() -> None:
    definition = define(fn("a"), node("ask", "a2a_task"), Edge("a", "ask"), when("a", END, "state.rsik == 'high'"))
    places = {("node", "ask"): Place("refund.py", 24), ("edge", "1"): Place("refund.py", 9)}
    listed = ", ".join(f"`{kind.NAME}`" for kind in KINDS)
    with pytest.raises(DefinitionError) as error:
        bind(definition, places)
    assert str(error.value) == (
        "refund.py:9: a → end: `state` has no field `rsik`\n"
        "    state.rsik == 'high'\n"
        "          ^^^^  did you mean `risk`?\n"
        f"refund.py:24: node `ask`: kind `a2a_task` is not there yet; there are {listed}"
    )


def test_warnings_are_told_and_stop_nothing() -> None:
    definition = define(fn("a"), collect("all", "a"), Edge("a", "all"))
    assert [problem.code for problem in examine(definition)] == ["W001"]
    assert bind(definition).nodes.keys() == {"a", "all"}


def test_no_kind_stands_twice() -> None:
    names = [kind.NAME for kind in KINDS]
    assert len({*names, *LATER}) == len(names) + len(LATER)


def test_the_refund_can_be_bound() -> None:
    ways = [
        when("review", target, f"output.decision == '{decision}'")
        for decision, target in (("approved", "pay"), ("rejected", END), ("timeout", END))
    ]
    definition = define(
        fn("look_up", effect=Effect.IDEMPOTENT, retry=PRESETS["io_default"], timeout_ms=30_000),
        fn("assess"),
        approval("review", prompt="Refund {{ state.amount }} for {{ state.order }}?", deadline_ms=259_200_000),
        fn("pay", effect=Effect.KEYED),
        Edge("look_up", "assess"),
        when("assess", "review", "state.risk == 'high'"),
        otherwise("assess", "pay"),
        *ways,
    )
    assert examine(definition) == []
    assert bind(definition).graph.indegree == {"look_up": 0, "assess": 1, "review": 1, "pay": 2}
