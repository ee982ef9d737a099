"""The tools of documents: what one promises, and whether its function promises the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from pectin.authoring.contract import Agreed, agree
from pectin.authoring.tool import WrittenTool
from pectin.core.codec import canonical
from pectin.core.definition import Contract, Effect
from pectin.core.hint import did_you_mean
from pectin.core.schema import Any, Field, Null, Object, Schema, describe, to_document

_AGREE = "write what the function says, or leave it out"


class Difference(NamedTuple):
    """A part of a tool that the document says otherwise than the function."""

    part: str
    message: str
    hint: str = _AGREE


def agree_written(tool: WrittenTool, unsaid: Effect) -> Agreed:
    """What a document's tool promises. Where only a function says it, and there is none, it may be anything, with the
    effect `unsaid`. Raises `BadFunction` for a function that can't be called.
    """
    if tool.given is not None:
        theirs = agree(tool.given)
        if tool.description is None:
            return theirs
        return theirs._replace(contract=replace(theirs.contract, description=tool.description))
    is_endpoint = tool.endpoint is not None
    input = Object({}, open=not is_endpoint) if tool.input is None else tool.input
    output = (Null() if is_endpoint else Any()) if tool.output is None else tool.output
    effect = (Effect.ONCE if is_endpoint else unsaid) if tool.effect is None else tool.effect
    return Agreed(Contract(tool.name, input, output, effect, tool.description, tool.endpoint))


def differences(said: WrittenTool, theirs: Contract) -> Iterator[Difference]:
    """What a document says of a tool, and its function otherwise. What it doesn't say is the function's affair."""
    subject = f"the tool `{said.name}`"
    if theirs.name != said.name:
        yield Difference("", f"{subject} is called `{theirs.name}` by its function", f"write `{theirs.name}`")
    if said.effect is not None and said.effect is not theirs.effect:
        yield Difference("effect", f"{subject} is `{said.effect}`, and its function `{theirs.effect}`")
    if said.input is not None:
        yield from _compare_input(subject, said.input, theirs.input)
    if said.output is not None and not _is_same(said.output, theirs.output):
        yield Difference("output", f"{subject} gives {_compare(said.output, theirs.output, 'its function')}")


def _compare_input(subject: str, said: Object, theirs: Object) -> Iterator[Difference]:
    for name, field in said.fields.items():
        part, other = f"input.{name}", theirs.fields.get(name)
        if other is None:
            hint = did_you_mean(name, theirs.fields.keys() - said.fields.keys()) or "delete it, or let the function do"
            yield Difference(part, f"{subject} takes `{name}`, and its function doesn't", hint)
        elif not _is_same(field.schema, other.schema):
            what = _compare(field.schema, other.schema, "in its function")
            yield Difference(part, f"{subject} takes `{name}`: {what}")
        elif (field.required, _default(field)) != (other.required, _default(other)):
            what = f"{_describe_default(field)}, and in its function {_describe_default(other)}"
            yield Difference(part, f"{subject} takes `{name}` {what}")
    for name, field in theirs.fields.items():
        if name not in said.fields:
            message = f"{subject} doesn't take `{name}`, and its function does"
            yield Difference("input", message, f"add it: {describe(field.schema)}")
    if said.open and not theirs.open:
        yield Difference("input", f"{subject} takes fields of any name, and its function doesn't", "delete `$open`")
    if theirs.open and not said.open:
        yield Difference("input", f"{subject} takes no fields of any name, and its function does", "add `$open: true`")


def _compare(said: Schema, theirs: Schema, whose: str) -> str:
    ours, others = describe(said), describe(theirs)
    return f"{ours}, and {whose} {others if ours != others else f'{others} of another kind'}"


def _is_same(one: Schema, other: Schema) -> bool:
    """Whether they are one for a hash, too."""
    return canonical(to_document(one, titles=False)) == canonical(to_document(other, titles=False))


def _default(field: Field) -> bytes | None:
    return None if field.default is UNSET else canonical(field.default)


def _describe_default(field: Field) -> str:
    if field.default is not UNSET:
        return f"with the default {canonical(field.default).decode()}"
    return "without a default" if field.required else "perhaps not at all"
