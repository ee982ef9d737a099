"""Workflows to draw."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pectin.authoring.workflow import Workflow
from pectin.cli.document import Given
from pectin.cli.picture.chart import Chart, chart_of
from pectin.cli.source import load_workflows
from pectin.core.definition import END, Child, Definition, Each, Edge, Join, Node, RunOn, Trigger, WorkflowLimits
from pectin.core.program import Program
from pectin.core.schema import Bool, Field, Integer, List, Object
from pectin.nodes import bind

ROOT = Path(__file__).parents[3]
EXAMPLES = ("chase", "letters", "parcel", "payouts", "quotes", "refund", "release_notes", "rollout", "trip")

STATE = Object({"ok": Field(Bool()), "n": Field(Integer()), "items": Field(List(Integer()))})


@cache
def example(name: str) -> dict[str, Chart]:
    """The charts of an example's workflows, by their ids."""
    workflows: dict[str, Workflow[object]] = load_workflows(Given(str(ROOT / "examples" / f"{name}.py"), None))
    return {workflow.id: chart_of(workflow.build().program) for workflow in workflows.values()}


def step(name: str) -> Node:
    return Node(name, "python_fn", {"function": name})


def every_kind() -> Program:
    """A workflow with everything in it that can be drawn."""
    nodes = (
        step("look"),
        step("write"),
        Node("check", "condition", {"branches": [{"when": "state.ok", "to": "again"}], "default": "score"}),
        step("again"),
        Node("score", "parallel", each=Each("state.items", "one", 2)),
        step("one"),
        Node("review", "human_approval", {"prompt": "Go on?", "deadline_ms": 3_600_000}),
        Node("ship", "subgraph", child=Child("ship_order", "2.0.0")),
        Node("arrive", "wait", {"event": "parcel", "correlation": "C", "signal": "go"}),
        Node("meet", "join", join=Join(("ship", "arrive"), at_least=1)),
        step("too_long"),
        step("explain"),
        Node("stop", "limit_exceeded", {"message": "enough"}),
        Node("tidy", "finalizer", {"function": "tidy"}, run_on=RunOn.ALWAYS),
        Node("thank", "finalizer", {"function": "thank"}, run_on=RunOn.SUCCESS),
    )
    edges = (
        Edge("look", "write"),
        Edge("look", END, Trigger.ERROR, "error.type == 'OSError'"),
        Edge("write", "check"),
        Edge("check", "again"),
        Edge("check", "score"),
        Edge("again", "write", Trigger.REPEAT, "!state.ok", 3),
        Edge("write", "too_long", Trigger.LIMIT),
        Edge("score", "review"),
        Edge("review", "ship", Trigger.WHEN, "output.decision == 'approved'"),
        Edge("review", "arrive", Trigger.WHEN, "output.decision == 'rejected'"),
        Edge("review", "arrive", Trigger.WHEN, "output.decision == 'timeout'"),
        Edge("ship", "meet"),
        Edge("arrive", "meet"),
        Edge("explain", "stop"),
    )
    limits = WorkflowLimits(on_limit="explain")
    return bind(Definition("all", "1.0.0", STATE, "look", nodes, edges, limits=limits))
