"""What a document says of a workflow as a whole."""

from __future__ import annotations

from pectin.authoring.document.header import HEADER
from pectin.authoring.document.reading import read_text
from pectin.authoring.draft import Header
from pectin.core.definition import OnFailure, Reducer, WorkflowLimits
from pectin.core.policy import Policy
from pectin.core.status import SessionType
from pectin.core.timeout import TimeoutConfig

TEXT = """\
workflow: w
version: "1.0.0"
name: N
description: |
  What it is
  for
labels: {team: payments}
session_type: stateless
state: {total: int = 0}
reducers: {total: add}
timeouts: {node_timeout: null, workflow_timeout: 1h, approval_timeout: PT5M, heartbeat_interval: 30}
on_failure: wait
stop_grace: 0
limits: {max_iterations: 5, wall_time: 2m, max_cost_usd: 2.50, input_tokens: 0, total_tokens: 7, on_limit: b}
policy: {blocked_tools: ["shell.*"]}
retention_days: 30
tools: {ping: {http: {method: GET, url: https://example.com}}}
start: a
nodes: {a: {tool: ping}, b: {run: f}}
"""


def test_all_of_it() -> None:
    draft = read_text(TEXT, "w.yaml")[0].draft
    assert draft.problems == []
    assert draft.header == Header(
        id="w",
        version="1.0.0",
        name="N",
        description="What it is\nfor\n",
        session_type=SessionType.STATELESS,
        timeouts=TimeoutConfig(node_timeout_ms=None, workflow_timeout_ms=3_600_000, approval_timeout_ms=300_000),
        reducers={"total": Reducer.ADD},
        on_failure=OnFailure.WAIT,
        stop_grace_ms=0,
        limits=WorkflowLimits(
            max_iterations=5, wall_time_ms=120_000, max_cost_usd="2.5", input_tokens=0, total_tokens=7
        ),
        policy=Policy(blocked_tools=["shell.*"]),
        retention_days=30,
        labels={"team": "payments"},
    )
    assert (draft.start, draft.on_limit) == ("a", "b")
    assert all(f"\n{key}:" in f"\n{TEXT}" for key in HEADER)


def test_what_is_not_said_is_as_in_python() -> None:
    draft = read_text("workflow: w\nversion: 1.0.0\non_failure: fail_fast\nnodes: {a: {run: f}}\n", "w.yaml")[0].draft
    assert draft.header == Header("w", "1.0.0")
    assert (draft.start, draft.on_limit, draft.state) == (None, None, dict)
