"""What can't be reached from simulated time is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from pectin import BadValue, HttpTool, Workflow, tool
from pectin.testing.crashtest import Case, Plan, try_crashes
from pectin.testing.simulate import simulate
from pectin.testing.stand_in import refuse_endpoints
from tests.runtime.sample import ZERO, Count


@tool(effect="keyed")
def up(*, n: int) -> int:
    return n + 1


def calling(given: Any) -> Workflow[Count]:
    workflow = Workflow("calling", version="1.0.0", state=Count)
    workflow.tool("up", given, input={"n": "state.n"}, output_key="n")
    return workflow


ENDPOINT = HttpTool(
    name="count.up",
    method="POST",
    url="https://api.example.com/",
    effect="keyed",
    output=int,
    input={"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
)


def test_an_endpoint_is_refused_wherever_time_is_simulated() -> None:
    with pytest.raises(BadValue, match=r"`calling` calls `count\.up` over HTTP, and nothing real answers"):
        refuse_endpoints([calling(ENDPOINT).build().definition])
    with pytest.raises(BadValue, match="over HTTP"):
        simulate(calling(ENDPOINT), ZERO, seeds=1)
    with pytest.raises(BadValue, match="over HTTP"):
        try_crashes(Case(calling(ENDPOINT), ZERO), Plan(simulate=True))


def test_a_function_is_simulated_as_any_other() -> None:
    refuse_endpoints([calling(up).build().definition])
    assert simulate(calling(up), ZERO, seeds=20).seeds == 20
