"""The state as a document declares it: fields with their types, in short or as mappings, to the canonical schema."""

from __future__ import annotations

from typing import Any, Final, cast

from msgspec import UNSET, UnsetType

from pectin.authoring.document.page import Fields, Page
from pectin.authoring.document.shorthand import NAMES, BadType, Declared, check_default, read_type
from pectin.authoring.document.tree import Mapping as MappingTree
from pectin.authoring.document.tree import Scalar, Sequence, Tree, name_of, plain
from pectin.core import schema
from pectin.core.definition import Json

KEYS: Final = ("$type", "$list", "$map", "$fields", "$values", "$open", "$name", "$nullable", "$default")
"""What a type is made of where a line doesn't suffice."""

_SHAPES: Final = ("$type", "$list", "$map", "$fields", "$values")
_EXAMPLE: Final = "write its fields, such as `order: string`"


def read_state(page: Page, tree: Tree) -> schema.Object:
    """The shape of the state. Where something is wrong with it, that is noted, and it may be anything there."""
    if not isinstance(tree, MappingTree):
        page.note(tree, "E045", f"the state is {name_of(tree)}, and has to be a mapping", _EXAMPLE)
        return schema.Object({}, open=True)
    found = _Types(page).mapping(tree, is_state=True).schema
    if isinstance(found, schema.Object):
        return found
    page.note(tree, "E045", f"the state is {schema.describe(found)}, and has to be an object", _EXAMPLE)
    return schema.Object({}, open=True)


def read_input(page: Page, tree: Tree, what: str) -> schema.Object:
    """What a tool takes: fields as those of the state, which may be missing, too."""
    found = read_output(page, tree)
    if isinstance(found, schema.Object):
        return found
    if not isinstance(found, schema.Any):
        message = f"{what} is {schema.describe(found)}, and has to be an object"
        page.note(tree, "E045", message, _EXAMPLE)
    return schema.Object({}, open=True)


def read_output(page: Page, tree: Tree) -> schema.Schema:
    """What a tool gives: any type. The fields of an object are as those of an input."""
    return _Types(page, may_lack=True).outermost(tree)


class _Types:
    """Reads types. Where one is wrong it goes on with any. With `may_lack` the outermost fields may be missing."""

    def __init__(self, page: Page, *, may_lack: bool = False) -> None:
        self._page = page
        self._may_lack = may_lack

    def outermost(self, tree: Tree) -> schema.Schema:
        """A type that is not inside of another; the fields of an object have defaults."""
        if isinstance(tree, MappingTree):
            declared = self.mapping(tree, is_state="$nullable" not in {key.text for key, _ in tree.entries})
        else:
            declared = self.any_type(tree)
        if declared.default is not UNSET:
            self._refuse(tree, "what a tool takes or gives has no default", "a field of it has one")
        return declared.schema

    def mapping(self, tree: MappingTree, *, is_state: bool = False) -> Declared:
        """An object of the keys, or the type that keys with a `$` describe."""
        if not any(key.text.startswith("$") for key, _ in tree.entries):
            return Declared(schema.Object(self._fields(tree, is_state)))
        fields = Fields(self._page, tree, "a type", KEYS)
        shapes = [name for name in _SHAPES if name in fields]
        if len(shapes) > 1 and shapes != ["$type", "$values"]:
            self._refuse(fields.key(shapes[1]), f"a type has both `{shapes[0]}` and `{shapes[1]}`", "keep one")
        found = self._shape(fields, shapes[0] if shapes else "", is_state)
        if isinstance(found, schema.Object):
            is_open = fields.read("$open", self._page.boolean) or False
            found = schema.Object(found.fields, is_open, fields.read("$name", self._page.text) or "")
        else:
            for name in ("$open", "$name"):
                if name in fields:
                    self._refuse(fields.key(name), f"`{name}` belongs to an object with `$fields`", "delete it")
        if fields.read("$nullable", self._page.boolean):
            found = schema.nullable(found)
        default = fields.get("$default")
        return Declared(found, UNSET if default is None else self._default(found, default))

    def any_type(self, tree: Tree) -> Declared:
        """The type that a value writes."""
        match tree:
            case MappingTree():
                return self.mapping(tree)
            case Sequence(items=(item,)):
                return Declared(schema.List(self._inner(item)))
            case Scalar() if tree.value is None and tree.is_plain and not tree.text:
                self._refuse(tree, "there is no type here", f"write one of {', '.join(NAMES)}")
            case Scalar():
                try:
                    return read_type(tree.text)
                except BadType as error:
                    self._page.note_within(tree, "E045", error.message, error.hint, start=error.start, end=error.end)
            case _:
                hint = "write what one item is, such as `[string]`"
                self._refuse(tree, f"a list of a type has one item; this has {len(tree.items)}", hint)
        return Declared(schema.Any())

    def _shape(self, fields: Fields, shape: str, is_state: bool) -> schema.Schema:
        value = fields.get(shape)
        if value is None:
            if not fields.has_unknown:
                hint = "add `$type`, `$list`, `$map`, `$fields` or `$values`"
                self._refuse(fields.tree, "a type doesn't say what it is", hint)
            return schema.Any()
        match shape, value:
            case "$list", _:
                return schema.List(self._inner(value))
            case "$map", _:
                return schema.Map(self._inner(value))
            case "$fields", MappingTree():
                return schema.Object(self._fields(value, is_state))
            case "$fields", _:
                self._refuse(value, f"`$fields` is {name_of(value)}, and has to be a mapping", _EXAMPLE)
                return schema.Any()
            case "$values", _:
                return self._values(value, "")
            case _ if "$values" in fields:
                form = self._inner(value)
                return self._values(cast(Tree, fields.get("$values")), getattr(form, "format", ""))
            case _:
                return self._inner(value)

    def _values(self, tree: Tree, form: str) -> schema.Schema:
        """An enumeration, of one type."""
        items = tree.items if isinstance(tree, Sequence) else ()
        listed: tuple[Any, ...] = tuple(map(plain, items))
        kinds: set[type] = set(map(type, listed))
        if kinds == {str}:
            return schema.String(listed, form)
        if kinds == {int}:
            return schema.Integer(listed)
        if kinds == {bool}:
            return schema.Bool(listed)
        hint = "write texts, whole numbers or booleans: `$values: [low, high]`"
        self._refuse(tree, "`$values` is no list of values of one type", hint)
        return schema.Any()

    def _inner(self, tree: Tree) -> schema.Schema:
        """A type inside of another, which has no default."""
        declared = self.any_type(tree)
        if declared.default is not UNSET:
            self._refuse(tree, "a type inside of another one has no default", "a field has one")
        return declared.schema

    def _fields(self, tree: MappingTree, is_state: bool) -> dict[str, schema.Field]:
        fields: dict[str, schema.Field] = {}
        for key, value in tree.entries:
            name = key.text.removesuffix("?")
            if not name or name in fields:
                self._refuse(key, f"`{key.text}` can't be the name of a field", "give it a name of its own")
                continue
            declared, may_be_missing = self.any_type(value), name != key.text
            if is_state:
                fields[name] = self._field_of_state(key, value, declared, may_be_missing)
                continue
            if declared.default is not UNSET:
                hint = "only a field of the state itself has one: give that the whole object as its default"
                self._refuse(value, f"`{name}` is a field of an inner object, and has no default", hint)
            fields[name] = schema.Field(declared.schema, required=not may_be_missing)
        return fields

    def _field_of_state(self, key: Scalar, value: Tree, declared: Declared, may_be_missing: bool) -> schema.Field:
        """A field with a default may be left out of an input; in short, one that may be null is null by default."""
        if may_be_missing and self._may_lack:
            if declared.default is not UNSET:
                self._refuse(key, f"`{key.text}` has a default, so it may be missing anyhow", "delete the `?`")
            return schema.Field(declared.schema, required=False)
        if may_be_missing:
            hint = "write a type that may be null: `string?`"
            self._refuse(key, f"`{key.text}` may be missing, and a field of the state is always there", hint)
        default = declared.default
        if default is UNSET and isinstance(value, Scalar) and isinstance(declared.schema, schema.Nullable):
            default = None
        return schema.Field(declared.schema, default is UNSET, default)

    def _default(self, wanted: schema.Schema, tree: Tree) -> Json | UnsetType:
        value, wrong = check_default(wanted, plain(tree), tree.text if isinstance(tree, Scalar) else "")
        if not wrong:
            return value
        self._refuse(tree, f"the default can't be used: {wrong}", "")
        return UNSET

    def _refuse(self, tree: Tree, message: str, hint: str) -> None:
        self._page.note(tree, "E045", message, hint)
