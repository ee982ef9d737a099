"""JamJet's `WorkflowIr` as data: the fields of its records, with their JSON names.

Of the node kinds these are the ones that Pectin runs.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Merge = Literal["collect", "first"]
Awaited = Literal["timer", "external_event", "either"]
Trigger = Literal["success", "failure", "always"]
ToolKind = Literal["python", "http", "grpc", "mcp"]


class PythonFn(msgspec.Struct, tag_field="type", tag="python_fn"):
    module: str
    function: str
    output_schema: str


class Branch(msgspec.Struct):
    """Without a condition it is taken if no other is."""

    target: str
    condition: str | None = None


class Condition(msgspec.Struct, tag_field="type", tag="condition"):
    branches: list[Branch]


class Parallel(msgspec.Struct, tag_field="type", tag="parallel"):
    branches: list[str]


class Join(msgspec.Struct, tag_field="type", tag="join"):
    wait_for: list[str]
    merge_strategy: Merge


class HumanApproval(msgspec.Struct, tag_field="type", tag="human_approval"):
    description: str
    timeout_secs: int | None = None
    fallback_node: str | None = None


class Wait(msgspec.Struct, tag_field="type", tag="wait"):
    condition: Awaited
    correlation_key: str | None = None
    timeout_secs: int | None = None


class Subgraph(msgspec.Struct, tag_field="type", tag="subgraph"):
    workflow_ref: str
    input_mapping: dict[str, str]
    output_mapping: dict[str, str]
    workflow_version: str | None = None


class Tool(msgspec.Struct, tag_field="type", tag="tool"):
    tool_ref: str
    input_mapping: dict[str, str]
    output_schema: str


class Finalizer(msgspec.Struct, tag_field="type", tag="finalizer"):
    tool_ref: str
    run_on: Trigger


class LimitExceeded(msgspec.Struct, tag_field="type", tag="limit_exceeded"):
    pass


Kind = PythonFn | Tool | Condition | Parallel | Join | HumanApproval | Wait | Subgraph | Finalizer | LimitExceeded

OTHER_KINDS: Final = (
    "model",
    "java_fn",
    "memory_retrieval",
    "policy",
    "agent",
    "mcp_tool",
    "a2a_task",
    "agent_discovery",
    "coordinator",
    "agent_tool",
    "eval",
)
"""Kinds of JamJet that are refused by name."""


class PolicySet(msgspec.Struct):
    """What may be called, by patterns over the names of tools."""

    blocked_tools: list[str] = []
    require_approval_for: list[str] = []
    model_allowlist: list[str] = []


class TokenBudget(msgspec.Struct):
    """How many tokens an execution may use. JamJet's are numbers of 32 bits."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None


class ToolConfig(msgspec.Struct):
    """A tool. `reference` is where it is: of a `python` one `module:function`, of an `http` one the URL. The schemas
    are texts."""

    kind: ToolKind
    reference: str
    input_schema: str | None = None
    output_schema: str | None = None
    permissions: list[str] = []


class NodeDef(msgspec.Struct):
    """A node; `kind` is one of `Kind`."""

    id: str
    kind: Kind
    retry_policy: str | None = None
    node_timeout_secs: int | None = None
    description: str | None = None
    labels: dict[str, str] = {}
    policy: PolicySet | None = None


class EdgeDef(msgspec.Struct, rename={"source": "from", "target": "to"}):
    """An edge; `end` is the end."""

    source: str
    target: str
    condition: str | None = None


class WorkflowIr(msgspec.Struct, kw_only=True):
    """A whole workflow. `retry_policies` and `timeouts` are in the form that `to_json` of their records gives."""

    workflow_id: str
    version: str
    name: str | None = None
    description: str | None = None
    state_schema: str
    start_node: str
    nodes: dict[str, NodeDef]
    edges: list[EdgeDef]
    retry_policies: dict[str, dict[str, object]]
    timeouts: dict[str, object] = {}
    models: dict[str, object] = {}
    tools: dict[str, ToolConfig] = {}
    mcp_servers: dict[str, object] = {}
    remote_agents: dict[str, object] = {}
    labels: dict[str, str] = {}
    policy: PolicySet | None = None
    token_budget: TokenBudget | None = None
    cost_budget_usd: int | float | None = None
    on_budget_exceeded: str | None = None


UNLESS_SAID: Final = ("policy", "token_budget", "cost_budget_usd", "on_budget_exceeded")
"""Fields of a workflow or a node that JamJet leaves out where they say nothing."""

TABLES: Final = ("models", "mcp_servers", "remote_agents")
"""What kinds of JamJet that aren't here refer to. They stand in every document, mostly empty."""

NOT_HERE: Final = ("continue_as_new", "data_policy")
"""Fields of a workflow or a node that are refused by name, unless they say nothing."""

MODULE: Final = "jamjet.module"
OUTPUT_SCHEMA: Final = "jamjet.output_schema"
RETRY_POLICY: Final = "jamjet.retry_policy"
"""Labels of a node in a definition: what JamJet says of it and Pectin has no use for, to be written back."""

EFFECT: Final = "pectin.effect"
OUTPUT_KEY: Final = "pectin.output_key"
EVENT: Final = "pectin.event"
"""Labels of a node in the IR: what Pectin says of it and JamJet has no field for."""

THEIRS: Final = (MODULE, OUTPUT_SCHEMA, RETRY_POLICY)
OURS: Final = (EFFECT, OUTPUT_KEY, EVENT)

REFERENCE: Final = "jamjet.tool.{}.reference"
"""Label of a definition, with a tool's name: what JamJet says of where the tool is, to be written back."""

TOOL_EFFECT: Final = "pectin.tool.{}.effect"
TOOL_METHOD: Final = "pectin.tool.{}.method"
TOOL_DESCRIPTION: Final = "pectin.tool.{}.description"
"""Labels of an IR, with a tool's name: what Pectin says of it and JamJet has no field for."""

THEIR_TOOLS: Final = "jamjet.tool."
OUR_TOOLS: Final = "pectin.tool."
"""How labels of tools begin."""

NO_MESSAGE: Final = "a limit was passed"
"""What a `limit_exceeded` without a description says."""

OWN_POLICY: Final = "{}_retry"
"""What the retry policy of a node is called that has no name, with the node's id."""
