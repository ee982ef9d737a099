"""What a decision makes of a condition."""

from __future__ import annotations

import pytest

from pectin.core.validate.decision import holds_by

SETTLED = {
    "output.decision == 'approved'": True,
    "'approved' == output.decision": True,
    'output["decision"] == "approved"': True,
    "output.decision != 'rejected'": True,
    "output.decision == 'rejected'": False,
    "output.decision in ['later', 'approved']": True,
    "output.decision in ['later', 'rejected']": False,
    "!(output.decision == 'approved')": False,
    "output.decision == 'approved' || state.x > 1": True,
    "state.x > 1 && output.decision == 'rejected'": False,
    "output.decision == 'approved' ? true : state.x > 1": True,
    "state.x > 1 ? output.decision == 'rejected' : false": False,
    "true": True,
}

OPEN = (
    "state.x > 1",
    "output.by == 'approved'",
    "state.decision == 'approved'",
    "output.decision == state.wanted",
    "output.decision in state.wanted",
    "output.decision in ['approved', state.wanted]",
    "output.decision == 'approved' && state.x > 1",
    "output.decision == 'rejected' || state.x > 1",
    "!(state.x > 1)",
    "!has(state.x)",
    "state.x > 1 ? true : output.decision == 'rejected'",
    "output.decision.startsWith('app')",
)


@pytest.mark.parametrize("source", SETTLED)
def test_what_the_decision_alone_settles(source: str) -> None:
    assert holds_by(source, "approved") is SETTLED[source]


@pytest.mark.parametrize("source", OPEN)
def test_what_something_else_has_a_say_in(source: str) -> None:
    assert holds_by(source, "approved") is None
