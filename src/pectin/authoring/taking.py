"""What the function of a node takes: the state, or a type that names some of its keys and nothing else.

A part is a base class of the state's type, which every type checker lets pass, or a TypedDict. Where only the schema of
the state is known, a dict is the whole of it, and so is any class with just that schema.
"""

from __future__ import annotations

from typing import Any, NamedTuple, get_origin, is_typeddict

from msgspec import UNSET

from pectin.authoring.schema_of import NoSchema, fields_of, fits, has_fields
from pectin.authoring.signature import BadFunction, Finding, Signature, type_name
from pectin.authoring.state_model import StateModel, state_model_of
from pectin.core.fit import show_json
from pectin.core.hint import did_you_mean
from pectin.core.schema import Field, Object, describe, to_document


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
        self._is_declared = isinstance(state, Object)
        self._classes: dict[Any, Taken | None] = {}
        self.whole = Taken(model, dict if self._is_declared else state)

    @property
    def found(self) -> StateModel[Any] | None:
        """The first class that some function has for a state of which the schema was declared."""
        return next((taken.model for taken in self._classes.values() if taken is not None), None)

    def take(self, signature: Signature, subject: str) -> Taken:
        """What a function with this signature takes. Raises `BadFunction`."""
        name, annotation = signature.parameter
        if self.whole.is_type(annotation):
            return self.whole
        message = f"{subject} takes {name}: {type_name(annotation)}"
        if self._is_declared and has_fields(annotation) and not is_typeddict(annotation):
            return self._take_class(annotation, message)
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

    def _take_class(self, cls: Any, message: str) -> Taken:
        """A class for the whole state. What is wrong with it is told once."""
        if cls in self._classes:
            if (known := self._classes[cls]) is None:
                raise BadFunction([])
            return known
        self._classes[cls] = None
        try:
            model = state_model_of(cls)
        except NoSchema as error:
            raise BadFunction([Finding("E031", f"{message}: {error}")]) from None
        if findings := self._compare(model, message):
            raise BadFunction(findings)
        self._classes[cls] = taken = Taken(model, cls)
        return taken

    def _compare(self, model: StateModel[Any], message: str) -> list[Finding]:
        """In which fields a class differs from the state that was declared."""
        ours, theirs = self.whole.model.schema, model.schema
        findings: list[Finding] = []
        for key in dict.fromkeys((*ours.fields, *theirs.fields)):
            one, other = ours.fields.get(key), theirs.fields.get(key)
            if one is None:
                hint = did_you_mean(key, ours.fields.keys() - theirs.fields.keys())
                findings.append(Finding("E031", f"{message} with `{key}`, which the state lacks", hint or None))
            elif other is None:
                hint = "add it, or take `dict[str, Any]`"
                findings.append(Finding("E031", f"{message} without `{key}`, which the state has", hint))
            elif outline(one) != outline(other):
                findings.append(Finding("E031", f"{message}, {_tell_difference(key, one, other)}"))
        if not findings and ours.open != theirs.open:
            words = ("may", "may not") if theirs.open else ("may not", "may")
            findings.append(Finding("E031", f"{message}, which {words[0]} have more fields; the state {words[1]}"))
        return findings

    def _is_part(self, annotation: Any) -> bool:
        if is_typeddict(annotation):
            return True
        state = self.whole.annotation
        is_base = isinstance(state, type) and isinstance(annotation, type) and issubclass(state, annotation)
        return is_base and has_fields(annotation)

    def _no_state(self, parameter: str, annotation: Any, message: str) -> Finding:
        if self._is_declared:
            hint = "take `dict[str, Any]`, a TypedDict of some of its fields, or a class with all of them"
            return Finding("E031", f"{message}, which is no state", hint)
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


def outline(field: Field) -> object:
    """A field as far as it means something: without the names of its objects."""
    return to_document(field.schema, titles=False), field.required, field.default


def _tell_difference(key: str, ours: Field, theirs: Field) -> str:
    if to_document(ours.schema, titles=False) != to_document(theirs.schema, titles=False):
        one, other = describe(theirs.schema), describe(ours.schema)
        if one == other:
            return f"whose `{key}` isn't made of the same as in the state"
        return f"whose `{key}` is {one}; in the state it is {other}"
    one, other = (
        "has no default" if field.default is UNSET else f"is {show_json(field.default)} by default"
        for field in (theirs, ours)
    )
    return f"whose `{key}` {one}; in the state it {other}"


def _names(annotation: Any) -> set[str]:
    """The names of a type's fields, none if it can't be a state at all."""
    try:
        return set(fields_of(annotation))
    except NoSchema:
        return set()


def _is_dict(annotation: Any) -> bool:
    return annotation is dict or get_origin(annotation) is dict
