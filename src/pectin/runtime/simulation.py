"""What stands in for the nodes that a preview doesn't run: a value, or a function of what the node would see.

A node is called by the name that its author gave it: what is said of a map is said of each of its items.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

import msgspec

from pectin.authoring.blueprint import Blueprint
from pectin.authoring.mismatch import TypeMismatch
from pectin.core.codec import check_value
from pectin.core.decide.patch import misfits_in
from pectin.core.definition import Effect, Json, Node
from pectin.core.error import BadValue, quote
from pectin.core.fit import misfits
from pectin.core.hint import did_you_mean
from pectin.core.kind import RUNS, waits
from pectin.core.program import Program
from pectin.core.reduce import NoDifference, difference
from pectin.core.schema import describe
from pectin.nodes import KINDS, function_name
from pectin.ports.function import Function, Request, Result
from pectin.runtime.call import CallingFunction, is_endpoint

UNSET = msgspec.UNSET
_WAITING: Final = frozenset(kind.NAME for kind in KINDS if waits(kind))
_RUNNING: Final = frozenset(kind.NAME for kind in KINDS if RUNS.issubset(kind.TRAITS))
_JSON: Final = (type(None), bool, int, float, str, list, dict)


Simulate: TypeAlias = Mapping[str, Callable[[Any], object] | object]
"""What is given for nodes, by their names."""


class BadSimulation(BadValue):
    """What was given in a node's place can't be what the node gives."""

    def __init__(self, node: str, what: str, hint: str) -> None:
        super().__init__(f"simulate, `{node}`", what, hint)


class Simulations:
    """What was given for the nodes of a workflow, and so what runs in a preview of it."""

    def __init__(self, blueprint: Blueprint[Any], given: Simulate) -> None:
        """Raises `BadValue` for a name that nothing can be simulated of."""
        self._blueprint = blueprint
        self._given = given
        self._names = blueprint.definition.item_nodes()
        known = {self.name_of(node.id) for node in blueprint.definition.nodes if _can_be_simulated(node)}
        for name in given:
            if name in known:
                continue
            if name in self._names:
                raise BadSimulation(name, f"it is called `{self._names[name]}`", "name the map")
            if name in blueprint.program.nodes:
                raise BadSimulation(name, "it only leads on", "leave it out: a preview does that as any execution does")
            raise BadSimulation(name, "there is no such node", did_you_mean(name, known) or f"it has {_list(known)}")

    def name_of(self, node: str) -> str:
        """How an author calls a node: an item node by its map."""
        return self._names.get(node, node)

    def has(self, node: str) -> bool:
        """Whether something stands in for this node."""
        return self.name_of(node) in self._given

    def value(self, node: str, argument: Callable[[], object]) -> Json:
        """What stands in for it, as JSON."""
        name = self.name_of(node)
        given = self._given[name]
        if callable(given):
            given = given(argument())
            if inspect.iscoroutine(given):
                given.close()
                raise BadSimulation(name, "is an async function", "write it with `def`")
        return self._to_json(name, given)

    def find(self, program: Program, node: Node, asks: bool = False) -> Function | None:
        """What runs in a preview: the stand-in, or else the node's own function if it is `pure`."""
        assert not asks, "no attempt of a preview is ever in doubt"
        function: Function | None = None
        if self.has(node.id):
            function = StandIn(self, node, self._blueprint)
        elif node.effect is Effect.PURE and not is_endpoint(program, node):
            function = self._blueprint.functions.get(function_name(node) or "")
        if function is None or node.id not in program.calls:
            return function
        return CallingFunction(program, node, function)

    def unable(self) -> frozenset[str]:
        """The nodes that a worker runs, and that a preview can't."""
        program = self._blueprint.program
        run = [node for node in program.definition.nodes if node.kind in _RUNNING]
        return frozenset(node.id for node in run if self.find(program, node) is None)

    def _to_json(self, name: str, given: object) -> Json:
        value: Json = given
        if not isinstance(given, _JSON):
            try:
                value = self._blueprint.state.dump(given)
            except TypeMismatch:
                what = f"{quote(given)} is neither JSON nor a {self._blueprint.state.name}"
                raise BadSimulation(name, what, "give what the node would return") from None
        try:
            check_value(value)
        except BadValue as problem:
            raise BadSimulation(name, problem.what, problem.hint) from None
        return value


class StandIn:
    """A `Function` that gives what stands in for a node's own."""

    is_async = False
    keys = None

    def __init__(self, simulations: Simulations, node: Node, blueprint: Blueprint[Any]) -> None:
        self._simulations = simulations
        self._node = node
        self._blueprint = blueprint

    def call(self, request: Request) -> Result:
        """The result that the node would have had. Raises `BadSimulation`, or what a function raises."""
        name = self._simulations.name_of(self._node.id)

        def argument() -> object:
            if request.arguments is not None:
                return request.arguments
            return self._blueprint.state.read(request.state) if request.item is UNSET else request.item

        given = self._simulations.value(self._node.id, argument)
        tool = self._blueprint.program.calls.get(self._node.id)
        if tool is not None and (wrong := misfits(tool.tool.output, given)):
            hint = f"give what `{tool.tool.name}` would: {describe(tool.tool.output)}"
            raise BadSimulation(name, "; ".join(wrong), hint)
        if request.item is not UNSET or tool is not None:
            return Result(output=given)
        if self._node.output_key is not None:
            patch: dict[str, Json] = {self._node.output_key: given}
        elif given is None:
            patch = {}
        elif isinstance(given, dict):
            patch = self._changes(name, request.state, cast("dict[str, Json]", given))
        else:
            raise BadSimulation(name, f"{quote(given)} sets nothing", "give the keys of the state that it sets")
        wrong = misfits_in(self._blueprint.definition, patch)
        if wrong:
            raise BadSimulation(name, "; ".join(wrong), "give what the node would return")
        return Result(patch)

    def _changes(self, name: str, before: Mapping[str, Json], given: dict[str, Json]) -> dict[str, Json]:
        """The keys that are given another value; for those with a reducer, what they add to it."""
        patch: dict[str, Json] = {}
        for key, value in given.items():
            if key in before and before[key] == value:
                continue
            reducer = self._blueprint.definition.reducers.get(key)
            try:
                patch[key] = value if reducer is None else difference(reducer, before.get(key), value)
            except NoDifference as problem:
                raise BadSimulation(name, f"`{key}`: {problem}", "give the state as the node would leave it") from None
        return patch


def _can_be_simulated(node: Node) -> bool:
    return node.kind in _WAITING or function_name(node) is not None


def _list(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
