"""Reads the records of an IR, a field at a time, so that everything that is wrong is found at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from pectin.authoring.document.page import Page
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Tree, name_of, plain
from pectin.authoring.jamjet.ir import NOT_HERE
from pectin.core.hint import did_you_mean


class Record(NamedTuple):
    """What could be read of a record: the values of its fields, and where they stand. `is_whole` if none is missing
    or wrong."""

    tree: Tree
    values: Mapping[str, Any]
    trees: Mapping[str, Tree]
    is_whole: bool


def read_record(page: Page, tree: Tree, type: type[msgspec.Struct], what: str, apart: Collection[str] = ()) -> Record:
    """The fields of a record. Those `apart` are looked for, and read by the caller. Fields that JamJet has and Pectin
    doesn't are refused, unless they say nothing."""
    if not isinstance(tree, MappingTree):
        page.note(tree, "E070", f"{what} is {name_of(tree)}, and has to be an object", "write its fields")
        return Record(tree, {}, {}, False)
    fields = {field.encode_name: field for field in msgspec.structs.fields(type)}
    tag = type.__struct_config__.tag_field
    noted = len(page.draft.problems)
    values: dict[str, Any] = {}
    trees: dict[str, Tree] = {}
    for key, value in tree.entries:
        field = fields.get(key.text)
        if field is None:
            if key.text != tag:
                _refuse(page, key, value, what, [name for name in fields if tree.find(name) is None] or [*fields])
            continue
        trees[field.name] = value
        if field.name in apart:
            continue
        try:
            values[field.name] = msgspec.convert(plain(value), field.type)
        except msgspec.ValidationError as error:
            message, words = str(error), get_args(field.type) if get_origin(field.type) is Literal else ()
            hint = f"use one of {', '.join(words)}" if words else ""
            page.note(value, "E070", f"`{key.text}` of {what}: {message[:1].lower()}{message[1:]}", hint)
    for name, field in fields.items():
        if field.required and field.name not in trees:
            page.note(tree, "E070", f"{what} has no `{name}`", "add it")
    return Record(tree, values, trees, noted == len(page.draft.problems))


def refuse_unknown(page: Page, tree: Tree, known: Collection[str], what: str) -> None:
    """Note the fields that a record hasn't, which is read elsewhere."""
    for key, _ in tree.entries if isinstance(tree, MappingTree) else ():
        if key.text not in known:
            page.note(key, "E070", f"{what} has no field `{key.text}`", did_you_mean(key.text, known) or "delete it")


def _refuse(page: Page, key: Tree, value: Tree, what: str, known: Collection[str]) -> None:
    name = getattr(key, "text", "")
    if name not in NOT_HERE:
        page.note(key, "E070", f"{what} has no field `{name}`", did_you_mean(name, known) or "delete it")
    elif not _says_nothing(plain(value)):
        page.note(key, "E071", f"{what} has `{name}`, which is not taken over", "delete it if it isn't needed")


def _says_nothing(value: object) -> bool:
    """Whether a field might as well not be there. 0 is something: it may be a bound."""
    return value is None or value is False or (isinstance(value, dict | list) and not value)
