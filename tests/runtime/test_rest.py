"""What has come to rest: nothing of it goes on by itself in the near future."""

from __future__ import annotations

import pytest

import pectin
from pectin import ExecutionWaiting, Workflow
from pectin.core.state import Activation, Hold, Run, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus
from pectin.runtime.rest import is_at_rest
from tests.runtime.sample import ZERO, Count


def test_what_is_at_rest() -> None:
    waits = Activation("a", "a", NodeStatus.RUNNING, 0, waiting=Waiting(0, 90_000))
    asleep = Run(status=WorkflowStatus.PAUSED, activations={"a": waits}, due={"a": 90_000}, waits=1)
    assert is_at_rest(asleep, 0)
    assert not is_at_rest(asleep, 60_000), "that is soon"
    assert not is_at_rest(Run(status=WorkflowStatus.RUNNING, ready={"a": None}, busy=1), 0)
    assert not is_at_rest(Run(status=WorkflowStatus.RUNNING, backoff={"a": 10**9}, busy=1), 0)
    assert is_at_rest(Run(status=WorkflowStatus.RUNNING, quarantined={"a": 0}, busy=1), 0)
    assert is_at_rest(Run(status=WorkflowStatus.PAUSED, ready={"a": None}, busy=1, hold=Hold(0)), 0)
    assert not is_at_rest(Run(status=WorkflowStatus.PAUSED, wall=10_000), 0), "its time is up soon"
    assert is_at_rest(Run(status=WorkflowStatus.COMPLETED), 0)


def test_a_script_does_not_wait_for_a_child_that_waits() -> None:
    inner: Workflow[Count] = Workflow("inner", version="1.0.0", state=Count)
    inner.wait("signal", signal="go")
    outer: Workflow[Count] = Workflow("outer", version="1.0.0", state=Count)
    outer.subgraph("child", inner, input={"n": "state.n"})
    with pytest.raises(ExecutionWaiting, match="waits for a child: `child`"):
        pectin.run(outer, ZERO, store="memory:")
