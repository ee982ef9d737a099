"""The tools of a workflow, each by itself: whether it can be told apart, and whether it can be called."""

from __future__ import annotations

from collections import Counter
from typing import Final

from pectin.core.activation import MESSAGE_NAME
from pectin.core.definition import Contract, Definition, Effect
from pectin.core.endpoint import complaints
from pectin.core.error import quote
from pectin.core.limits import LIMITS
from pectin.core.validate.report import Report

_LENGTH_MAX: Final = LIMITS.identifier_characters_max


def check_tools(definition: Definition, report: Report) -> None:
    """Names, effects and endpoints of the tools."""
    for name, count in Counter(tool.name for tool in definition.tools).items():
        if count > 1:
            message = f"{'two' if count == 2 else count} tools are named `{name}`"
            report.tool(name, "E060", message, "give each a name of its own")
    for tool in definition.tools:
        if not MESSAGE_NAME.fullmatch(tool.name) or len(tool.name) > _LENGTH_MAX:
            message = f"a tool's name, {quote(tool.name)}, can't be used"
            hint = f"write letters, digits, `_` and `-`, with dots between, at most {_LENGTH_MAX}: `bank.pay`"
            report.tool(tool.name, "E060", message, hint)
        if tool.endpoint is not None:
            _check_endpoint(tool, report)


def _check_endpoint(tool: Contract, report: Report) -> None:
    if tool.effect is Effect.TRANSACTIONAL:
        message = f"the tool `{tool.name}` is `transactional`, and an endpoint runs no SQL of the store"
        report.tool(tool.name, "E063", message, "use `keyed`, if it knows idempotency keys, or `once`", part="effect")
    if tool.endpoint is not None:
        for part, what, hint in complaints(tool, tool.endpoint):
            report.tool(tool.name, "E064", f"the tool `{tool.name}`: {what}", hint, part=f"endpoint.{part}")
