"""The tools that the nodes of a draft call: each agreed once, whoever calls it."""

from __future__ import annotations

from typing import Any

from pectin.authoring.contract import Agreed, agree, agree_reconcile
from pectin.authoring.draft import Draft, DraftCall, DraftFunction, DraftNode
from pectin.authoring.fitting import COLLECTED
from pectin.authoring.schema_of import fits
from pectin.authoring.signature import BadFunction
from pectin.authoring.state_model import StateModel
from pectin.authoring.tool import CalledTool, WrittenTool
from pectin.authoring.written import agree_written, differences
from pectin.core import schema
from pectin.core.definition import Contract, Effect, Json, OnItemFailure, Place
from pectin.core.problem import Problem
from pectin.nodes.tool import registered_name
from pectin.ports.function import Function


class Tools:
    """What the definition says of them, and what is registered for them. Notes what is wrong with them."""

    def __init__(self, draft: Draft, problems: list[Problem]) -> None:
        self._draft = draft
        self._problems = problems
        self._agreed: dict[str, Agreed] = {}
        self.functions: dict[str, Function] = {}
        self.places: dict[tuple[str, ...], Place] = {}
        known: dict[str, CalledTool] = {}
        called = (node.call.tool for node in draft.nodes.values() if node.call is not None)
        for tool in dict.fromkeys(each for each in called if each is not None):
            if (other := known.setdefault(str(tool.name), tool)) is tool:
                self._agree(tool)
            else:
                message = f"two tools are called `{tool.name}`: there is another at {other.place}"
                problems.append(Problem("E060", "", message, "give each a name of its own", tool.place))

    @property
    def contracts(self) -> tuple[Contract, ...]:
        """Those that could be agreed, by name."""
        return tuple(self._agreed[name].contract for name in sorted(self._agreed))

    def config(self, call: DraftCall) -> dict[str, Json]:
        """The settings of a node that calls one."""
        said: dict[str, Json] = {"input": dict(call.input), "output": dict(call.output)}
        name = "" if call.tool is None else str(call.tool.name)
        return {"tool": name, **{side: mapping for side, mapping in said.items() if mapping}}

    def effect(self, call: DraftCall) -> Effect:
        """The effect of a node that calls one: the tool's."""
        agreed = self._of(call)
        return Effect.ONCE if agreed is None else agreed.contract.effect

    def fit_reconcile(self, node: DraftNode, given: DraftFunction) -> Function:
        """The function that says whether the node's call in doubt has happened. Raises `BadFunction`."""
        agreed = self._of(node.call)
        if agreed is None:
            raise BadFunction([])
        return agree_reconcile(agreed.contract, given, node.name)

    def check_maps(self, model: StateModel[Any]) -> None:
        """Whether the list of what a tool gives for each item fits its field of the state."""
        for node in self._draft.nodes.values():
            agreed = self._of(node.call)
            field = None if node.output_key is None else model.schema.fields.get(node.output_key)
            if node.items is None or agreed is None or field is None:
                continue
            given, named = schema.List(agreed.contract.output), f"a list of what `{agreed.contract.name}` gives"
            if fits(given, field.schema) and node.on_item_failure is OnItemFailure.COLLECT:
                given, named = schema.List(COLLECTED), "errors in place of what failed"
            if not fits(given, field.schema):
                place = self._draft.parts.get(node.place, {}).get("output_key", node.place)
                ours = f"`{node.output_key}` of {model.name} is {schema.describe(field.schema)}"
                self._problems.append(Problem("E020", "", f"`{node.name}` gives {named}, but {ours}", None, place))

    def _unsaid(self, tool: CalledTool) -> Effect:
        """The effect of a tool of which nobody says it: one that every node that calls it may have."""
        calls = (node for node in self._draft.nodes.values() if node.call is not None and node.call.tool is tool)
        return Effect.ONCE if any(node.reconcile_name is not None for node in calls) else Effect.IDEMPOTENT

    def _of(self, call: DraftCall | None) -> Agreed | None:
        """The tool that is called; None if there is none, or nothing that could be agreed."""
        return None if call is None or call.tool is None else self._agreed.get(str(call.tool.name))

    def _agree(self, tool: CalledTool) -> None:
        given = tool.given if isinstance(tool, WrittenTool) else tool
        place = tool.place if given is None else given.place
        try:
            agreed = agree_written(tool, self._unsaid(tool)) if isinstance(tool, WrittenTool) else agree(tool)
        except BadFunction as error:
            self._problems += [Problem(code, "", message, hint, place) for code, message, hint in error.findings]
            return
        self._agreed[str(tool.name)] = agreed
        parts = self._draft.parts.get(tool.place, {})
        self.places["tool", agreed.contract.name] = tool.place
        self.places |= {("tool", agreed.contract.name, part): finer for part, finer in parts.items()}
        if isinstance(tool, WrittenTool) and given is not None:
            self._problems += [
                Problem("E048", "", message, hint, parts.get(part, tool.place))
                for part, message, hint in differences(tool, agreed.contract)
            ]
        if agreed.function is not None:
            self.functions[registered_name(agreed.contract.name)] = agreed.function
