"""What runs a node: the application's function, or where it calls a tool, that tool and what is kept of its output."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final, cast

import msgspec

from pectin.core.call import keep
from pectin.core.decide.patch import misfits_in
from pectin.core.definition import Json, Node
from pectin.core.expression import EvaluationError
from pectin.core.program import Program
from pectin.nodes import function_name
from pectin.ports.function import BadResult, Conclusion, Function, Functions, Request, Result, Verdict

NO_KEYS: Final = frozenset[str]()


def find_function(functions: Functions, program: Program, node: Node, asks: bool) -> Function | None:
    """What runs a node, or `asks` about its attempt in doubt; None if this application doesn't have it."""
    if is_endpoint(program, node) and not asks:
        return CallingFunction(program, node, functions.endpoint(program.calls[node.id].tool))
    function = functions.find(program.definition.id, (node.reconcile if asks else function_name(node)) or "")
    if function is None or node.id not in program.calls:
        return function
    return CallingFunction(program, node, function)


def is_endpoint(program: Program, node: Node) -> bool:
    """Whether the node calls a tool over HTTP, so that the application needs no function for it."""
    call = program.calls.get(node.id)
    return call is not None and call.tool.endpoint is not None


class CallingFunction:
    """A `ports.Function` of a node that calls a tool. What it keeps of the tool's output is in the definition that the
    execution began with, and not in today's code."""

    __slots__ = ("_function", "_node", "_program", "is_async", "keys")

    def __init__(self, program: Program, node: Node, function: Function) -> None:
        self.is_async = function.is_async
        self.keys = NO_KEYS
        self._program = program
        self._node = node
        self._function = function

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        """Call the tool, or ask about the call. Raises what that raises, and `BadResult`."""
        called = self._function.call(request)
        if self.is_async:
            return self._conclude_later(request, cast("Awaitable[Conclusion]", called))
        return self._conclude(request, cast("Conclusion", called))

    async def _conclude_later(self, request: Request, called: Awaitable[Conclusion]) -> Conclusion:
        return self._conclude(request, await called)

    def _conclude(self, request: Request, concluded: Conclusion) -> Conclusion:
        if isinstance(concluded, Verdict):
            result = self._kept(request, concluded.result.output) if concluded.happened else concluded.result
            return Verdict(concluded.happened, result)
        return self._kept(request, concluded.output)

    def _kept(self, request: Request, output: Json) -> Result:
        """What the node makes of a tool's output: a patch, and for an item its output."""
        node, definition = self._node, self._program.definition
        try:
            patch, shown = keep(self._program.calls[node.id], node, output, is_item=request.item is not msgspec.UNSET)
        except EvaluationError as problem:
            raise BadResult(str(problem), output, error_class="condition_error") from None
        if problems := misfits_in(definition, patch):
            told = f"`{node.id}` gives what doesn't fit the state: {'; '.join(problems)}"
            raise BadResult(told, output)
        return Result(patch, output=shown)
