"""JamJet's table of tools. A `python` one is a function that is handed in by its name, an `http` one an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pectin.authoring.document.functions import Functions
from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Tree, name_of, plain
from pectin.authoring.jamjet import ir
from pectin.authoring.jamjet.record import Record, read_record
from pectin.authoring.jamjet.state import BadSchema, read_object, read_value, write_object, write_value
from pectin.authoring.tool import AnyTool, WrittenTool
from pectin.core.definition import Definition, Effect, Endpoint
from pectin.core.hint import did_you_mean

KINDS: Final = ("python", "http")
"""The kinds of tools that Pectin calls."""


class Tools:
    """The tools of a workflow while it is read, and which of them a node calls. Takes the workflow's `labels` that say
    something of tools."""

    def __init__(self, page: Page, functions: Functions | None, labels: dict[str, str]) -> None:
        self._page = page
        self._functions = functions
        self._labels = labels
        self._found: dict[str, WrittenTool | None] = {}
        self._keys: dict[str, Scalar] = {}
        self._called: set[str] = set()

    def read(self, tree: Tree | None) -> None:
        """The table."""
        if tree is not None and not isinstance(tree, MappingTree) and plain(tree) is not None:
            self._page.note(tree, "E070", f"`tools` are {name_of(tree)}, and have to be an object", "write {}")
        for key, value in tree.entries if isinstance(tree, MappingTree) else ():
            self._keys[key.text] = key
            record = read_record(self._page, value, ir.ToolConfig, f"the tool `{key.text}`")
            self._found[key.text] = self._read(key.text, record) if record.is_whole else None

    def call(self, name: str, tree: Tree) -> WrittenTool | None:
        """The tool that a node calls; notes it if there is none."""
        if name not in self._found:
            hint = did_you_mean(name, self._found) or "add it there"
            self._page.note(tree, "E070", f"`tools` has no `{name}`", hint)
        self._called.add(name)
        return self._found.get(name)

    def refuse_uncalled(self) -> None:
        """Note the tools that no node calls."""
        for name, key in self._keys.items():
            if name not in self._called:
                self._page.note(key, "E071", f"no node calls the tool `{name}`", "delete it")

    def _read(self, name: str, record: Record) -> WrittenTool | None:
        config = ir.ToolConfig(**record.values)
        page, trees, noted = self._page, record.trees, len(self._page.draft.problems)
        if config.kind not in KINDS:
            message = f"the tool `{name}` is of the kind `{config.kind}`, which is not taken over"
            page.note(trees["kind"], "E071", message, "call it in a function of your own, and make that the tool")
        if config.permissions:
            message = f"the tool `{name}` has `permissions`, which nothing here would enforce"
            page.note(trees["permissions"], "E071", message, "delete them")
        is_endpoint = config.kind == "http"
        effect = self._labels.pop(ir.TOOL_EFFECT.format(name), Effect.IDEMPOTENT.value if is_endpoint else None)
        tool = WrittenTool(
            name=name,
            place=page.place(self._keys[name]),
            effect=None if effect is None else self._read_effect(effect, name),
            description=self._labels.pop(ir.TOOL_DESCRIPTION.format(name), None),
        )
        if config.input_schema or is_endpoint:
            tool.input = self._schema(name, "input_schema", config.input_schema, read_object, trees)
        if config.output_schema or is_endpoint:
            tool.output = self._schema(name, "output_schema", config.output_schema, read_value, trees)
        if is_endpoint:
            tool.endpoint = self._read_endpoint(name, config, trees)
        else:
            tool.given = self._find(name, trees["reference"])
            if config.reference != name:
                self._labels[ir.REFERENCE.format(name)] = config.reference
        return tool if len(page.draft.problems) == noted else None

    def _schema(self, name: str, field: str, text: str | None, read: Any, trees: Mapping[str, Tree]) -> Any:
        try:
            return read(text, "what it takes")
        except BadSchema as error:
            hint = "write a JSON Schema, the name of a type, or null"
            self._page.note(trees[field], "E070", f"`{field}` of the tool `{name}`: {error}", hint)
            return None

    def _read_effect(self, given: str, name: str) -> Effect:
        return self._page.draft.read_effect(given, self._page.place(self._keys[name]), f"the tool `{name}`")

    def _read_endpoint(self, name: str, config: ir.ToolConfig, trees: Mapping[str, Tree]) -> Endpoint | None:
        """Whether it can be called is the core's to check."""
        label = ir.TOOL_METHOD.format(name)
        method = self._labels.pop(label, None)
        if method is None:
            message = f"the tool `{name}` is an endpoint, and nothing says with which method it is called"
            hint = f'add the label "{label}": "POST" to the workflow'
            self._page.note(trees["reference"], "E071", message, hint)
            return None
        return Endpoint(method=method, url=config.reference)

    def _find(self, name: str, tree: Tree) -> AnyTool | None:
        if self._functions is None:
            self._page.draft.lacks_functions = True
            return None
        found = self._functions.find_tool(name)
        if found is None:
            self._page.note(tree, "E046", *self._functions.why_no_tool(name))
        return found


# -- written -------------------------------------------------------------------------------------------------------


def write_tools(definition: Definition) -> tuple[dict[str, ir.ToolConfig], dict[str, str], list[str]]:
    """The table, the labels that say the rest, and what has no words."""
    table: dict[str, ir.ToolConfig] = {}
    labels: dict[str, str] = {}
    unsaid: list[str] = []
    for tool in definition.tools:
        if tool.endpoint is not None:
            unsaid += [f"the `{part}` of the tool `{tool.name}`" for part in _unsaid_parts(tool.endpoint)]
            labels[ir.TOOL_METHOD.format(tool.name)] = tool.endpoint.method
        reference = definition.labels.get(ir.REFERENCE.format(tool.name), tool.name)
        table[tool.name] = ir.ToolConfig(
            kind="python" if tool.endpoint is None else "http",
            reference=reference if tool.endpoint is None else tool.endpoint.url,
            input_schema=write_object(tool.input),
            output_schema=write_value(tool.output),
        )
        if tool.effect is not Effect.IDEMPOTENT:
            labels[ir.TOOL_EFFECT.format(tool.name)] = tool.effect.value
        if tool.description is not None:
            labels[ir.TOOL_DESCRIPTION.format(tool.name)] = tool.description
    return table, labels, unsaid


def _unsaid_parts(endpoint: Endpoint) -> Sequence[str]:
    usual = Endpoint(method=endpoint.method, url=endpoint.url)
    return [part for part in Endpoint.__struct_fields__ if getattr(endpoint, part) != getattr(usual, part)]
