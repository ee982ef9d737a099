"""From a tool as it was declared to its contract, and to the function that is registered for it.

What it takes and gives becomes our own schema, from annotations and never from a library, as with a workflow's state.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple, cast

from msgspec.json import encode
from pydantic import ValidationError
from pydantic.errors import PydanticUserError

from pectin.authoring.adapter import adapter_of
from pectin.authoring.draft import DraftFunction
from pectin.authoring.fitting import happened_in, values_of
from pectin.authoring.function import BadArguments
from pectin.authoring.mismatch import TypeMismatch
from pectin.authoring.returns import Concludes, ReturnsOutput, ReturnsVerdict, conclude
from pectin.authoring.schema_of import NoSchema, fits, has_fields, object_of, schema_of
from pectin.authoring.signature import BadFunction, CallSignature, Finding, read_call_signature, type_name
from pectin.authoring.tool import AnyTool, HttpTool, Tool
from pectin.authoring.values import Values
from pectin.core import schema
from pectin.core.codec import check_value
from pectin.core.contract import read_schema
from pectin.core.definition import Contract, Effect, Endpoint, Json, Secret
from pectin.core.duration import parse_duration
from pectin.core.error import BadValue, quote
from pectin.core.hint import did_you_mean
from pectin.core.schema import Field, Object, Schema, SchemaError, describe
from pectin.ports.function import Conclusion, Request

NO_KEYS: Final = frozenset[str]()
_SHOWN: Final = 200


class Agreed(NamedTuple):
    """A tool's contract, and its function; an endpoint has none."""

    contract: Contract
    function: ToolFunction | None = None


class ToolFunction:
    """A `ports.Function` made of a tool's function, or of a `reconcile` of a node that calls one."""

    __slots__ = ("_arguments", "_context", "_function", "_returns", "_subject", "is_async", "keys")

    def __init__(
        self,
        function: Callable[..., Any],
        signature: CallSignature,
        subject: str,
        arguments: Mapping[str, Values],
        returns: Concludes[Conclusion],
    ) -> None:
        self.is_async = signature.is_async
        self.keys = NO_KEYS
        self._function = function
        self._context = signature.context
        self._subject = subject
        self._arguments = arguments
        self._returns = returns

    def call(self, request: Request) -> Conclusion | Awaitable[Conclusion]:
        """Run it: what it concludes, or the awaitable of that if `is_async`. Raises `BadArguments`."""
        returned = self._function(**self._read(request))
        if self.is_async:
            return self._conclude_later(request, returned)
        return conclude(self._returns, self._subject, request, None, returned)

    async def _conclude_later(self, request: Request, returned: Awaitable[Any]) -> Conclusion:
        return conclude(self._returns, self._subject, request, None, await returned)

    def _read(self, request: Request) -> dict[str, Any]:
        given = request.arguments
        assert given is not None, "a tool is called with arguments"
        try:
            read = {name: values.read(given[name]) for name, values in self._arguments.items()}
        except TypeMismatch as error:
            raise BadArguments(f"the arguments of {self._subject} can't be used: {error}") from None
        return read if self._context is None else {**read, self._context: request.context}


def agree(tool: AnyTool) -> Agreed:
    """What a tool promises. Raises `BadFunction` with everything that is wrong with it."""
    return _agree_endpoint(tool) if isinstance(tool, HttpTool) else _agree_function(tool)


def agree_reconcile(tool: Contract, given: DraftFunction, node: str) -> ToolFunction:
    """The function that says whether a call in doubt has happened. It takes what it needs of the tool's arguments.

    Raises `BadFunction`.
    """
    subject = f"the `reconcile` of `{node}`"
    signature = read_call_signature(given.function, subject, given.names)
    findings: list[Finding] = []
    arguments: dict[str, Values] = {}
    for parameter in signature.parameters:
        values = values_of(parameter.annotation, parameter.name, subject)
        field = tool.input.fields.get(parameter.name)
        if field is None:
            hint = did_you_mean(parameter.name, tool.input.fields) or f"take what `{tool.name}` takes"
            message = f"{subject} takes `{parameter.name}`, which `{tool.name}` doesn't"
            findings.append(Finding("E032", message, hint))
        elif not fits(field.schema, values.schema):
            message = f"{subject} takes {parameter.name}: {type_name(parameter.annotation)}"
            findings.append(Finding("E031", f"{message}, which in `{tool.name}` is {describe(field.schema)}"))
        arguments[parameter.name] = values
    result = _result_of(signature.returns, tool.output)
    if result is None:
        hint = "write `-> Happened[...] | DidNot | Unknown`, with what the tool gives"
        findings.append(Finding("E033", f"{subject} returns {type_name(signature.returns)}", hint))
    if findings or result is None:
        raise BadFunction(findings)
    returns = ReturnsVerdict(ReturnsOutput(result))
    return ToolFunction(given.function, signature, subject, arguments, returns)


def _result_of(annotation: Any, output: Schema) -> Values | None:
    """The values of the result in `Happened[result]`; None if the annotation is no verdict on the tool's output."""
    found = happened_in(annotation)
    if found is None:
        return None
    try:
        values = Values(found, type_name(found))
    except (PydanticUserError, NoSchema):
        return None
    return values if fits(values.schema, output) else None


# -- a function ------------------------------------------------------------------------------------------------


def _agree_function(tool: Tool[..., Any]) -> Agreed:
    subject = f"the tool `{tool.name}`"
    findings = _check_name(tool.name)
    try:
        signature = read_call_signature(tool.function, subject, tool.names)
    except BadFunction as error:
        raise BadFunction([*findings, *error.findings]) from None
    fields: dict[str, Field] = {}
    arguments: dict[str, Values] = {}
    for parameter in signature.parameters:
        try:
            values = arguments[parameter.name] = values_of(parameter.annotation, parameter.name, subject)
            fields[parameter.name] = _field(values.schema, parameter.annotation, parameter.default)
        except BadFunction as error:
            findings += error.findings
        except NoSchema as error:
            findings.append(Finding("E060", f"{subject}: `{parameter.name}`: {error}"))
    effect = _read_effect(tool.effect, subject, findings)
    try:
        written = values_of(signature.returns, type_name(signature.returns), subject)
    except BadFunction as error:
        raise BadFunction([*findings, *error.findings]) from None
    if findings:
        raise BadFunction(findings)
    contract = Contract(tool.name, Object(fields), written.schema, effect, tool.description)
    name = f"`{tool.name}`"
    return Agreed(contract, ToolFunction(tool.function, signature, name, arguments, ReturnsOutput(written)))


def _field(declared: Schema, annotation: Any, default: Any) -> Field:
    """An argument. Raises `NoSchema` for a default that JSON can't say."""
    if default is inspect.Parameter.empty:
        return Field(declared)
    adapter = adapter_of(annotation)
    try:
        value: Json = adapter.dump_python(default, mode="json", warnings=False)
        check_value(value)
        adapter.validate_json(encode(value))
    except (BadValue, ValidationError, ValueError, TypeError):
        raise NoSchema(f"the default {quote(default)} can't be written as JSON and read again") from None
    return Field(declared, required=False, default=value)


# -- an endpoint -----------------------------------------------------------------------------------------------


def _agree_endpoint(tool: HttpTool) -> Agreed:
    subject = f"the tool `{tool.name}`"
    findings = _check_name(tool.name)
    given: object = tool.input
    input = Object({}) if given is None else _read_schema(given, "input", subject, findings)
    if not isinstance(input, Object):
        findings.append(Finding("E060", f"the input of {subject} is {describe(input)}", "give it a type with fields"))
        input = Object({})
    output = schema.Null() if tool.output is None else _read_schema(tool.output, "output", subject, findings)
    effect = _read_effect(tool.effect, subject, findings)
    endpoint = Endpoint(
        method=_read_text(tool.method, "method", subject, findings),
        url=_read_text(tool.url, "url", subject, findings),
        query=_read_query(tool.query, subject, findings),
        headers=_read_headers(tool.headers, subject, findings),
        key_header=_read_text(tool.key_header, "key_header", subject, findings),
        timeout_ms=_read_timeout(tool, subject, findings),
        request_bytes_max=_read_bytes(tool.request_bytes_max, "request_bytes_max", subject, findings),
        response_bytes_max=_read_bytes(tool.response_bytes_max, "response_bytes_max", subject, findings),
    )
    if findings:
        raise BadFunction(findings)
    return Agreed(Contract(tool.name, input, output, effect, tool.description, endpoint))


def _read_schema(given: object, what: str, subject: str, findings: list[Finding]) -> Schema:
    """The schema of a type, or that a JSON Schema says. Only what is outermost may have defaults."""
    try:
        if isinstance(given, Mapping):
            return read_schema(cast("Mapping[str, object]", given))
        return object_of(given, defaults=True) if has_fields(given) else schema_of(given)
    except (SchemaError, NoSchema, PydanticUserError) as error:
        message = f"the {what} of {subject} can't be used: {str(error).partition(chr(10))[0]}"
        findings.append(Finding("E060", message, "give it a type that JSON can say, or a JSON Schema"))
        return Object({})


def _read_query(given: object, subject: str, findings: list[Finding]) -> dict[str, str]:
    pairs: Mapping[object, object] | None = None
    if isinstance(given, list | tuple):
        pairs = {name: name for name in cast("list[object]", given)}
    elif isinstance(given, Mapping):
        pairs = cast("Mapping[object, object]", given)
    if pairs is not None and all(isinstance(text, str) for text in (*pairs, *pairs.values())):
        return dict(cast("Mapping[str, str]", pairs))
    told = quote(cast("object", given))
    hint = 'write `query=["name"]`, or `{"parameter": "name"}`'
    findings.append(Finding("E064", f"the query of {subject}, {told}, names no fields", hint))
    return {}


def _read_headers(given: object, subject: str, findings: list[Finding]) -> dict[str, str | Secret]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = cast("Mapping[object, object]", given)
        if all(isinstance(name, str) and isinstance(value, str | Secret) for name, value in pairs.items()):
            return dict(cast("Mapping[str, str | Secret]", pairs))
    hint = 'write `headers={"Authorization": Secret("TOKEN", prefix="Bearer ")}`'
    findings.append(Finding("E064", f"the headers of {subject} are no mapping of texts and secrets", hint))
    return {}


def _read_text(given: object, what: str, subject: str, findings: list[Finding]) -> str:
    if isinstance(given, str):
        return given
    findings.append(Finding("E064", f"the {what} of {subject}, {quote(given)}, is no text", "write it in quotes"))
    return ""


def _read_bytes(given: object, what: str, subject: str, findings: list[Finding]) -> int:
    if type(given) is int:
        return given
    findings.append(Finding("E064", f"{what} of {subject}, {quote(given)}, is no whole number"))
    return 1


def _read_timeout(tool: HttpTool, subject: str, findings: list[Finding]) -> int | None:
    if tool.timeout is None:
        return None
    try:
        return parse_duration(tool.timeout, "timeout")
    except BadValue as error:
        findings.append(Finding("E022", f"the timeout of {subject}: {error.what}", error.hint))
        return None


# -- both ------------------------------------------------------------------------------------------------------


def _check_name(name: object) -> list[Finding]:
    """What a name may be is the core's to check; whether it is a text, nobody else's."""
    if isinstance(name, str):
        return []
    return [Finding("E060", f"a tool's name, {quote(name)}, is no text", "write it in quotes")]


def _read_effect(given: object, subject: str, findings: list[Finding]) -> Effect:
    if given in tuple(Effect):
        return Effect(cast("str", given))
    hint = did_you_mean(str(given), Effect) or f"use one of {', '.join(Effect)}"
    findings.append(Finding("E026", f"{subject} has the unknown effect {quote(given)}", hint))
    return Effect.ONCE
