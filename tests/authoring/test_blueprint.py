"""What is said of an input."""

from __future__ import annotations

import pytest

from pectin.authoring.blueprint import BadInput
from tests.authoring.orders import Order, new_workflow, stored


def keep(state: Order) -> Order:
    return state


def test_an_input_is_completed_or_told_by_field() -> None:
    workflow = new_workflow()
    workflow.node(keep)
    blueprint = workflow.build()
    assert blueprint.complete({"id": "A"}) == stored()
    assert blueprint.complete(Order(id="A")) == stored()
    with pytest.raises(BadInput) as caught:
        blueprint.complete({"amount": "x"})
    assert str(caught.value) == (
        'the input of `orders` can\'t be used: id: is missing; amount: should be a decimal, got "x"'
    )
