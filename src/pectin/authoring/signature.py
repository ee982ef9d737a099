"""What a function takes and returns, and what is wrong with that.

Annotations are read when the workflow is built, so that they may name what the module defines further down.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from pectin.ports.context import Context

_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Finding(NamedTuple):
    """Something wrong with a function: the parts of a `Problem` that don't depend on where it is."""

    code: str
    message: str
    hint: str | None = None


class BadFunction(Exception):
    """The function can't be called by a workflow, or its result can't be used."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Signature:
    """A function that takes one value and perhaps the context. `parameter` is the value's name and type."""

    parameter: tuple[str, Any]
    takes_context: bool
    returns: Any
    is_async: bool


def read_signature(function: Callable[..., Any], subject: str, role: str, names: Mapping[str, Any]) -> Signature:
    """The signature of a `def` or `async def`. Raises `BadFunction` with everything that is wrong.

    `subject` is what messages call the function, `role` what it takes first (`state` or `item`), `names` the local
    names at its definition, for its annotations.
    """
    if finding := _not_a_function(function, subject):
        raise BadFunction([finding])
    parameters = list(inspect.signature(function).parameters.values())
    findings = [*_unfillable(parameters, subject, role), *_unannotated(function, parameters[:2], subject)]
    hints = _hints(function, subject, names, findings)
    second = [parameter.name for parameter in parameters[1:2] if parameter.kind in _BY_POSITION]
    if second and hints.get(second[0], Context) is not Context:
        findings.insert(0, _extra(second[0], subject, role))
    if findings:
        raise BadFunction(findings)
    first = parameters[0].name
    is_async = inspect.iscoroutinefunction(function)
    return Signature((first, hints[first]), bool(second), hints["return"], is_async)


class Parameter(NamedTuple):
    """An argument of a tool's function. `default` is `inspect.Parameter.empty` if it has none."""

    name: str
    annotation: Any
    default: Any


@dataclass(frozen=True, slots=True)
class CallSignature:
    """A function that takes keyword arguments; `context` is the name of the one that is the context."""

    parameters: tuple[Parameter, ...]
    context: str | None
    returns: Any
    is_async: bool


def read_call_signature(function: Callable[..., Any], subject: str, names: Mapping[str, Any]) -> CallSignature:
    """The signature of a tool's function. Raises `BadFunction` with everything that is wrong."""
    if finding := _not_a_function(function, subject):
        raise BadFunction([finding])
    given = list(inspect.signature(function).parameters.values())
    findings = [
        Finding("E060", f"{subject} takes `{parameter.name}`, which has no name in a call", "take it by its keyword")
        for parameter in given
        if parameter.kind not in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    ]
    findings += _unannotated(function, given, subject)
    hints = _hints(function, subject, names, findings)
    if findings:
        raise BadFunction(findings)
    contexts = [parameter.name for parameter in given if hints[parameter.name] is Context]
    if len(contexts) > 1:
        raise BadFunction([Finding("E060", f"{subject} takes the context twice", f"delete `{contexts[1]}`")])
    parameters = [
        Parameter(parameter.name, hints[parameter.name], parameter.default)
        for parameter in given
        if parameter.name not in contexts
    ]
    is_async = inspect.iscoroutinefunction(function)
    return CallSignature(tuple(parameters), contexts[0] if contexts else None, hints["return"], is_async)


def type_name(annotation: Any) -> str:
    """A type as an author writes it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is types.NoneType or annotation is Ellipsis:
        return "None" if annotation is types.NoneType else "..."
    if origin in (Union, types.UnionType):
        return " | ".join(type_name(argument) for argument in arguments)
    if isinstance(origin, type) and arguments:
        return f"{origin.__name__}[{', '.join(type_name(argument) for argument in arguments)}]"
    return annotation.__name__ if isinstance(annotation, type) else str(annotation).replace("typing.", "")


def _hints(
    function: Callable[..., Any], subject: str, names: Mapping[str, Any], findings: Sequence[Finding]
) -> dict[str, Any]:
    """The annotations of a function. Raises `BadFunction`, with what was found before, if they can't be read."""
    try:
        return get_type_hints(function, localns=dict(names), include_extras=True)
    except NameError as error:
        message = f"the annotations of {subject} name `{error.name}`, which can't be found from there"
        finding = Finding("E030", message, "define or import it in the function's module")
        raise BadFunction([*findings, finding]) from None


def _not_a_function(function: Callable[..., Any], subject: str) -> Finding | None:
    if getattr(function, "__name__", "") == "<lambda>":
        return Finding("E035", f"{subject} is a lambda", "write a `def`, with annotations")
    if not (inspect.isfunction(function) or inspect.ismethod(function)):
        return Finding("E035", f"{subject} is no function but {function!r:.80}", "write a `def` that calls it")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return Finding("E035", f"{subject} is a generator", "return a list instead of `yield`")
    return None


def _unfillable(parameters: Sequence[inspect.Parameter], subject: str, role: str) -> list[Finding]:
    if not parameters:
        return [Finding("E032", f"{subject} takes nothing", f"its first parameter is the {role}")]
    return [
        _extra(parameter.name, subject, role)
        for index, parameter in enumerate(parameters)
        if index > 1 or parameter.kind not in _BY_POSITION
    ]


def _extra(parameter: str, subject: str, role: str) -> Finding:
    message = f"{subject} takes `{parameter}`, which nothing fills in"
    return Finding("E032", message, f"it can take the {role}, and `ctx: Context` after it")


def _unannotated(function: Callable[..., Any], parameters: Sequence[inspect.Parameter], subject: str) -> list[Finding]:
    annotations = inspect.get_annotations(inspect.unwrap(function))
    findings = [
        Finding("E030", f"the parameter `{parameter.name}` of {subject} has no annotation")
        for parameter in parameters
        if parameter.annotation is parameter.empty
    ]
    if "return" not in annotations:
        findings.append(Finding("E030", f"the result of {subject} has no annotation"))
    return findings
