"""Fits a function to its node: what it takes and returns against the state, and the conversions between.

All of an author's mistakes with types that a type checker can't see end here, with the node's line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, get_args, get_origin, is_typeddict

from pydantic.errors import PydanticUserError

from pectin.authoring.draft import DraftFunction, DraftNode
from pectin.authoring.function import AuthoredFunction, item_reader, state_reader
from pectin.authoring.part import Part
from pectin.authoring.returns import Returns, ReturnsKeys, ReturnsOutput, ReturnsState, ReturnsValue, ReturnsVerdict
from pectin.authoring.schema_of import NoSchema, fields_of, fits, schema_of
from pectin.authoring.signature import BadFunction, Finding, Signature, read_signature, type_name
from pectin.authoring.state_model import StateModel
from pectin.authoring.taking import Taken, TakesState
from pectin.authoring.values import Values
from pectin.core import schema
from pectin.core.definition import OnItemFailure, Reducer
from pectin.core.hint import did_you_mean
from pectin.ports.function import DidNot, Happened, Request, Unknown

_PATH = re.compile(r"state((?:\.[A-Za-z_]\w*)+)")

COLLECTED: Final = schema.Object({"error": schema.Field(schema.Any())})
"""What a map with `collect` has in place of the output of an item that failed."""


class Fit(NamedTuple):
    """A function that fits its node: how it is called, and what comes of it. `keys` are all that it needs."""

    signature: Signature
    read: Callable[[Request], Any]
    returns: Returns
    keys: frozenset[str] | None


class Fitting:
    """The functions of one workflow. `state` is the type of its state as it was declared."""

    def __init__(
        self, workflow: str, state: Any, model: StateModel[Any], reducers: Mapping[str, Reducer] | None = None
    ) -> None:
        self._model = model
        self._reducers: Mapping[str, Reducer] = reducers or {}
        self._takes = TakesState(workflow, state, model)

    @property
    def model(self) -> StateModel[Any]:
        """The state's model: of the type that was declared, or of the one that the functions have for it."""
        return self._takes.found or self._model

    def fit(self, node: DraftNode, given: DraftFunction) -> AuthoredFunction:
        """The node's function, ready to be called. Raises `BadFunction` with everything that is wrong with it."""
        fit = self._fit(node, given)
        return AuthoredFunction(given.function, fit.signature, f"`{node.name}`", fit.read, fit.returns, keys=fit.keys)

    def fit_reconcile(self, node: DraftNode, given: DraftFunction) -> AuthoredFunction:
        """The function that says whether the node's attempt in doubt has happened. It takes what the node takes.

        Raises `BadFunction`; where the node itself is wrong, without a word.
        """
        assert node.function is not None, "only a node that runs a function has a `reconcile`"
        try:
            fit = self._fit(node, node.function)
        except BadFunction:
            raise BadFunction([]) from None
        subject = f"the `reconcile` of `{node.name}`"
        signature = read_signature(given.function, subject, fit.signature.parameter[0], given.names)
        (name, taken), (_, wanted) = signature.parameter, fit.signature.parameter
        findings: list[Finding] = []
        if taken != wanted:
            message = f"{subject} takes {name}: {type_name(taken)}, but `{node.name}` takes {type_name(wanted)}"
            findings.append(Finding("E031", message, f"write `{name}: {type_name(wanted)}`"))
        if not _is_verdict(signature.returns, fit.signature.returns):
            hint = f"write `-> Happened[{type_name(fit.signature.returns)}] | DidNot | Unknown`"
            findings.append(Finding("E033", f"{subject} returns {type_name(signature.returns)}", hint))
        if findings:
            raise BadFunction(findings)
        return AuthoredFunction(
            given.function, signature, subject, fit.read, ReturnsVerdict(fit.returns), keys=fit.keys
        )

    def _fit(self, node: DraftNode, given: DraftFunction) -> Fit:
        if node.items is not None:
            return self._fit_item(node, node.items, given)
        subject = f"{'finalizer' if node.run_on else 'node'} `{node.name}`"
        signature = read_signature(given.function, subject, "state", given.names)
        findings: list[Finding] = []
        taken, returns = self._takes.whole, None
        try:
            taken = self._takes.take(signature, subject)
        except BadFunction as error:
            if signature.returns == signature.parameter[1]:  # and is wrong for the same reason
                raise
            findings += error.findings
        try:
            returns = self._returns(node, taken, signature.returns, subject)
        except BadFunction as error:
            findings += error.findings
        if findings or returns is None:
            raise BadFunction(findings)
        keys = None if taken.keys is None or returns.needs is None else taken.keys | returns.needs
        return Fit(signature, state_reader(taken.model, f"`{node.name}`", taken.keys), returns, keys)

    def _fit_item(self, node: DraftNode, items: str, function: DraftFunction) -> Fit:
        name = f"`{node.name}`"
        signature = read_signature(function.function, name, "item", function.names)
        (parameter, annotation), returns = signature.parameter, signature.returns
        taken = values_of(annotation, type_name(annotation), name)
        given = _item_of(self._model.schema, items)
        findings: list[Finding] = []
        if given is not None and not fits(given, taken.schema):
            message = f"{name} takes {parameter}: {type_name(annotation)}"
            findings.append(Finding("E034", f"{message}, but the items of `{items}` are {schema_name(given)}"))
        written = values_of(returns, type_name(returns), name)
        findings += self._check_key(node, schema.List(written.schema), f"a list of {type_name(returns)}", name)
        if not findings and node.on_item_failure is OnItemFailure.COLLECT:
            findings += self._check_key(node, schema.List(COLLECTED), "errors in place of what failed", name)
        if findings:
            raise BadFunction(findings)
        gives = ReturnsOutput(written)
        return Fit(signature, item_reader(taken, annotation, name), gives, gives.needs)

    def _returns(self, node: DraftNode, taken: Taken, annotation: Any, subject: str) -> Returns:
        named, key = type_name(annotation), node.output_key
        if annotation is None or annotation is type(None):
            if node.run_on is not None:
                return ReturnsState(taken.model, may_be_none=True, reducers=self._reducers)
            raise BadFunction([Finding("E033", f"{subject} returns None", "return the state, and annotate it")])
        if key is not None:
            values = values_of(annotation, named, subject)
            if findings := self._check_key(node, values.schema, named, subject):
                raise BadFunction(findings)
            part = self._part_of(taken, (key,))
            return ReturnsValue(self._model, key, values, given=taken.model, part=part, adds=key in self._reducers)
        may_be_none = node.run_on is not None and _is_or_none(taken, annotation)
        if taken.is_type(annotation) or may_be_none:
            if taken.keys is not None:
                self._check_keys(taken.annotation, taken.model.name, subject, {})
            return ReturnsState(taken.model, may_be_none=may_be_none, reducers=self._reducers)
        if is_typeddict(annotation) and node.run_on is None and not self._takes.whole.is_type(annotation):
            self._check_keys(annotation, named, subject, self._reducers)
            keys = values_of(annotation, named, subject)
            part = self._part_of(taken, fields_of(annotation))
            return ReturnsKeys(self._model, keys, given=taken.model, part=part, reducers=self._reducers)
        raise BadFunction([self._no_result(node, taken, annotation, subject)])

    def _part_of(self, taken: Taken, keys: Iterable[str]) -> Part | None:
        """The keys that it returns, as fields to be checked alone; None if it is given the whole state, or they can't
        be."""
        return None if taken.keys is None else self._model.part([key for key in keys if key not in self._reducers])

    def _no_result(self, node: DraftNode, taken: Taken, annotation: Any, subject: str) -> Finding:
        message = f"{subject} returns {type_name(annotation)}"
        if node.run_on is not None:
            return Finding("E033", message, "return the state or None")
        if self._takes.whole.is_type(annotation):
            part = taken.model.name
            return Finding("E033", f"{message}, of which it is only given {part}", f"return {part}, or the keys to set")
        return Finding("E033", message, 'return the state, or say where it goes: `output_key="..."`')

    def _check_key(self, node: DraftNode, given: schema.Schema, named: str, subject: str) -> list[Finding]:
        """Whether what it gives fits its field. That there is such a field is the core's to check."""
        key = node.output_key
        if key is None or (wanted := self._wanted(key, self._reducers)) is None or fits(given, wanted[0]):
            return []
        return [Finding("E020", f"{subject} gives {named}, but `{key}` of {self._model.name} {wanted[1]}")]

    def _check_keys(self, annotation: Any, named: str, subject: str, reducers: Mapping[str, Reducer]) -> None:
        """Raise `BadFunction` unless each key of a type that is returned is a field of the state, and fits it."""
        findings: list[Finding] = []
        for name, given in _keys_of(annotation, named, subject).items():
            wanted = self._wanted(name, reducers)
            if wanted is None:
                if not self._model.schema.open:
                    message = f"{subject} returns {named} with `{name}`, which {self._model.name} lacks"
                    findings.append(Finding("E033", message, did_you_mean(name, self._model.schema.fields) or None))
            elif not fits(given, wanted[0]):
                message = f"{subject} returns {named}, whose `{name}` is {schema.describe(given)}"
                findings.append(Finding("E020", f"{message}; in {self._model.name} it {wanted[1]}"))
        if findings:
            raise BadFunction(findings)

    def _wanted(self, key: str, reducers: Mapping[str, Reducer]) -> tuple[schema.Schema, str] | None:
        """What may be returned for a key, and that in words. With a reducer it is what is added to the value."""
        field, reducer = self._model.schema.fields.get(key), reducers.get(key)
        if field is None:
            return None
        if reducer is None:
            return field.schema, f"is {schema.describe(field.schema)}"
        added = schema.Map(schema.Any()) if reducer is Reducer.MERGE else schema.without_null(field.schema)
        return added, f"has the reducer `{reducer}`, which takes {schema.describe(added)}"


def _keys_of(annotation: Any, named: str, subject: str) -> dict[str, schema.Schema]:
    """The fields of a type that is returned. Raises `BadFunction` for those that aren't JSON."""
    try:
        return {name: schema_of(field.annotation, name) for name, field in fields_of(annotation).items()}
    except NoSchema as error:
        raise BadFunction([Finding("E033", f"{subject} returns {named}: {error}")]) from None


def _is_or_none(taken: Taken, annotation: Any) -> bool:
    options = get_args(annotation)
    return any(taken.is_type(option) for option in options) and len(options) == 2 and type(None) in options


def _is_verdict(annotation: Any, result: Any) -> bool:
    """Whether it is made of `Happened[result]`, `DidNot` and `Unknown`."""
    options = (annotation,) if get_origin(annotation) in (None, Happened) else get_args(annotation)
    return all(
        option in (DidNot, Unknown) or (get_origin(option) is Happened and get_args(option) == (result,))
        for option in options
    )


def happened_in(annotation: Any) -> Any:
    """The result in `Happened[result]` of a verdict's annotation; None if it is no verdict, or has no result in it."""
    options = (annotation,) if get_origin(annotation) in (None, Happened) else get_args(annotation)
    results = [get_args(option)[0] for option in options if get_origin(option) is Happened]
    others = [option for option in options if get_origin(option) is not Happened]
    return results[0] if len(results) == 1 and all(option in (DidNot, Unknown) for option in others) else None


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
