"""Tools, policies and what may be spent, in the words of a document."""

from __future__ import annotations

from typing import Any

from pectin.authoring.document.durations import write_duration
from pectin.authoring.document.write_types import write_input, write_output
from pectin.authoring.document.write_ways import Refuse
from pectin.core import schema
from pectin.core.budget import NOTHING, SORTS, Amount, read_money
from pectin.core.definition import Contract, Definition, Effect, Endpoint, Json, Secret
from pectin.core.error import BadValue, quote
from pectin.core.policy import ApprovalRule, Policy
from pectin.nodes import tool as tool_kind


def write_tools(definition: Definition, refuse: Refuse) -> dict[str, Json] | None:
    """The tools by their names. A function's contract is written as a whole, so that it is checked against it."""
    known: dict[Json, Contract] = {tool.name: tool for tool in definition.tools}
    names = [tool.name for tool in definition.tools]
    if names != sorted(set(names)):
        refuse("its tools don't stand in the order of their names, each once")
    uncalled = dict(known)
    for node in definition.nodes:
        if node.kind != tool_kind.NAME:
            continue
        name = node.config.get("tool")
        tool = known.get(name)
        if tool is None:
            refuse(f"`{node.id}` calls {quote(name)}, which is none of its tools")
        elif node.effect is not tool.effect:
            refuse(f"`{node.id}` is `{node.effect}`, and the tool that it calls `{tool.effect}`")
        uncalled.pop(name, None)
    for name in uncalled:
        refuse(f"no node calls the tool `{name}`")
    return {tool.name: _write_tool(tool, refuse) for tool in definition.tools} or None


def write_policy(policy: Policy | None, subject: str, refuse: Refuse) -> Json:
    """A policy; None if there is none."""
    if policy is None:
        return None
    if policy.model_allowlist:
        refuse(f"no document can say `model_allowlist` of the policy of {subject}")
    said: dict[str, Json] = {
        "blocked_tools": list(policy.blocked_tools) or None,
        "require_approval_for": list(map(_write_rule, policy.rules)) or None,
    }
    return _without_none(said)


def write_ceiling(ceiling: Amount | None, subject: str, refuse: Refuse) -> Json:
    """What an attempt may spend; None if nothing is said."""
    if ceiling is None:
        return None
    write_money(ceiling.cost_usd, f"the ceiling of {subject}", refuse)
    return {sort: getattr(ceiling, sort) for sort in SORTS if getattr(ceiling, sort) != getattr(NOTHING, sort)}


def write_money(money: str | None, what: str, refuse: Refuse) -> str | None:
    """Money in its one form, in which it is read again."""
    try:
        is_readable = money is None or read_money(money, "") == money
    except BadValue:
        is_readable = False
    if not is_readable:
        refuse(f"{what} has the sum {quote(money)}, which would be read as another one, or as none")
    return money


def _write_rule(rule: ApprovalRule) -> Json:
    if rule == ApprovalRule(rule.tool):
        return rule.tool
    said: dict[str, Json] = {
        "tool": rule.tool,
        "approvers": None if rule.approvers == 1 else rule.approvers,
        "of": list(rule.of) or None,
        "not_requester": rule.not_requester or None,
        "deadline": None if rule.deadline_ms is None else write_duration(rule.deadline_ms),
    }
    return _without_none(said)


def _write_tool(tool: Contract, refuse: Refuse) -> Json:
    endpoint, subject = tool.endpoint, f"the tool `{tool.name}`"
    is_function = endpoint is None
    takes_nothing, gives_nothing = tool.input == schema.Object({}), tool.output == schema.Null()
    said: dict[str, Json] = {
        "description": tool.description,
        "effect": tool.effect.value if is_function or tool.effect is not Effect.ONCE else None,
        "input": write_input(tool.input, f"{subject}, input", refuse) if is_function or not takes_nothing else None,
        "output": write_output(tool.output, f"{subject}, output", refuse) if is_function or not gives_nothing else None,
        "http": None if endpoint is None else _write_endpoint(endpoint),
    }
    return _without_none(said)


def _write_endpoint(endpoint: Endpoint) -> Json:
    usual = Endpoint(method=endpoint.method, url=endpoint.url)
    is_list = all(parameter == name for parameter, name in endpoint.query.items())
    query: Any = list(endpoint.query) if is_list else dict(endpoint.query)
    said: dict[str, Json] = {
        "method": endpoint.method,
        "url": endpoint.url,
        "query": query or None,
        "headers": {name: _write_header(value) for name, value in endpoint.headers.items()} or None,
        "key_header": None if endpoint.key_header == usual.key_header else endpoint.key_header,
        "timeout": None if endpoint.timeout_ms is None else write_duration(endpoint.timeout_ms),
    }
    for name in ("request_bytes_max", "response_bytes_max"):
        said[name] = None if getattr(endpoint, name) == getattr(usual, name) else getattr(endpoint, name)
    return _without_none(said)


def _write_header(value: str | Secret) -> Json:
    if isinstance(value, str):
        return value
    return {"secret": value.name, "prefix": value.prefix} if value.prefix else {"secret": value.name}


def _without_none(said: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in said.items() if value is not None}
