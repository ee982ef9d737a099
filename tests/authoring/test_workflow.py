"""The builder, on the files that users write."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from pectin.authoring.workflow import Workflow
from pectin.core.definition import Trigger
from pectin.core.problem import DefinitionError
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig
from pectin.ports.context import Context
from tests.authoring.orders import Order, new_workflow

SAMPLE = (Path(__file__).parents[1] / "typing/sample.md").read_text(encoding="utf-8")


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of the typing sample, run."""
    found = re.search(rf"^## {name}\.py\n\n```python\n(.*?)^```$", SAMPLE, re.MULTILINE | re.DOTALL)
    assert found is not None
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(found[1], f"{name}.py", "exec"), vars(module))
    return module


def keep(state: Order) -> Order:
    return state


async def test_the_readmes_sample_builds_and_its_functions_can_be_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = load("refund", monkeypatch)
    definition = sample.refund.build().definition
    assert [node.id for node in definition.nodes] == ["look_up", "assess", "pay", "review"]
    assert [(edge.source, edge.target, edge.trigger) for edge in definition.edges] == [
        ("look_up", "assess", Trigger.ALWAYS),
        ("assess", "review", Trigger.WHEN),
        ("assess", "pay", Trigger.OTHERWISE),
        ("review", "pay", Trigger.WHEN),
        ("review", "end", Trigger.WHEN),
        ("review", "end", Trigger.WHEN),
    ]
    assert sample.assess(sample.Refund(order="A-1", amount=Decimal(1299))).risk == "high"
    assert (await sample.pay(sample.Refund(order="A-1"), Context(key="k"))).receipt == "paid 0, k"


def test_every_kind_of_node_and_of_state_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {node.kind for node in load("notes", monkeypatch).notes.build().definition.nodes}
    assert kinds == {"python_fn", "parallel", "join", "condition", "wait", "finalizer"}
    others = load("others", monkeypatch)
    assert others.orders.build().definition.start == "assess"
    assert others.loose.build().definition.state.open


def test_a_function_may_serve_twice() -> None:
    wf = new_workflow()
    one = wf.node(keep)
    two = wf.node(one, name="again")
    one.then(two)
    assert list(wf.build().functions) == ["keep", "again"]


def test_the_start_may_be_named() -> None:
    wf = new_workflow()
    one, two = wf.node(keep, name="one"), wf.node(keep, name="two")
    one.then(two)
    two.repeat(one, when="state.risk == 'low'", max_iterations=3)
    assert wf.build().definition.start == "one"
    wf.start(one)
    assert wf.build().definition.start == "one"


def test_what_is_said_of_the_whole_is_in_the_definition() -> None:
    timeouts = TimeoutConfig(node_timeout_ms=5)
    wf = Workflow("w", version="1.0.0", state=Order, name="W", description="All of it", timeouts=timeouts)
    wf.node(keep)
    definition = wf.build().definition
    assert (wf.id, wf.version) == (definition.id, definition.version) == ("w", "1.0.0")
    assert (definition.name, definition.description, definition.timeouts) == ("W", "All of it", timeouts)


def test_a_workflow_can_be_built_again_after_more_was_said() -> None:
    wf = new_workflow()
    one = wf.node(keep)
    first = wf.build()
    one.then(wf.wait("pause", until="'2026-11-26T09:14:00Z'"))
    assert len(wf.build().definition.nodes) == len(first.definition.nodes) + 1


def test_a_default_deadline_is_a_deadline() -> None:
    wf = Workflow("w", version="1.0.0", state=Order, timeouts=TimeoutConfig(approval_timeout_ms=1000))
    wf.approval("review", "Refund?").on(approved="end", rejected="end", timeout="end")
    assert len(wf.build().definition.edges) == 3


@pytest.mark.parametrize("session_type", [kind for kind in SessionType if kind is not SessionType.RESUMABLE])
def test_a_session_type_of_later_is_refused(session_type: SessionType) -> None:
    wf = Workflow("w", version="1.0.0", state=Order, session_type=session_type)
    wf.node(keep)
    with pytest.raises(DefinitionError, match="not there yet"):
        wf.build()


@pytest.mark.parametrize("call", ["subgraph", "on_limit", "on_budget_exceeded"])
def test_there_is_no_stub_of_what_is_not_there_yet(call: str) -> None:
    assert not hasattr(new_workflow(), call)


def test_an_unknown_option_is_refused_at_once() -> None:
    wf: Any = new_workflow()
    with pytest.raises(TypeError, match="timeuot"):
        wf.node(keep, timeuot="3s")
