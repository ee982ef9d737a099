"""Functions are found by workflow and name."""

import pytest

from pectin.authoring.registry import Registry
from pectin.authoring.workflow import Workflow
from pectin.core.problem import DefinitionError
from tests.authoring.orders import Order


def keep(state: Order) -> Order:
    return state


def build(id: str, name: str) -> Workflow[Order]:
    workflow = Workflow(id, version="1.0.0", state=Order)
    workflow.node(keep, name=name)
    return workflow


def test_a_function_is_found_in_its_workflow_only() -> None:
    blueprints = [build("one", "a").build(), build("two", "b").build()]
    registry = Registry(blueprints)
    assert registry.find("one", "a") is blueprints[0].functions["a"]
    assert registry.find("two", "b") is blueprints[1].functions["b"]
    assert registry.find("one", "b") is None
    assert registry.find("one", "os.system") is None


def test_two_workflows_of_one_id_are_refused() -> None:
    with pytest.raises(DefinitionError, match="two workflows are called `one`"):
        Registry([build("one", "a").build(), build("one", "b").build()])
