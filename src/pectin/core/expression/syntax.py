"""The tree of an expression. Every node knows its place in the source.

Nodes compare by identity (`eq=False`), so that a table can be keyed by them.
"""

from collections.abc import Iterator

from msgspec import Struct


class Node(Struct, frozen=True, eq=False):
    start: int
    end: int


class Literal(Node, frozen=True, eq=False):
    value: bool | int | float | str | None


class ListLiteral(Node, frozen=True, eq=False):
    items: tuple[Node, ...]


class MapLiteral(Node, frozen=True, eq=False):
    keys: tuple[str, ...]
    values: tuple[Node, ...]


class Name(Node, frozen=True, eq=False):
    """A variable, or the element of a macro."""

    name: str


class Select(Node, frozen=True, eq=False):
    """`target.field`"""

    target: Node
    field: str


class Index(Node, frozen=True, eq=False):
    """`target[index]`"""

    target: Node
    index: Node


class Has(Node, frozen=True, eq=False):
    """`has(target.field)`"""

    target: Node
    field: str


class Call(Node, frozen=True, eq=False):
    """A function with its argument: `size(x)`."""

    function: str
    argument: Node


class Method(Node, frozen=True, eq=False):
    """`target.contains(argument)`"""

    target: Node
    method: str
    argument: Node


class Macro(Node, frozen=True, eq=False):
    """`target.exists(variable, body)`"""

    target: Node
    macro: str
    variable: str
    body: Node


class Unary(Node, frozen=True, eq=False):
    """`!operand` or `-operand`"""

    operator: str
    operand: Node


class Binary(Node, frozen=True, eq=False):
    """Arithmetic, a comparison or `in`."""

    operator: str
    left: Node
    right: Node


class Logic(Node, frozen=True, eq=False):
    """`a && b && …` or `a || b || …`, as long as it goes: a long condition is not a deep one."""

    operator: str
    operands: tuple[Node, ...]


class Conditional(Node, frozen=True, eq=False):
    """`condition ? then : otherwise`"""

    condition: Node
    then: Node
    otherwise: Node


Path = tuple[object, ...]
"""What names a value: `state.items[0].price` is ("state", ("items",), (0,), ("price",))."""


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case ListLiteral():
            return node.items
        case MapLiteral():
            return node.values
        case Select() | Has():
            return (node.target,)
        case Index():
            return node.target, node.index
        case Call():
            return (node.argument,)
        case Method():
            return node.target, node.argument
        case Macro():
            return node.target, node.body
        case Unary():
            return (node.operand,)
        case Binary():
            return node.left, node.right
        case Logic():
            return node.operands
        case Conditional():
            return node.condition, node.then, node.otherwise
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (the root's is 1), without recursion."""
    pending = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        yield node, depth
        pending.extend((child, depth + 1) for child in children(node))


def path_of(node: Node) -> Path | None:
    """The path a node names, or None if it is computed. The same path has the same value: nothing changes it."""
    match node:
        case Name():
            return (node.name,)
        case Select() | Has():
            base = path_of(node.target)
            return (*base, (node.field,)) if base else None
        case Index():
            base, index = path_of(node.target), node.index
            key = (index.value,) if isinstance(index, Literal) else path_of(index)
            return (*base, key) if base and key else None
        case _:
            return None


def keys_read(root: Node, variable: str) -> frozenset[str] | None:
    """The keys of `variable` that an expression names, or None if it may read all of them."""
    keys: set[str] = set()
    named: set[Node] = set()
    for node, _ in walk(root):
        if isinstance(node, Select | Has):
            target, key = node.target, node.field
        elif isinstance(node, Index) and isinstance(node.index, Literal) and isinstance(node.index.value, str):
            target, key = node.target, node.index.value
        else:
            if isinstance(node, Name) and node.name == variable and node not in named:
                return None
            continue
        if isinstance(target, Name) and target.name == variable:
            named.add(target)
            keys.add(key)
    return frozenset(keys)
