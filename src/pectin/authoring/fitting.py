"""Fits a function to its node: what it takes and returns against the state, and the conversions between.

All of an author's mistakes with types that a type checker can't see end here, with the node's line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, get_origin, is_typeddict

from pydantic.errors import PydanticUserError

from pectin.authoring.draft import DraftNode
from pectin.authoring.function import AuthoredFunction, item_reader, state_reader
from pectin.authoring.returns import Returns, ReturnsKeys, ReturnsOutput, ReturnsState, ReturnsValue
from pectin.authoring.schema_of import NoSchema, fields_of, fits, has_fields, schema_of
from pectin.authoring.signature import BadFunction, Finding, Signature, read_signature, type_name
from pectin.authoring.state_model import StateModel
from pectin.authoring.values import Values
from pectin.core import schema
from pectin.core.hint import did_you_mean

_PATH = re.compile(r"state((?:\.[A-Za-z_]\w*)+)")


class Fitting:
    """The functions of one workflow. `state` is the type of its state as it was declared."""

    def __init__(self, workflow: str, state: Any, model: StateModel[Any]) -> None:
        self._workflow = workflow
        self._state = state
        self._model = model

    def fit(self, node: DraftNode, function: Callable[..., Any]) -> AuthoredFunction:
        """The node's function, ready to be called. Raises `BadFunction` with everything that is wrong with it."""
        if node.items is not None:
            return self._fit_item(node, node.items, function)
        subject = f"{'finalizer' if node.run_on else 'node'} `{node.name}`"
        signature = read_signature(function, subject, "state", node.names)
        findings = self._check_parameter(signature, subject)
        returns: Returns | None = None
        try:
            returns = self._returns(node, signature.returns, subject)
        except BadFunction as error:
            findings += error.findings
        if findings or returns is None:
            raise BadFunction(findings)
        name = f"`{node.name}`"
        return AuthoredFunction(function, signature, name, state_reader(self._model, name), returns)

    def _fit_item(self, node: DraftNode, items: str, function: Callable[..., Any]) -> AuthoredFunction:
        name = f"`{node.name}`"
        signature = read_signature(function, name, "item", node.names)
        (parameter, annotation), returns = signature.parameter, signature.returns
        taken = values_of(annotation, type_name(annotation), name)
        given = _item_of(self._model.schema, items)
        findings: list[Finding] = []
        if given is not None and not fits(given, taken.schema):
            message = f"{name} takes {parameter}: {type_name(annotation)}"
            findings.append(Finding("E034", f"{message}, but the items of `{items}` are {schema_name(given)}"))
        written = values_of(returns, type_name(returns), name)
        findings += self._check_key(node, schema.List(written.schema), f"a list of {type_name(returns)}", name)
        if findings:
            raise BadFunction(findings)
        read = item_reader(taken, annotation, name)
        return AuthoredFunction(function, signature, name, read, ReturnsOutput(written))

    def _check_parameter(self, signature: Signature, subject: str) -> list[Finding]:
        name, annotation = signature.parameter
        if self._is_state(annotation):
            return []
        wanted = f"the state of `{self._workflow}` is {self._model.name}"
        message = f"{subject} takes {name}: {type_name(annotation)}, but {wanted}"
        if has_fields(annotation) and fields_of(annotation).keys() < self._model.schema.fields.keys():
            return [Finding("E031", message, "take all of it: taking a part of the state is not there yet")]
        return [Finding("E031", message, f"write `{name}: {self._model.name}`")]

    def _is_state(self, annotation: Any) -> bool:
        if self._state is dict or get_origin(self._state) is dict:
            return annotation is dict or get_origin(annotation) is dict
        return annotation == self._state

    def _returns(self, node: DraftNode, annotation: Any, subject: str) -> Returns:
        named = type_name(annotation)
        if annotation is None or annotation is type(None):
            if node.run_on is not None:
                return ReturnsState(self._model, may_be_none=True)
            raise BadFunction([Finding("E033", f"{subject} returns None", "return the state, and annotate it")])
        if self._is_state(annotation) and node.output_key is None:
            return ReturnsState(self._model)
        if node.run_on is not None and self._is_state_or_none(annotation):
            return ReturnsState(self._model, may_be_none=True)
        if node.output_key is not None:
            values = values_of(annotation, named, subject)
            if findings := self._check_key(node, values.schema, named, subject):
                raise BadFunction(findings)
            return ReturnsValue(self._model, node.output_key, values)
        if is_typeddict(annotation) and node.run_on is None:
            if findings := self._check_keys(annotation, named, subject):
                raise BadFunction(findings)
            return ReturnsKeys(self._model, values_of(annotation, named, subject))
        hint = (
            "return the state or None" if node.run_on else 'return the state, or say where it goes: `output_key="..."`'
        )
        raise BadFunction([Finding("E033", f"{subject} returns {named}", hint)])

    def _is_state_or_none(self, annotation: Any) -> bool:
        options = getattr(annotation, "__args__", ())
        return any(self._is_state(option) for option in options) and len(options) == 2 and type(None) in options

    def _check_key(self, node: DraftNode, given: schema.Schema, named: str, subject: str) -> list[Finding]:
        """Whether what it gives fits its field. That there is such a field is the core's to check."""
        key, model = node.output_key, self._model
        field = None if key is None else model.schema.fields.get(key)
        if field is None or fits(given, field.schema):
            return []
        ours = f"`{key}` of {model.name} is {schema.describe(field.schema)}"
        return [Finding("E020", f"{subject} gives {named}, but {ours}")]

    def _check_keys(self, annotation: Any, named: str, subject: str) -> list[Finding]:
        findings: list[Finding] = []
        fields = self._model.schema.fields
        for name, field in fields_of(annotation).items():
            if name not in fields:
                if not self._model.schema.open:
                    message = f"{subject} returns {named} with `{name}`, which {self._model.name} lacks"
                    findings.append(Finding("E033", message, did_you_mean(name, fields) or None))
            elif not fits(given := schema_of(field.annotation), fields[name].schema):
                ours = f"it is {schema.describe(fields[name].schema)} in {self._model.name}"
                message = f"{subject} returns {named}, whose `{name}` is {schema.describe(given)}; {ours}"
                findings.append(Finding("E020", message))
        return findings


def values_of(annotation: Any, path: str, subject: str) -> Values:
    """The values of an annotation. Raises `BadFunction` for a type that isn't JSON."""
    try:
        return Values(annotation, path)
    except (PydanticUserError, NoSchema) as error:
        reason = str(error).partition("\n")[0]
        message = f"{subject} uses {type_name(annotation)}, which can't be written as JSON: {reason}"
        raise BadFunction([Finding("E033", message, "use types that JSON can say")]) from None


def schema_name(found: schema.Schema) -> str:
    """A schema as the name of a type, where it has one."""
    if isinstance(found, schema.Object) and found.name:
        return found.name
    return schema.describe(found).removeprefix("an ").removeprefix("a ")


def _item_of(state: schema.Object, items: str) -> schema.Schema | None:
    """The schema of the items of a path such as `state.commits`. None where the path doesn't say."""
    match = _PATH.fullmatch(items)
    found: schema.Schema | None = state
    for name in match[1].split(".")[1:] if match else ():
        if not isinstance(found, schema.Object) or name not in found.fields:
            return None
        found = found.fields[name].schema
    return found.item if match and isinstance(found, schema.List) else None
