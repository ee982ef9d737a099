"""Expressions against the variables' schemas: the type of every node, or the first thing that is wrong.

What is `Any` is checked at run time only. Everything else is checked here: unknown fields, operands that don't go
together, values an enumeration doesn't have, null and missing fields used without a test.
"""

from collections.abc import Mapping

from pectin.core import schema
from pectin.core.expression import syntax
from pectin.core.expression.error import ExpressionError
from pectin.core.expression.narrow import NOTHING, Facts, is_known, learn
from pectin.core.expression.syntax import Node
from pectin.core.expression.types import (
    NUMBERS,
    ORDERED,
    SIGNATURES,
    arithmetic,
    common,
    comparable,
    is_read,
)
from pectin.core.hint import did_you_mean
from pectin.core.schema import Schema, describe

_HABITS = {"True": "write `true`", "False": "write `false`", "None": "write `null`"}


def check(source: str, root: Node, variables: Mapping[str, Schema]) -> dict[Node, Schema]:
    """The schema of every node of the tree. `ExpressionError` for the first problem."""
    checker = _Checker(source, variables)
    checker.check(root, NOTHING)
    return checker.types


class _Checker:
    def __init__(self, source: str, variables: Mapping[str, Schema]) -> None:
        self._source = source
        self._scope = dict(variables)
        self.types: dict[Node, Schema] = {}

    def check(self, node: Node, facts: Facts) -> Schema:
        """The node's schema, under what is known; noted in `types`."""
        found = self._schema_of(node, facts)
        if isinstance(found, schema.Nullable) and is_known(facts, "not null", node):
            found = found.inner
        self.types[node] = found
        return found

    def _schema_of(self, node: Node, facts: Facts) -> Schema:
        match node:
            case syntax.Literal():
                return _literal(node.value)
            case syntax.Name():
                return self._name(node)
            case syntax.Select():
                return self._select(node, facts)
            case syntax.Has():
                self._field(node, self._value(node.target, facts))
                return schema.Bool()
            case syntax.Index():
                return self._index(node, facts)
            case syntax.Call():
                takes, gives = SIGNATURES[node.function]
                self._one_of(node.argument, facts, takes, f"`{node.function}`")
                return gives
            case syntax.Method():
                for operand in (node.target, node.argument):
                    self._one_of(operand, facts, (schema.String,), f"`{node.method}`")
                return schema.Bool()
            case syntax.Macro():
                return self._macro(node, facts)
            case syntax.Unary(operator="!"):
                return self._condition(node.operand, facts)
            case syntax.Unary():
                found = self._one_of(node.operand, facts, NUMBERS, "`-`")
                return schema.Integer() if isinstance(found, schema.Integer) else found
            case syntax.Binary():
                return self._binary(node, facts)
            case syntax.Logic():
                return self._logic(node, facts)
            case syntax.Conditional():
                return self._conditional(node, facts)
            case syntax.ListLiteral():
                found = [self.check(item, facts) for item in node.items]
                return schema.List(_common_of(found))
            case syntax.MapLiteral():
                values = [self.check(value, facts) for value in node.values]
                fields = dict(zip(node.keys, map(schema.Field, values), strict=True))
                return schema.Object(fields)
            case _:
                raise AssertionError(f"no such node: {node!r}")

    # Uses of a value, which refuse one that may be null

    def _value(self, node: Node, facts: Facts) -> Schema:
        """The node's schema, for a use that null has no part in."""
        found = self.check(node, facts)
        if isinstance(found, schema.Nullable):
            text = self._text(node)
            hint = f"test it first: `{text} != null && …`" if syntax.path_of(node) else "test it against null first"
            raise self._wrong(f"`{text}` may be null", node, hint)
        return found

    def _one_of(self, node: Node, facts: Facts, allowed: tuple[type, ...], what: str) -> Schema:
        found = self._value(node, facts)
        if not isinstance(found, (schema.Any, *allowed)):
            wanted = sorted({_PLAIN[kind] for kind in allowed})
            raise self._wrong(f"{what} takes {' or '.join(wanted)}; this is {describe(found)}", node)
        return found

    def _condition(self, node: Node, facts: Facts) -> Schema:
        found = self._value(node, facts)
        if not isinstance(found, schema.Any | schema.Bool):
            hint = "compare it with something" if syntax.path_of(node) else ""
            raise self._wrong(f"expected true or false; this is {describe(found)}", node, hint)
        return schema.Bool()

    # Paths

    def _name(self, node: syntax.Name) -> Schema:
        if node.name in self._scope:
            return self._scope[node.name]
        hint = _HABITS.get(node.name) or did_you_mean(node.name, self._scope)
        if not hint and "state" in self._scope:
            state = schema.without_null(self._scope["state"])
            known = isinstance(state, schema.Object) and node.name in state.fields
            hint = f"write `state.{node.name}`" if known else ""
        known = ", ".join(f"`{name}`" for name in sorted(self._scope)) or "none"
        raise self._wrong(f"there is no variable `{node.name}`", node, hint or f"there are: {known}")

    def _select(self, node: syntax.Select, facts: Facts) -> Schema:
        field = self._field(node, self._value(node.target, facts))
        self._check_present(node, field, node.field, facts)
        return field.schema

    def _check_present(self, node: Node, field: schema.Field, name: str, facts: Facts) -> None:
        if field.may_be_missing and not is_known(facts, "present", node):
            text = self._text(node)
            target = self._text(syntax.children(node)[0])
            hint = f"test it first: `has({target}.{name}) && …`"
            raise self._wrong(f"`{text}` may be missing", node, hint)

    def _field(self, node: syntax.Select | syntax.Has, target: Schema) -> schema.Field:
        """The field that a selection names. Its place is the end of the node, without what closes `has(…)`."""
        end = self._source.rfind(node.field, node.start, node.end) + len(node.field)
        return self._member(target, node.target, node.field, (end - len(node.field), end))

    def _member(self, target: Schema, owner: Node, name: str, place: tuple[int, int]) -> schema.Field:
        text = self._text(owner)
        match target:
            case schema.Any():
                return schema.Field(schema.Any())
            case schema.Map():
                return schema.Field(target.value)
            case schema.Object():
                if found := target.fields.get(name):
                    return found
                if target.open:
                    return schema.Field(schema.Any())
                raise ExpressionError(f"`{text}` has no field `{name}`", *place, did_you_mean(name, target.fields))
            case schema.List():
                hint = f"name an item, `{text}[0].{name}`, or ask for one: `{text}.exists(x, x.{name} …)`"
                raise ExpressionError(f"`{text}` is a list and has no field `{name}`", *place, hint)
            case _:
                raise ExpressionError(f"`{text}` is {describe(target)} and has no field `{name}`", *place)

    def _index(self, node: syntax.Index, facts: Facts) -> Schema:
        target = self._value(node.target, facts)
        match target:
            case schema.List():
                self._one_of(node.index, facts, (schema.Integer,), "the index of a list")
                return target.item
            case schema.Map():
                self._one_of(node.index, facts, (schema.String,), "the key of a map")
                return target.value
            case schema.Object():
                return self._index_object(node, target, facts)
            case schema.Any():
                self._one_of(node.index, facts, (schema.Integer, schema.String), "an index")
                return target
            case _:
                hint = "strings have no index" if isinstance(target, schema.String) else ""
                text = self._text(node.target)
                raise self._wrong(f"`{text}` is {describe(target)} and has no items", node.target, hint)

    def _index_object(self, node: syntax.Index, target: schema.Object, facts: Facts) -> Schema:
        self._one_of(node.index, facts, (schema.String,), "the key of an object")
        if isinstance(node.index, syntax.Literal):
            name = str(node.index.value)
            place = (node.index.start, node.index.end)
            field = self._member(target, node.target, name, place)
            if name.isidentifier():
                self._check_present(node, field, name, facts)
            return field.schema
        if is_read(target):
            text = self._text(node.target)
            raise self._wrong(f"the fields of `{text}` are named, not computed", node.index, f"write `{text}.field`")
        return schema.Any()

    # Operators

    def _binary(self, node: syntax.Binary, facts: Facts) -> Schema:
        if node.operator in ("==", "!="):
            left, right = self.check(node.left, facts), self.check(node.right, facts)
            self._check_comparable(node, left, right)
            return schema.Bool()
        if node.operator == "in":
            return self._membership(node, facts)
        left, right = self._value(node.left, facts), self._value(node.right, facts)
        if node.operator in ("<", "<=", ">", ">="):
            known = (schema.Any, *ORDERED)
            fine = isinstance(left, known) and isinstance(right, known) and comparable(left, right)
            result = schema.Bool()
        else:
            result = arithmetic(node.operator, left, right)
            fine = result is not None
        if not fine or result is None:
            what = f"`{node.operator}` doesn't go with {describe(_bare(left))} and {describe(_bare(right))}"
            raise self._wrong(what, node, self._mixture(node, left, right))
        return result

    def _check_comparable(self, node: syntax.Binary, left: Schema, right: Schema) -> None:
        if not comparable(left, right):
            what = f"{describe(_bare(left))} never equals {describe(_bare(right))}"
            raise self._wrong(what, node, self._mixture(node, left, right))
        if isinstance(node.left, syntax.Literal | syntax.ListLiteral):
            self._check_values(node.left, left, right)
        else:
            self._check_values(node.right, right, left)

    def _check_values(self, node: Node, given: Schema, declared: Schema) -> None:
        """Refuses a literal that the other side can never be."""
        given, declared = schema.without_null(given), schema.without_null(declared)
        if isinstance(node, syntax.ListLiteral):
            if isinstance(declared, schema.List):
                for item in node.items:
                    self._check_values(item, self.types[item], declared.item)
            return
        if isinstance(given, schema.Bool | schema.Integer | schema.String) and isinstance(declared, type(given)):
            possible = set[object](declared.values)
            if given.values and possible and not possible.intersection(given.values):
                word, words = str(given.values[0]), [str(value) for value in declared.values]
                hint = did_you_mean(word, words) or f"it is {describe(declared)}"
                raise self._wrong(f"{describe(given)} is not a value of {describe(declared)}", node, hint)

    def _membership(self, node: syntax.Binary, facts: Facts) -> Schema:
        right = self._value(node.right, facts)
        match right:
            case schema.Any():
                self.check(node.left, facts)
                return schema.Bool()
            case schema.Map() | schema.Object():
                self._one_of(node.left, facts, (schema.String,), "the key of a map")
                return schema.Bool()
            case schema.List():
                left = self.check(node.left, facts)
                if isinstance(node.right, syntax.ListLiteral):
                    for item in node.right.items:
                        self._check_values(item, self.types[item], left)
                if not comparable(left, right.item):
                    what = f"{describe(_bare(left))} is never in this list; an item is {describe(_bare(right.item))}"
                    raise self._wrong(what, node)
                self._check_values(node.left, left, right.item)
                return schema.Bool()
            case _:
                one, other = self._text(node.left), self._text(node.right)
                hint = f"write `{other}.contains({one})`" if isinstance(right, schema.String) else ""
                raise self._wrong(
                    f"`in` takes a list or a map on its right; this is {describe(right)}", node.right, hint
                )

    def _mixture(self, node: syntax.Binary, left: Schema, right: Schema) -> str:
        """How to bring two kinds together, if there is a way."""
        sides = ((node.left, left, right), (node.right, right, left))
        for side, given, other in sides:
            text, given, other = self._text(side), schema.without_null(given), schema.without_null(other)
            match given, other:
                case schema.Float(), schema.Decimal():
                    literal = isinstance(side, syntax.Literal)
                    return f"write `decimal('{text}')`" if literal else "a decimal is exact, a double is not"
                case schema.Integer(), schema.Float():
                    literal = isinstance(side, syntax.Literal)
                    return f"write `{text}.0`" if literal else f"write `double({text})`"
                case schema.String(), schema.Decimal():
                    return f"write `decimal({text})`"
                case schema.Integer() | schema.Float() | schema.Decimal(), schema.String() if node.operator == "+":
                    return f"write `string({text})`"
                case _:
                    pass
        return ""

    def _logic(self, node: syntax.Logic, facts: Facts) -> Schema:
        """Each operand is checked under what those before it tell."""
        for operand in node.operands:
            self._condition(operand, facts)
            when_true, when_false = learn(operand, self.types)
            facts |= when_true if node.operator == "&&" else when_false
        return schema.Bool()

    def _conditional(self, node: syntax.Conditional, facts: Facts) -> Schema:
        self._condition(node.condition, facts)
        when_true, when_false = learn(node.condition, self.types)
        return common(self.check(node.then, facts | when_true), self.check(node.otherwise, facts | when_false))

    def _macro(self, node: syntax.Macro, facts: Facts) -> Schema:
        target = self._one_of(node.target, facts, (schema.List, schema.Map, schema.Object), f"`{node.macro}`")
        if node.variable in self._scope:
            message = f"`{node.variable}` has a meaning here already"
            place = self._source.index(node.variable, node.target.end + len(node.macro) + 1)
            raise ExpressionError(message, place, place + len(node.variable), "take another name")
        self._scope[node.variable] = element = _element_of(target)
        body = self.check(node.body, facts) if node.macro == "map" else self._condition(node.body, facts)
        del self._scope[node.variable]
        match node.macro:
            case "map":
                return schema.List(body)
            case "filter":
                return schema.List(element)
            case _:
                return body

    def _text(self, node: Node) -> str:
        text = self._source[node.start : node.end]
        return text if len(text) <= 40 else f"{text[:39]}…"

    def _wrong(self, message: str, node: Node, hint: str = "") -> ExpressionError:
        return ExpressionError(message, node.start, node.end, hint)


_PLAIN: dict[type, str] = {
    schema.String: "a string",
    schema.Bool: "a bool",
    schema.Integer: "an int",
    schema.Float: "a double",
    schema.Decimal: "a decimal",
    schema.List: "a list",
    schema.Map: "a map",
    schema.Object: "a map",
}


def _literal(value: bool | int | float | str | None) -> Schema:
    match value:
        case None:
            return schema.Null()
        case bool():
            return schema.Bool((value,))
        case int():
            return schema.Integer((value,))
        case float():
            return schema.Float()
        case str():
            return schema.String((value,))


def _bare(given: Schema) -> Schema:
    """A literal's kind in place of the literal, and no null: for errors about kinds."""
    given = schema.without_null(given)
    match given:
        case schema.String():
            return schema.String()
        case schema.Integer():
            return schema.Integer()
        case schema.Bool():
            return schema.Bool()
        case _:
            return given


def _common_of(found: list[Schema]) -> Schema:
    if not found:
        return schema.Any()
    result = found[0]
    for each in found[1:]:
        result = common(result, each)
    return result


def _element_of(target: Schema) -> Schema:
    match target:
        case schema.List():
            return target.item
        case schema.Object() if not target.open:
            return schema.String(tuple(sorted(target.fields)))
        case schema.Map() | schema.Object():
            return schema.String()
        case _:
            return schema.Any()
