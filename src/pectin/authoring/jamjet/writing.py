"""From a definition to a document of JamJet's `WorkflowIr`: all of it, or a refusal that names what has no words there.

What was written is read again and compared, so that nothing can be lost on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.budget import Unwritable, without_words, write_budget
from pectin.authoring.jamjet.condition import to_condition
from pectin.authoring.jamjet.policy import write_policy
from pectin.authoring.jamjet.reading import read_definition
from pectin.authoring.jamjet.state import write_state_schema
from pectin.authoring.jamjet.tools import write_tools
from pectin.authoring.jamjet.ways import APPROVED, REJECTED, decided
from pectin.authoring.jamjet.written_kinds import Unsaid, write_kind
from pectin.authoring.workflow import Workflow
from pectin.core.action import TIMEOUT
from pectin.core.definition import Definition, Edge, Effect, Node, Trigger, WorkflowLimits
from pectin.core.policy import Policy
from pectin.core.problem import DefinitionError, Problem
from pectin.core.retry import PRESETS
from pectin.core.status import SessionType

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+", re.ASCII)

_UNSAID: Final[Mapping[Trigger, str]] = {
    Trigger.OTHERWISE: "an edge that is taken otherwise",
    Trigger.ERROR: "an edge that is taken on failure",
    Trigger.REPEAT: "a loop",
    Trigger.LIMIT: "an edge that is taken at a limit",
}


def write_jamjet(workflow: Workflow[Any]) -> str:
    """A workflow as JSON text of JamJet's IR. Raises `DefinitionError` for what the IR can't say."""
    return dump_ir(workflow.build().definition)


def dump_ir(definition: Definition) -> str:
    """A definition as JSON text of JamJet's IR. Raises `DefinitionError` for what the IR can't say."""
    return json.dumps(write_ir(definition), ensure_ascii=False, indent=2) + "\n"


def write_ir(definition: Definition) -> dict[str, Any]:
    """A definition as a document of JamJet's IR. Raises `DefinitionError` with everything that the IR can't say."""
    writer = _Writer(definition)
    document = writer.document()
    if not writer.problems:
        writer.check(document)
    if writer.problems:
        raise DefinitionError(writer.problems)
    return document


class _Writer:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self._policies: dict[str, dict[str, Any]] = {}
        self._approvals = {node.id for node in definition.nodes if node.kind == "human_approval"}
        self.problems: list[Problem] = []

    def document(self) -> dict[str, Any]:
        """The document, without what it can't say."""
        definition = self._definition
        for what in _unsaid(definition):
            self._refuse("", f"JamJet has no words for {what}")
        tools, of_tools, unsaid = write_tools(definition)
        for what in unsaid:
            self._refuse("", f"JamJet has no words for {what}")
        tokens, cost = self._budget(definition.limits or WorkflowLimits())
        found = ir.WorkflowIr(
            workflow_id=definition.id,
            version=definition.version,
            name=definition.name,
            description=definition.description,
            state_schema=write_state_schema(definition.state),
            start_node=definition.start,
            nodes={node.id: self._node(node) for node in definition.nodes},
            edges=[written for edge in definition.edges if (written := self._edge(edge)) is not None],
            retry_policies=self._policies,
            timeouts=definition.timeouts.to_json(),
            tools=tools,
            labels=self._whole_labels() | of_tools,
            policy=self._policy("the workflow", definition.policy),
            token_budget=tokens,
            cost_budget_usd=cost,
            on_budget_exceeded=definition.on_limit,
        )
        return _as_json(found)

    def check(self, document: Mapping[str, Any]) -> None:
        """Compare what was written with what is read from it."""
        try:
            again = read_definition(json.dumps(document), "the IR.json")
        except DefinitionError as error:
            what = error.problems[0].message
            self._refuse("", f"what would be written can't be read again: {what}", "write it in another form")
            return
        for what, one, other in _parts(self._definition, again):
            if one != other:
                self._refuse("", f"{what} would come back from JamJet as something else", "write it in another form")
                return

    def _node(self, node: Node) -> ir.NodeDef:
        ways = [edge for edge in self._definition.edges if edge.source == node.id]
        try:
            kind = write_kind(node, ways, self._definition)
        except Unsaid as error:
            self._refuse(node.id, error.what, error.hint)
            kind = ir.LimitExceeded()
        seconds = None if node.timeout_ms is None else self._seconds(node, node.timeout_ms)
        if node.reconcile is not None:
            self._refuse(node.id, f"JamJet has no words for the `reconcile` of `{node.id}`")
        if node.ceiling is not None:
            self._refuse(node.id, f"JamJet has no words for the ceiling of `{node.id}`")
        description = node.description
        if node.kind == "limit_exceeded":
            if description is not None:
                self._refuse(node.id, f"`{node.id}` has a message and a description, and JamJet one place for them")
            message = node.config.get("message")
            description = None if message == ir.NO_MESSAGE else message
        retry = None if node.retry is None else self._retry(node)
        policy = self._policy(f"`{node.id}`", node.policy, node.id)
        return ir.NodeDef(node.id, kind, retry, seconds, description, self._labels(node), policy)

    def _policy(self, what: str, policy: Policy | None, where: str = "") -> ir.PolicySet | None:
        written, unsaid = write_policy(policy)
        for pattern in unsaid:
            self._refuse(where, f"JamJet has no words for who has to approve `{pattern}` in the policy of {what}")
        return written

    def _budget(self, limits: WorkflowLimits) -> tuple[ir.TokenBudget | None, int | float | None]:
        for name in without_words(limits):
            self._refuse("", f"JamJet has no words for `{name}` of the limits")
        try:
            return write_budget(limits)
        except Unwritable as error:
            self._refuse("", str(error))
            return None, None

    def _whole_labels(self) -> dict[str, str]:
        tools = self._definition.tools
        theirs = {ir.REFERENCE.format(tool.name) for tool in tools if tool.endpoint is None}
        labels = {name: value for name, value in self._definition.labels.items() if name not in theirs}
        for name in labels:
            if name.startswith(ir.OUR_TOOLS):
                self._refuse("", f"the label `{name}` of the workflow has a meaning in JamJet's IR", "rename it")
        return labels

    def _retry(self, node: Node) -> str:
        """The name of the node's retry policy: the preset's, the one that JamJet had for it, or one of its own."""
        assert node.retry is not None
        preset = next((name for name, policy in PRESETS.items() if policy == node.retry), None)
        name = node.labels.get(ir.RETRY_POLICY) or preset or ir.OWN_POLICY.format(node.id)
        if name != preset or ir.RETRY_POLICY in node.labels:
            document = node.retry.to_json()
            if self._policies.setdefault(name, document) != document:
                self._refuse(node.id, f"two retry policies would be called `{name}`", "give one another label")
        return name

    def _labels(self, node: Node) -> dict[str, str]:
        labels = {name: value for name, value in node.labels.items() if name not in ir.THEIRS}
        for name in ir.OURS:
            if name in labels:
                self._refuse(node.id, f"the label `{name}` of `{node.id}` has a meaning in JamJet's IR", "rename it")
        if "function" in node.config and node.effect is not Effect.IDEMPOTENT:
            labels[ir.EFFECT] = node.effect.value
        if node.output_key is not None:
            labels[ir.OUTPUT_KEY] = node.output_key
        event = node.config.get("event")
        if node.kind == "wait" and event not in (None, node.id):
            labels[ir.EVENT] = event
        return labels

    def _seconds(self, node: Node, duration_ms: int) -> int:
        if duration_ms % 1_000:
            self._refuse(node.id, f"the timeout of `{node.id}` is no whole number of seconds", "round it")
        return duration_ms // 1_000

    def _edge(self, edge: Edge) -> ir.EdgeDef | None:
        where = f"{edge.source} → {edge.target}"
        if edge.trigger in _UNSAID:
            self._refuse(where, f"JamJet has no words for {_UNSAID[edge.trigger]}")
            return None
        if edge.trigger is Trigger.ALWAYS:
            return ir.EdgeDef(edge.source, edge.target)
        if edge.source in self._approvals:
            if edge.condition in (decided(REJECTED), decided(TIMEOUT)):
                return None
            if edge.condition == decided(APPROVED):
                return ir.EdgeDef(edge.source, edge.target)
        condition = to_condition(edge.condition or "", self._definition.state)
        if condition is None:
            hint = "JamJet compares a path of the state with a literal"
            self._refuse(where, f"JamJet has no words for the condition `{edge.condition}`", hint)
            return None
        return ir.EdgeDef(edge.source, edge.target, condition)

    def _refuse(self, where: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem("E073", where, message, hint))


def _as_json(found: ir.WorkflowIr) -> dict[str, Any]:
    """The document, without the fields that JamJet leaves out where they say nothing."""
    document: dict[str, Any] = msgspec.to_builtins(found)
    for part in (document, *document["nodes"].values()):
        for name in ir.UNLESS_SAID:
            if name in part and part[name] is None:
                del part[name]
    if (tokens := document.get("token_budget")) is not None:
        document["token_budget"] = {name: value for name, value in tokens.items() if value is not None}
    return document


def _unsaid(definition: Definition) -> Iterator[str]:
    """What is said of the whole, and can't be there."""
    if definition.session_type is not SessionType.RESUMABLE:
        yield f"the session type `{definition.session_type}`"
    if definition.reducers:
        yield "reducers"
    if definition.retention_days is not None:
        yield "`retention_days`"
    if definition.on_failure is not None:
        yield f"`on_failure: {definition.on_failure}`"
    if definition.stop_grace_ms is not None:
        yield "`stop_grace`"
    if not _VERSION.fullmatch(definition.version):
        yield f"the version {definition.version}: it has to be three numbers"


def _parts(one: Definition, other: Definition) -> Iterator[tuple[str, object, object]]:
    """The parts of two definitions, the smallest first."""
    ours, theirs = ({node.id: node for node in each.nodes} for each in (one, other))
    for name, node in ours.items():
        yield f"the node `{name}`", node, theirs.get(name)
    yield "the order of the nodes", [*ours], [*theirs]
    for edge in one.edges:
        yield f"the edge {edge.source} → {edge.target}", edge in other.edges, True
    yield "the order of the edges", one.edges, other.edges
    for name in Definition.__struct_fields__:
        yield f"`{name}`", getattr(one, name), getattr(other, name)
