"""Tools: what a document says of them under `tools`, and the nodes that call them.

A tool with `http` is an endpoint. Any other is one of the application's: what the document doesn't say of it, its
function does, and what both say has to be the same.
"""

from __future__ import annotations

from typing import Any, Final

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.subject import NodeFields
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Sequence, Tree, name_of
from pectin.authoring.document.types import read_input, read_output
from pectin.authoring.draft import DraftCall
from pectin.authoring.tool import WrittenTool
from pectin.core.definition import Effect, Endpoint, Secret

KEYS: Final = ("description", "effect", "input", "output", "http")
HTTP_KEYS: Final = (
    "method",
    "url",
    "query",
    "headers",
    "key_header",
    "timeout",
    "request_bytes_max",
    "response_bytes_max",
)
SECRET_KEYS: Final = ("secret", "prefix")

_EXAMPLE: Final = "{bank.pay: {http: {method: POST, url: https://bank.example.com/pay}}}"


def read_tools(page: Page, tree: Tree) -> None:
    """Declare what the document says of tools."""
    found = page.mapping(tree, "`tools`", _EXAMPLE)
    for key, value in found.entries if found is not None else ():
        page.tools[key.text] = _read_tool(page, key, value)


def read_call(subject: NodeFields, value: Tree) -> None:
    """`tool: NAME`, with what is handed in and what is kept."""
    page, fields, node = subject.page, subject.fields, subject.node
    subject.point("config.tool", value)
    subject.read_output_key()
    subject.read_items()
    subject.read_attempts()
    node.reconcile_name = subject.read("reconcile", "reconcile", page.name)
    if node.reconcile_name is not None:
        node.reconcile = subject.find_function(node.reconcile_name, fields.get("reconcile") or value)
    subject.read_governance()
    name = page.name(value, f"`tool` of {fields.what}", "name a tool")
    tool = None if name is None else _find_tool(subject, name, value)
    input, output = (subject.read_mapping(side, f"config.{side}") for side in ("input", "output"))
    node.call = DraftCall(tool, input, output)


def refuse_uncalled(page: Page) -> None:
    """Note the tools that are declared for nothing."""
    called = {node.call.tool for node in page.draft.nodes.values() if node.call is not None}
    if any(problem.code == "E044" for problem in page.draft.problems):
        return  # what calls it may be among what was left out
    for tool in page.tools.values():
        if tool not in called:
            hint = f"write a node with `tool: {tool.name}`, or delete it"
            page.draft.note(tool.place, "E049", f"no node calls the tool `{tool.name}`", hint)


def _find_tool(subject: NodeFields, name: str, value: Tree) -> WrittenTool:
    """The tool of this name: one of `tools`, or one that the application has."""
    page, functions = subject.page, subject.functions
    tool = page.tools.get(name)
    if tool is not None and (tool.endpoint is not None or tool.given is not None):
        return tool
    given = None if functions is None else functions.find_tool(name)
    if functions is None:
        page.draft.lacks_functions = True
    elif given is None:
        page.note(value, "E046", *functions.why_no_tool(name))
    if tool is None:
        own = name if given is None else str(given.name)
        tool = page.tools.setdefault(own, WrittenTool(name=own, place=page.place(value)))
    tool.given = given
    return tool


def _read_tool(page: Page, key: Scalar, tree: Tree) -> WrittenTool:
    what = f"the tool `{key.text}`"
    tool = WrittenTool(name=key.text, place=page.place(key))
    found = page.mapping(tree, what, f"{key.text}: {{effect: keyed}}")
    if found is None:
        return tool
    fields = Fields(page, found, what, KEYS)
    for part in ("effect", "input", "output"):
        if (value := fields.get(part)) is not None:
            page.point(tool.place, part, value)
    tool.description = fields.read("description", page.text)
    tool.effect = fields.read("effect", page.word, Effect, "E026")
    if (input := fields.get("input")) is not None:
        tool.input = read_input(page, input, f"`input` of {what}")
        for name, value in input.entries if isinstance(input, MappingTree) else ():
            page.point(tool.place, f"input.{name.text.removesuffix('?')}", value)
    if (output := fields.get("output")) is not None:
        tool.output = read_output(page, output)
    if (http := fields.get("http")) is not None:
        tool.endpoint = _read_endpoint(page, tool, http)
    return tool


def _read_endpoint(page: Page, tool: WrittenTool, tree: Tree) -> Endpoint:
    what = f"`http` of the tool `{tool.name}`"
    found = page.mapping(tree, what, "{method: POST, url: https://bank.example.com/pay}")
    if found is None:
        return Endpoint(method="POST", url="https://example.com")
    fields = Fields(page, found, what, HTTP_KEYS)
    fields.require("method", "POST")
    fields.require("url", "https://bank.example.com/pay")
    for key in HTTP_KEYS:
        if (value := fields.get(key)) is not None:
            page.point(tool.place, f"endpoint.{'timeout_ms' if key == 'timeout' else key}", value)
    query, headers = fields.get("query"), fields.get("headers")
    said: dict[str, Any] = {
        "query": None if query is None else _read_query(page, tool, query),
        "headers": None if headers is None else _read_headers(page, tool, headers),
        "key_header": fields.read("key_header", page.text),
        "timeout_ms": fields.read("timeout", page.duration),
        "request_bytes_max": fields.read("request_bytes_max", page.number),
        "response_bytes_max": fields.read("response_bytes_max", page.number),
    }
    return Endpoint(
        method=fields.read("method", page.text) or "POST",
        url=fields.read("url", page.text) or "https://example.com",
        **{name: value for name, value in said.items() if value is not None},
    )


def _read_query(page: Page, tool: WrittenTool, tree: Tree) -> dict[str, str]:
    """Fields by the parameters that they are sent as; in a list both have one name."""
    what = f"`query` of the tool `{tool.name}`"
    if isinstance(tree, Sequence):
        names = page.names(tree, what)
        for item in tree.items:
            if isinstance(item, Scalar):
                page.point(tool.place, f"endpoint.query.{item.text}", item)
        return {name: name for name in names}
    found = page.mapping(tree, what, "[order], or {id: order}")
    query: dict[str, str] = {}
    for key, value in found.entries if found is not None else ():
        page.point(tool.place, f"endpoint.query.{key.text}", value)
        if (name := page.name(value, f"`{key.text}` in {what}", "name a field of the input")) is not None:
            query[key.text] = name
    return query


def _read_headers(page: Page, tool: WrittenTool, tree: Tree) -> dict[str, str | Secret]:
    what = f"`headers` of the tool `{tool.name}`"
    found = page.mapping(tree, what, "{Accept: text/plain, Authorization: {secret: TOKEN}}")
    headers: dict[str, str | Secret] = {}
    for key, value in found.entries if found is not None else ():
        page.point(tool.place, f"endpoint.headers.{key.text}", key)
        said = _read_header(page, value, f"the header `{key.text}` of the tool `{tool.name}`")
        if said is not None:
            headers[key.text] = said
    return headers


def _read_header(page: Page, tree: Tree, what: str) -> str | Secret | None:
    if isinstance(tree, MappingTree):
        fields = Fields(page, tree, what, SECRET_KEYS)
        fields.require("secret", "TOKEN")
        name, prefix = fields.read("secret", page.name), fields.read("prefix", page.text)
        return None if name is None else Secret(name, prefix or "")
    if isinstance(tree, Sequence):
        page.note(tree, "E044", f"{what} is {name_of(tree)}", "write a text, or `{secret: TOKEN}`")
        return None
    return page.text(tree, what)
