"""What `run: NAME` means: a function that was handed in, by its name at the top level of its file, and nothing else.

A node that a Python workflow made of a function stands for that function, so that a file of one can serve for both;
`pay.reconcile` stands for what was given to `@pay.reconcile`. `tool: NAME` means a tool that was handed in so, by the
name that the tool gives itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from pectin.authoring.draft import DraftFunction
from pectin.authoring.handle import Finalizer, Map, Node, ToolNode
from pectin.authoring.places import relative_to_here
from pectin.authoring.tool import AnyTool, HttpTool, Tool
from pectin.core.definition import Place
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean

GivenFunctions = ModuleType | Mapping[str, object] | Iterable[Callable[..., Any]]
"""A module, functions by their names, or a list of functions."""

_RECONCILE: Final = ".reconcile"


class Functions:
    """The functions that a document may name. `file` is what messages call the place that they are from."""

    def __init__(self, members: Mapping[str, Any], file: str) -> None:
        self._members = members
        self._found: dict[str, DraftFunction | None] = {}
        self.file = file

    def find(self, name: str) -> DraftFunction | None:
        """The function of this name, or None."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> DraftFunction | None:
        if name.endswith(_RECONCILE):
            node = self._members.get(name.removesuffix(_RECONCILE))
            return node.declared.reconcile if isinstance(node, Node | Map | ToolNode) else None
        member = self._members.get(name)
        if isinstance(member, Node | Map):
            return cast("Node[Any, Any, Any]", member).declared.function
        if isinstance(member, Tool):
            return None
        function: Any = getattr(cast(object, member), "function", None) if isinstance(member, Finalizer) else member
        return DraftFunction(function, _place_of(function), {}) if callable(function) else None

    def why_not(self, name: str) -> tuple[str, str]:
        """Why there is no such function, and what to do."""
        if isinstance(self._members.get(name), Tool | HttpTool):
            return f"`{name}` of {self.file} is a tool", f"write `tool: {self._members[name].name}`"
        if name in self._members:
            return f"`{name}` of {self.file} is no function", "name a function, or a node that was made of one"
        known = [
            key
            for key, member in self._members.items()
            if callable(member) and not isinstance(member, type | Tool | HttpTool)
        ]
        return f"{self.file} has no function `{name}`", did_you_mean(name, known) or "write it there"

    def find_tool(self, name: str) -> AnyTool | None:
        """The tool of this name, or else the one that its file calls so; None if there is none."""
        return self._tools.get(name) or self._tools_by_member.get(name)

    def why_no_tool(self, name: str) -> tuple[str, str]:
        """Why there is no such tool, and what to do."""
        if callable(self._members.get(name)):
            return f"`{name}` of {self.file} is no tool", f"make it one, with `@pectin.tool`, or write `run: {name}`"
        hint = did_you_mean(name, self._tools) or "write it there, with `@pectin.tool`, or say its `http` under `tools`"
        return f"{self.file} has no tool `{name}`", hint

    @cached_property
    def _tools_by_member(self) -> dict[str, AnyTool]:
        return {key: member for key, member in self._members.items() if isinstance(member, Tool | HttpTool)}

    @cached_property
    def _tools(self) -> dict[str, AnyTool]:
        return {str(tool.name): tool for tool in reversed(self._tools_by_member.values())}


def read_functions(given: GivenFunctions) -> Functions:
    """The functions that were handed in. Raises `BadValue`."""
    if isinstance(given, ModuleType):
        return Functions(vars(given), relative_to_here(getattr(given, "__file__", None) or given.__name__))
    if isinstance(given, Mapping):
        return Functions(cast("Mapping[str, object]", given), "`functions`")
    members: dict[str, object] = {}
    hint = "hand in a module, a mapping of names to functions, or a list of functions"
    if isinstance(given, str | bytes | Path):
        raise BadValue("functions", f"{quote(given)} is no module", hint)
    for function in given:
        name = getattr(function, "__name__", None)
        if not isinstance(name, str) or name in members:
            what = "has no name" if not isinstance(name, str) else "stands twice"
            raise BadValue("functions", f"{quote(function)} {what}", hint)
        members[name] = function
    return Functions(members, "`functions`")


def _place_of(function: Any) -> Place:
    """Where a function is defined; what isn't written in Python is nowhere in particular."""
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return Place(getattr(function, "__module__", None) or "functions", 1)
    return Place(relative_to_here(code.co_filename), code.co_firstlineno)
