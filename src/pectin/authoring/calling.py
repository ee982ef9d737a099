"""Nodes that call tools: the part of `Workflow` that declares them, and what a draft becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypedDict, TypeVar, Unpack, cast, overload

from pectin.authoring.declaring import read_mapping, set_items
from pectin.authoring.decorator import Ceiling, OnItemFailureName, PresetName
from pectin.authoring.draft import Draft, DraftCall, DraftNode, Duration
from pectin.authoring.handle import Node, ToolNode
from pectin.authoring.places import find_caller
from pectin.authoring.tool import AnyTool, HttpTool, Tool
from pectin.core.error import quote
from pectin.core.policy import Policy
from pectin.core.retry import RetryPolicy

S = TypeVar("S")
R = TypeVar("R")


class CallOptions(TypedDict, total=False):
    """What a node hands to its tool and keeps of what comes back, and how the call is made.

    `input` gives the tool's fields, as expressions over `state`. What the tool gives goes to `output_key`; or `output`
    says what is kept of it: keys of the state, with expressions over `output`. `retry` is a preset or a policy (none:
    no retry), `timeout` bounds one attempt. A `policy` says whether it may be called, and `ceiling` is the most that
    one attempt may spend.
    """

    input: Mapping[str, str]
    output: Mapping[str, str]
    output_key: str
    retry: PresetName | RetryPolicy
    timeout: Duration
    policy: Policy
    ceiling: Ceiling


class Calling(Generic[S]):
    """What a workflow says of tools."""

    _draft: Draft

    @overload
    def tool(self, name: str, tool: Tool[..., R], **options: Unpack[CallOptions]) -> ToolNode[S, R]: ...
    @overload
    def tool(self, name: str, tool: HttpTool, **options: Unpack[CallOptions]) -> ToolNode[S, Any]: ...
    def tool(
        self,
        name: str,
        tool: AnyTool,
        *,
        input: Mapping[str, str] | None = None,
        output: Mapping[str, str] | None = None,
        output_key: str | None = None,
        retry: PresetName | RetryPolicy | None = None,
        timeout: Duration | None = None,
        policy: Policy | None = None,
        ceiling: Ceiling | None = None,
    ) -> ToolNode[S, Any]:
        """Call a tool. Its effect is the node's. `CallOptions` says what the options mean."""
        node = call_node(self._draft, name, tool, input, output, retry=retry, timeout=timeout)
        node.output_key = output_key
        node.policy = self._draft.read_policy(policy, node.place, f"node `{node.name}`", "E017")
        node.ceiling = self._draft.read_ceiling(ceiling, node)
        self._draft.add(node)
        return ToolNode(self._draft, node.name)

    def each_tool(
        self,
        name: str,
        items: Node[S, ..., Any] | str,
        tool: AnyTool,
        *,
        input: Mapping[str, str] | None = None,
        max_concurrency: int | None = None,
        on_item_failure: OnItemFailureName = "fail",
        output_key: str | None = None,
        retry: PresetName | RetryPolicy | None = None,
        timeout: Duration | None = None,
        policy: Policy | None = None,
        ceiling: Ceiling | None = None,
    ) -> ToolNode[S, Any]:
        """Call a tool for each item of a list. What it gives, in the order of the items, goes to `output_key`.

        `input` sees `state`, `item` and `index`; `ItemOptions` says what the others mean.
        """
        node = call_node(self._draft, name, tool, input, retry=retry, timeout=timeout)
        node.policy = self._draft.read_policy(policy, node.place, f"node `{node.name}`", "E017")
        node.ceiling = self._draft.read_ceiling(ceiling, node)
        set_items(
            self._draft,
            node,
            items,
            max_concurrency=max_concurrency,
            on_item_failure=on_item_failure,
            output_key=output_key,
        )
        self._draft.add(node)
        return ToolNode(self._draft, node.name)


def call_node(
    draft: Draft, name: str, tool: object, input: object, output: object = None, *, retry: object, timeout: Any
) -> DraftNode:
    """A node that calls a tool."""
    place = find_caller().place
    node = DraftNode(name=name, kind="tool", place=place)
    given: AnyTool | None = cast("AnyTool", tool) if isinstance(tool, Tool | HttpTool) else None
    if given is None:
        hint = "hand in what `@pectin.tool` or `HttpTool(...)` made"
        draft.note(place, "E061", f"`{name}` calls {quote(cast('object', tool))}, which is no tool", hint)
    mappings = (read_mapping(draft, node, side, said) for side, said in (("input", input), ("output", output)))
    node.call = DraftCall(given, *mappings)
    node.retry = draft.read_retry(retry, place, f"node `{name}`")
    node.timeout_ms = draft.read_duration(timeout, place, f"the timeout of node `{name}`")
    return node
