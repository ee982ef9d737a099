"""The grammar: precedence, limits, and what is refused by name."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pectin.core.expression import syntax
from pectin.core.expression.error import ExpressionError
from pectin.core.expression.parse import DEPTH_MAX, LENGTH_MAX, parse
from pectin.core.expression.syntax import Node


def show(node: Node) -> str:
    """The tree, in as many parentheses as it has branches."""
    match node:
        case syntax.Literal():
            return repr(node.value)
        case syntax.Name():
            return node.name
        case syntax.Select():
            return f"{show(node.target)}.{node.field}"
        case syntax.Has():
            return f"has({show(node.target)}.{node.field})"
        case syntax.Logic():
            return f"({f' {node.operator} '.join(map(show, node.operands))})"
        case syntax.Binary():
            return f"({show(node.left)} {node.operator} {show(node.right)})"
        case syntax.Unary():
            return f"{node.operator}{show(node.operand)}"
        case syntax.Conditional():
            return f"({show(node.condition)} ? {show(node.then)} : {show(node.otherwise)})"
        case syntax.Index():
            return f"{show(node.target)}[{show(node.index)}]"
        case syntax.Call():
            return f"{node.function}({show(node.argument)})"
        case syntax.Method():
            return f"{show(node.target)}.{node.method}({show(node.argument)})"
        case syntax.Macro():
            return f"{show(node.target)}.{node.macro}({node.variable}, {show(node.body)})"
        case syntax.ListLiteral():
            return f"[{', '.join(map(show, node.items))}]"
        case syntax.MapLiteral():
            pairs = zip(node.keys, node.values, strict=True)
            return f"{{{', '.join(f'{key!r}: {show(value)}' for key, value in pairs)}}}"
        case _:
            raise AssertionError(node)


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("a < b == c", "((a < b) == c)"),
        ("a || b && c || d", "(a || (b && c) || d)"),
        ("a && (b && c)", "(a && (b && c))"),
        ("a && b in c", "(a && (b in c))"),
        ("!a.b && -c[0].d", "(!a.b && -c[0].d)"),
        ("!!!a", "!a"),
        ("--a", "a"),
        ("3 - -3", "(3 - -3)"),
        ("---1", "-1"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a ? (b ? 1 : 2) : c", "(a ? (b ? 1 : 2) : c)"),
        ("has(a.b.c) || size(a) == 1", "(has(a.b.c) || (size(a) == 1))"),
        ("a.b.exists(x, x.c == 'd').e", "a.b.exists(x, (x.c == 'd')).e"),
        ("a.startsWith('b' + c)", "a.startsWith(('b' + c))"),
        ("[1, 2.5, true, null, [],]", "[1, 2.5, True, None, []]"),
        ("{'a': 1, 'b': {}}", "{'a': 1, 'b': {}}"),
        ("a.for.size.all", "a.for.size.all"),
    ],
)
def test_the_tree(source: str, tree: str) -> None:
    assert show(parse(source)) == tree


@pytest.mark.parametrize("source", ["(a + b).c", "a.b[1] == 'é'", "x ? (y) : z", "!(a)", "a.all(x, (x))"])
def test_the_root_spans_the_source(source: str) -> None:
    root = parse(f"  {source} ")
    assert (root.start, root.end) == (2, 2 + len(source))


@pytest.mark.parametrize(
    ("source", "message", "marked", "hint"),
    [
        ("", "the expression is empty", "", ""),
        ("a +", "expected a value, found the end", "", ""),
        ("(a", "expected `)`, found the end", "", ""),
        ("a and b", "expected an operator or the end, found `and`", "and", "write `&&`"),
        ("a or b", "expected an operator or the end, found `or`", "or", "write `||`"),
        ("not a", "expected an operator or the end, found `a`", "a", ""),
        ("a ? b ? 1 : 2 : 3", "the middle of `? :` needs parentheses to hold another, found `?`", "?", ""),
        ("a ? b", "expected `:`, the other half of `? :`, found the end", "", ""),
        ("a.in", "`in` can't be a field's name here", "in", "write `['in']`"),
        ("a.1", "expected a field's name after `.`, found `1`", "1", ""),
        ("for + 1", "`for` can't be a name here", "for", "it is a word of CEL"),
        ("len(a)", "there is no function `len`", "len", "write `size(…)`"),
        ("contains(a)", "there is no function `contains`", "contains", "write `value.contains(…)`"),
        ("a.size()", "there is no method `size`", "size", "write `size(…)`"),
        ("a.startswith('b')", "there is no method `startswith`", "startswith", "did you mean `startsWith`?"),
        ("a.exists(x)", "expected `,`: `exists(x, …)`, found `)`", ")", ""),
        ("a.exists(1, x)", "expected a name for the element: `exists(x, …)`, found `1`", "1", ""),
        ("size()", "`size` takes one argument, found `)`", ")", ""),
        ("size(a, b)", "`size` takes one argument, found `,`", ",", ""),
        ("has(a)", "`has` takes a field", "a", "write `has(state.field)`"),
        ("{a: 1}", "expected a key in quotes, found `a`", "a", ""),
        ("{'a': 1, 'a': 2}", "the key 'a' is there twice", "'a'", ""),
        ("[1, , 2]", "expected a value, found `,`", ",", ""),
        ("9223372036854775808", "`9223372036854775808` doesn't fit into 64 bits", "9223372036854775808", ""),
        ("1e999", "`1e999` is too large for a double", "1e999", ""),
        ("'a' + '\ud800'", "a lone surrogate is no character", "\ud800", ""),
    ],
)
def test_what_is_refused_and_where(source: str, message: str, marked: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    error = caught.value
    assert (error.message, source[error.start : error.end], error.hint) == (message, marked, hint)


def test_length_is_bounded() -> None:
    longest = "a" * LENGTH_MAX
    assert show(parse(longest)) == longest
    with pytest.raises(ExpressionError, match="2,001 characters, more than 2,000"):
        parse(longest + "a")


NESTS: tuple[Callable[[int], str], ...] = (
    lambda depth: "(" * depth + "a" + ")" * depth,
    lambda depth: "[" * depth + "]" * depth,
    lambda depth: "a" + ".b" * depth,
    lambda depth: "a" + " + a" * depth,
    lambda depth: "a" + "[a" * depth + "]" * depth,
    lambda depth: "size(" * depth + "a" + ")" * depth,
    lambda depth: "a ? a : " * depth + "a",
)


@pytest.mark.parametrize("nest", NESTS)
def test_depth_is_bounded(nest: Callable[[int], str]) -> None:
    parse(nest(DEPTH_MAX - 1))
    for depth in (DEPTH_MAX + 1, 200):
        with pytest.raises(ExpressionError, match="nested more than 32 deep"):
            parse(nest(depth))


def test_a_long_condition_is_not_a_deep_one() -> None:
    root = parse(" && ".join(["a"] * 300))
    assert isinstance(root, syntax.Logic)
    assert len(root.operands) == 300
    assert show(parse("!" * 1999 + "a")) == "!a"


@given(st.text("ab.()[]{}?:,'\"\\!-+*<=&|1 \n", max_size=40))
def test_any_text_is_a_tree_or_an_error_in_it(source: str) -> None:
    try:
        root = parse(source)
    except ExpressionError as error:
        place = (error.start, error.end)
    else:
        place = (root.start, root.end)
        assert show(parse(show(root).replace("None", "null"))) == show(root)
    assert 0 <= place[0] <= place[1] <= len(source)
