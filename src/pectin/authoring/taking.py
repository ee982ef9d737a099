"""What the function of a node takes: the state, or a type that names some of its keys and nothing else.

A part is a base class of the state's type, which every type checker lets pass, or a TypedDict.
"""

from __future__ import annotations

from typing import Any, NamedTuple, get_origin, is_typeddict

from pectin.authoring.schema_of import NoSchema, fields_of, fits, has_fields
from pectin.authoring.signature import BadFunction, Finding, Signature, type_name
from pectin.authoring.state_model import StateModel, state_model_of
from pectin.core.hint import did_you_mean
from pectin.core.schema import describe


class Taken(NamedTuple):
    """What a function takes. `keys` is None for the whole state."""

    model: StateModel[Any]
    annotation: Any
    keys: frozenset[str] | None = None

    def is_type(self, annotation: Any) -> bool:
        """Whether it is this type. All dicts are one."""
        if _is_dict(self.annotation):
            return _is_dict(annotation)
        return annotation == self.annotation


class TakesState:
    """The functions of one workflow's nodes. `whole` is its state, of the type that was declared."""

    def __init__(self, workflow: str, state: Any, model: StateModel[Any]) -> None:
        self._workflow = workflow
        self.whole = Taken(model, state)

    def take(self, signature: Signature, subject: str) -> Taken:
        """What a function with this signature takes. Raises `BadFunction`."""
        name, annotation = signature.parameter
        if self.whole.is_type(annotation):
            return self.whole
        message = f"{subject} takes {name}: {type_name(annotation)}"
        if not self._is_part(annotation):
            raise BadFunction([self._no_state(name, annotation, message)])
        try:
            part = state_model_of(annotation)
        except NoSchema as error:
            raise BadFunction([Finding("E031", f"{message}: {error}")]) from None
        if part.schema.open or not part.schema.fields:
            hint = "name the fields that it needs"
            raise BadFunction([Finding("E031", f"{message}, which doesn't say what it takes of the state", hint)])
        if findings := self._check_part(part, message):
            raise BadFunction(findings)
        return Taken(part, annotation, frozenset(part.schema.fields))

    def _is_part(self, annotation: Any) -> bool:
        if is_typeddict(annotation):
            return True
        state = self.whole.annotation
        is_base = isinstance(state, type) and isinstance(annotation, type) and issubclass(state, annotation)
        return is_base and has_fields(annotation)

    def _no_state(self, parameter: str, annotation: Any, message: str) -> Finding:
        name = self.whole.model.name
        message = f"{message}, but the state of `{self._workflow}` is {name}"
        hint = f"write `{parameter}: {name}`"
        names = _names(annotation) if has_fields(annotation) else set[str]()
        if names and names <= self.whole.model.schema.fields.keys():
            hint = f"{hint}, or make {type_name(annotation)} a base class of {name}"
        return Finding("E031", message, hint)

    def _check_part(self, part: StateModel[Any], message: str) -> list[Finding]:
        """Whether the state has each key of a part, with values that the part can read."""
        whole, findings = self.whole.model, list[Finding]()
        for key, field in part.schema.fields.items():
            found = whole.schema.fields.get(key)
            if found is None:
                if not whole.schema.open:
                    hint = did_you_mean(key, whole.schema.fields) or None
                    findings.append(Finding("E031", f"{message} with `{key}`, which {whole.name} lacks", hint))
            elif not fits(found.schema, field.schema):
                given = f"{describe(field.schema)}; in {whole.name} it is {describe(found.schema)}"
                findings.append(Finding("E031", f"{message}, whose `{key}` is {given}"))
        return findings


def _names(annotation: Any) -> set[str]:
    """The names of a type's fields, none if it can't be a state at all."""
    try:
        return set(fields_of(annotation))
    except NoSchema:
        return set()


def _is_dict(annotation: Any) -> bool:
    return annotation is dict or get_origin(annotation) is dict
