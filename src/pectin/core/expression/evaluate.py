"""A checked tree into closures: evaluating is calling one, and nothing is looked up by name but the state's keys.

A step is an element that a macro, `in`, `==` or `+` goes over, and in a macro's body each operation as well; many
characters of a text that is searched, and some parts of a value that is read whole, are one too. What else runs once
needs no count: 2,000 characters don't hold enough of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from pectin.core.error import quote, shorten
from pectin.core.expression import syntax
from pectin.core.expression.error import EvaluationError, StepsExceeded
from pectin.core.expression.read import Reader, reader, scalar_reader
from pectin.core.expression.syntax import Node
from pectin.core.expression.value import BINARY, FUNCTIONS, METHODS, Frame, elements, negate, parts_of, type_of
from pectin.core.schema import Schema

Closure = Callable[[Frame], object]

TEXT_LENGTH_MAX = 500
"""Characters of the source that an error shows."""


def build(source: str, root: Node, types: Mapping[Node, Schema], names: Sequence[str]) -> tuple[Closure, int]:
    """The closure of the whole tree, and how many values its frame holds: those of `names` come first."""
    builder = _Builder(source, types, names)
    closure = builder.read_as(root, types[root])
    return closure, builder.size


class _Builder:
    def __init__(self, source: str, types: Mapping[Node, Schema], names: Sequence[str]) -> None:
        self._source = source
        self._types = types
        self._slots = {name: slot for slot, name in enumerate(names)}
        self.size = len(names)

    def _text(self, node: Node) -> str:
        return shorten(self._source[node.start : node.end], TEXT_LENGTH_MAX)

    def build(self, node: Node) -> Closure:
        match node:
            case syntax.Literal(value=value):
                return lambda frame: value
            case syntax.Name():
                return _with_reader(_name(self._slots[node.name]), scalar_reader(self._types[node]))
            case syntax.Select():
                return _with_reader(self._select(node), scalar_reader(self._types[node]))
            case syntax.Index():
                found = _index(self.build(node.target), self.build(node.index), self._text(node))
                return _with_reader(found, scalar_reader(self._types[node]))
            case syntax.Has():
                return _has(self.build(node.target), node.field, self._text(node.target))
            case syntax.Call():
                return _call(FUNCTIONS[node.function], self.build(node.argument))
            case syntax.Method():
                return _method(node.method, self.build(node.target), self.build(node.argument))
            case syntax.Macro():
                return self._macro(node)
            case syntax.Unary(operator="!"):
                return _not(self.build(node.operand))
            case syntax.Unary():
                return _call(negate, self.build(node.operand))
            case syntax.Binary():
                return self._binary(node)
            case syntax.Logic():
                operands = tuple(map(self.build, node.operands))
                deciding = node.operator == "||"
                return lambda frame: _decide(frame, operands, deciding)
            case syntax.Conditional():
                branches = (self.read_as(each, self._types[node]) for each in (node.then, node.otherwise))
                return _conditional(self.build(node.condition), *branches)
            case syntax.ListLiteral():
                items = tuple(self._self_describing(item) for item in node.items)
                return lambda frame: [item(frame) for item in items]
            case syntax.MapLiteral():
                pairs = tuple(zip(node.keys, map(self._self_describing, node.values), strict=True))
                return lambda frame: {key: value(frame) for key, value in pairs}
            case _:
                raise AssertionError(f"no such node: {node!r}")

    def read_as(self, node: Node, wanted: Schema) -> Closure:
        """The node's closure; if its own schema is another than the wanted one, its value is read whole."""
        own = self._types[node]
        if own == wanted:
            return self.build(node)
        return _with_whole(self.build(node), reader(wanted) or reader(own))

    def _self_describing(self, node: Node) -> Closure:
        """The node's closure with all of its value read: nobody else knows what its strings stand for."""
        return _with_whole(self.build(node), reader(self._types[node]))

    def _select(self, node: syntax.Select) -> Closure:
        text, key = self._text(node), node.field
        if isinstance(node.target, syntax.Name):
            return _select_of_name(self._slots[node.target.name], key, text)
        return _select(self.build(node.target), key, text)

    def _binary(self, node: syntax.Binary) -> Closure:
        operation = BINARY[node.operator]
        if node.operator in ("==", "!=", "in", "+"):
            left, right = self._self_describing(node.left), self._self_describing(node.right)
        else:
            left, right = self.build(node.left), self.build(node.right)
        return lambda frame: operation(frame, left(frame), right(frame))

    def _macro(self, node: syntax.Macro) -> Closure:
        target = self.build(node.target)
        slot = self._slots[node.variable] = self.size
        self.size += 1
        body = self._self_describing(node.body) if node.macro == "map" else self.build(node.body)
        del self._slots[node.variable]
        steps = max(1, sum(_steps(each) for each, _ in syntax.walk(node.body)))

        def each(frame: Frame) -> Iterable[object]:
            values = frame.values
            for element in elements(frame, target(frame)):
                frame.spend(steps)
                values[slot] = element
                yield element

        match node.macro:
            case "map":
                return lambda frame: [body(frame) for _ in each(frame)]
            case "filter":
                return lambda frame: [element for element in each(frame) if _bool(body(frame))]
            case _:
                deciding = node.macro == "exists"
                return lambda frame: _decide(frame, (body for _ in each(frame)), deciding)


_FREE = (syntax.Literal, syntax.Name, syntax.Select, syntax.Index)


def _steps(node: Node) -> int:
    if isinstance(node, syntax.ListLiteral | syntax.MapLiteral):
        return 1 + len(syntax.children(node)) // 10
    return 0 if isinstance(node, _FREE) else 1


def _with_reader(closure: Closure, read: Reader | None) -> Closure:
    return (lambda frame: read(closure(frame))) if read else closure


def _with_whole(closure: Closure, read: Reader | None) -> Closure:
    """Reads all of the value, which may be large."""
    if read is None:
        return closure

    def whole(frame: Frame) -> object:
        value = closure(frame)
        frame.read(parts_of(value))
        return read(value)

    return whole


def _bool(value: object) -> bool:
    if value is True or value is False:
        return value
    raise EvaluationError(f"expected true or false, got {type_of(value)}")


# Paths


def _name(slot: int) -> Closure:
    return lambda frame: frame.values[slot]


def _select_of_name(slot: int, key: str, text: str) -> Closure:
    """The commonest of all: one key of a variable."""

    def select(frame: Frame) -> object:
        owner = frame.values[slot]
        try:
            return cast("dict[str, object]", owner)[key]
        except (KeyError, TypeError):
            raise _missing(text, key, owner) from None

    return select


def _select(target: Closure, key: str, text: str) -> Closure:
    def select(frame: Frame) -> object:
        owner = target(frame)
        try:
            return cast("dict[str, object]", owner)[key]
        except (KeyError, TypeError):
            raise _missing(text, key, owner) from None

    return select


def _missing(text: str, key: str, owner: object) -> EvaluationError:
    why = f"there is no `{key}`" if isinstance(owner, dict) else f"{type_of(owner)} has no fields"
    return EvaluationError(f"`{text}`: {why}")


def _index(target: Closure, index: Closure, text: str) -> Closure:
    def select(frame: Frame) -> object:
        owner, at = target(frame), index(frame)
        if isinstance(owner, list):
            items = cast("list[object]", owner)
            if isinstance(at, float) and at.is_integer():
                at = int(at)
            if type(at) is not int:
                raise EvaluationError(f"`{text}`: the index of a list is an int, not {type_of(at)}")
            if not 0 <= at < len(items):
                raise EvaluationError(f"`{text}`: there is no item {at}, the list has {len(items)}")
            return items[at]
        if isinstance(owner, dict) and isinstance(at, str) and at in owner:
            return cast("dict[str, object]", owner)[at]
        if isinstance(owner, dict):
            raise EvaluationError(f"`{text}`: there is no key {quote(at)}")
        raise EvaluationError(f"`{text}`: {type_of(owner)} has no items")

    return select


def _has(target: Closure, key: str, text: str) -> Closure:
    def has(frame: Frame) -> bool:
        owner = target(frame)
        if isinstance(owner, dict):
            return key in owner
        raise EvaluationError(f"`{text}`: {type_of(owner)} has no fields")

    return has


# Operators and functions


def _call(function: Callable[[object], object], argument: Closure) -> Closure:
    return lambda frame: function(argument(frame))


def _method(name: str, target: Closure, argument: Closure) -> Closure:
    method = METHODS[name]

    def call(frame: Frame) -> bool:
        one, other = target(frame), argument(frame)
        if isinstance(one, str) and isinstance(other, str):
            frame.compare(one)
            return method(one, other)
        raise EvaluationError(f"`{name}` takes strings, not {type_of(one)} and {type_of(other)}")

    return call


def _not(operand: Closure) -> Closure:
    return lambda frame: not _bool(operand(frame))


def _conditional(condition: Closure, then: Closure, otherwise: Closure) -> Closure:
    return lambda frame: then(frame) if _bool(condition(frame)) else otherwise(frame)


def _decide(frame: Frame, operands: Iterable[Closure], deciding: bool) -> bool:
    """`||` and `exists` are decided by the first true, `&&` and `all` by the first false, wherever it stands: an error
    counts only if nothing decides."""
    fault: EvaluationError | None = None
    for operand in operands:
        try:
            if _bool(operand(frame)) is deciding:
                return deciding
        except StepsExceeded:
            raise
        except EvaluationError as error:
            fault = fault or error
    if fault:
        raise fault
    return not deciding
