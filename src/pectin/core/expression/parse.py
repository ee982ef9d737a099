"""Tokens into a tree: the grammar of CEL, cut down to what conditions and mappings need.

expression  = binary ["?" binary ":" expression]
binary      = unary {operator unary}                 by precedence: || && relations additive multiplicative
unary       = {"!"} | {"-"} postfix
postfix     = primary {"." name ["(" arguments ")"] | "[" expression "]"}
primary     = literal | name | name "(" arguments ")" | "(" expression ")" | list | map
"""

from functools import lru_cache
from typing import NoReturn

from pectin.core.codec import INTEGER_MAX, INTEGER_MIN
from pectin.core.expression import syntax
from pectin.core.expression.error import ExpressionError
from pectin.core.expression.scan import Token, scan
from pectin.core.expression.syntax import Node
from pectin.core.expression.types import SIGNATURES
from pectin.core.hint import did_you_mean

LENGTH_MAX = 2_000
DEPTH_MAX = 32

METHODS = ("startsWith", "endsWith", "contains")
MACROS = ("exists", "all", "filter", "map")

_CONSTANTS = {"true": True, "false": False, "null": None}
_RESERVED = frozenset(
    (
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop"),
        *("namespace", "package", "return", "var", "void", "while"),
    )
)
_PRECEDENCE = (
    {"||": 1, "&&": 2}
    | dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3)
    | {"+": 4, "-": 4, "*": 5, "/": 5, "%": 5}
)
_HABITS = {
    "and": "write `&&`",
    "or": "write `||`",
    "not": "write `!`",
    "is": "write `==`",
    "if": "write `condition ? one : other`",
}


@lru_cache(maxsize=1024)
def parse(source: str) -> Node:
    """The tree of `source`. `ExpressionError` if it is none, is too long or too deep.

    While a definition is checked, one text is asked for several times; trees don't change.
    """
    if len(source) > LENGTH_MAX:
        message = f"the expression has {len(source):,} characters, more than {LENGTH_MAX:,}"
        raise ExpressionError(message, LENGTH_MAX, len(source), "put part of it into a node", source)
    surrogate = next((at for at, sign in enumerate(source) if "\ud800" <= sign <= "\udfff"), None)
    if surrogate is not None:
        raise ExpressionError("a lone surrogate is no character", surrogate, surrogate + 1)
    parser = _Parser(scan(source))
    root = parser.whole()
    for node, depth in syntax.walk(root):
        if depth > DEPTH_MAX:
            _too_deep(node.start, node.end)
    return root


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    @property
    def _token(self) -> Token:
        return self._tokens[self._place]

    @property
    def _end(self) -> int:
        """Where the last token taken ends."""
        return self._tokens[self._place - 1].end

    def _next(self) -> Token:
        token = self._token
        self._place += 1
        return token

    def _take(self, kind: str) -> Token | None:
        return self._next() if self._token.kind == kind else None

    def _expect(self, kind: str, why: str) -> Token:
        return self._take(kind) or self._unexpected(f"expected {why}")

    def _unexpected(self, wanted: str) -> NoReturn:
        token = self._token
        found = "the end" if token.kind == "end" else f"`{token.text}`"
        raise ExpressionError(f"{wanted}, found {found}", token.start, token.end, _HABITS.get(token.text, ""))

    def whole(self) -> Node:
        if self._token.kind == "end":
            raise ExpressionError("the expression is empty", 0, self._token.end)
        root = self._expression()
        if self._token.kind != "end":
            self._unexpected("expected an operator or the end")
        return root

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            _too_deep(self._token.start, self._token.end)
        start = self._token.start
        condition = self._binary(1)
        if self._take("?"):
            then = self._binary(1)
            if self._token.kind == "?":
                self._unexpected("the middle of `? :` needs parentheses to hold another")
            self._expect(":", "`:`, the other half of `? :`")
            otherwise = self._expression()
            condition = syntax.Conditional(start, self._end, condition, then, otherwise)
        self._depth -= 1
        return condition

    def _operator(self) -> str:
        token = self._token
        word = token.text if token.kind == "name" else token.kind
        return word if word in _PRECEDENCE else ""

    def _binary(self, level: int) -> Node:
        start = self._token.start
        left = self._unary()
        while (operator := self._operator()) and _PRECEDENCE[operator] >= level:
            self._next()
            right = self._binary(_PRECEDENCE[operator] + 1)
            left = _join(operator, left, right, (start, self._end))
        return left

    def _unary(self) -> Node:
        """Signs in front of a value. As in CEL, two of the same cancel out before anything is evaluated."""
        first = sign = self._token
        count = 0
        while self._token.kind in ("!", "-") and self._token.kind == first.kind:
            sign = self._next()
            count += 1
        start, negative = self._token.start, count % 2 == 1
        if count == 1 and sign.kind == "-" and self._token.kind in ("int", "double"):
            return self._postfix(sign.start, _number(self._next(), sign))
        operand = self._postfix(start, self._primary())
        return syntax.Unary(first.start, self._end, first.kind, operand) if negative else operand

    def _postfix(self, start: int, node: Node) -> Node:
        while True:
            if self._take("."):
                node = self._member(start, node)
            elif self._take("["):
                index = self._expression()
                end = self._expect("]", "`]`").end
                node = syntax.Index(start, end, node, index)
            else:
                return node

    def _member(self, start: int, target: Node) -> Node:
        name = self._expect("name", "a field's name after `.`")
        if name.text in _CONSTANTS or name.text == "in":
            hint = f"write `['{name.text}']`"
            raise ExpressionError(f"`{name.text}` can't be a field's name here", name.start, name.end, hint)
        if not self._take("("):
            return syntax.Select(start, name.end, target, name.text)
        if name.text in MACROS:
            return self._macro(start, target, name)
        if name.text not in METHODS:
            hint = f"write `{name.text}(…)`" if name.text in SIGNATURES else did_you_mean(name.text, METHODS + MACROS)
            raise ExpressionError(f"there is no method `{name.text}`", name.start, name.end, hint)
        argument, end = self._argument(name)
        return syntax.Method(start, end, target, name.text, argument)

    def _macro(self, start: int, target: Node, name: Token) -> Node:
        variable = self._expect("name", f"a name for the element: `{name.text}(x, …)`")
        _check_name(variable)
        self._expect(",", f"`,`: `{name.text}({variable.text}, …)`")
        body = self._expression()
        end = self._expect(")", "`)`").end
        return syntax.Macro(start, end, target, name.text, variable.text, body)

    def _argument(self, name: Token) -> tuple[Node, int]:
        """The one argument that every function and method takes, and the end of the call."""
        if self._token.kind == ")":
            self._unexpected(f"`{name.text}` takes one argument")
        argument = self._expression()
        if self._token.kind == ",":
            self._unexpected(f"`{name.text}` takes one argument")
        return argument, self._expect(")", "`)`").end

    def _primary(self) -> Node:
        token = self._next()
        match token.kind:
            case "int" | "double":
                return _number(token)
            case "string":
                return syntax.Literal(token.start, token.end, token.text)
            case "name":
                return self._name(token)
            case "(":
                node = self._expression()
                self._expect(")", "`)`")
                return node
            case "[":
                return self._list(token)
            case "{":
                return self._map(token)
            case _:
                self._place -= 1
                return self._unexpected("expected a value")

    def _name(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            return syntax.Literal(token.start, token.end, _CONSTANTS[token.text])
        if not self._take("("):
            _check_name(token)
            return syntax.Name(token.start, token.end, token.text)
        if token.text == "has":
            argument, end = self._argument(token)
            if not isinstance(argument, syntax.Select):
                hint = "write `has(state.field)`"
                raise ExpressionError("`has` takes a field", argument.start, argument.end, hint)
            return syntax.Has(token.start, end, argument.target, argument.field)
        if token.text not in SIGNATURES:
            hint = "write `size(…)`" if token.text == "len" else did_you_mean(token.text, SIGNATURES)
            if token.text in METHODS + MACROS:
                hint = f"write `value.{token.text}(…)`"
            raise ExpressionError(f"there is no function `{token.text}`", token.start, token.end, hint)
        argument, end = self._argument(token)
        return syntax.Call(token.start, end, token.text, argument)

    def _list(self, opening: Token) -> Node:
        items: list[Node] = []
        while self._token.kind != "]":
            items.append(self._expression())
            if not self._take(","):
                break
        end = self._expect("]", "`,` or `]`").end
        return syntax.ListLiteral(opening.start, end, tuple(items))

    def _map(self, opening: Token) -> Node:
        keys: list[str] = []
        values: list[Node] = []
        while self._token.kind != "}":
            key = self._expect("string", "a key in quotes")
            if key.text in keys:
                raise ExpressionError(f"the key '{key.text}' is there twice", key.start, key.end)
            keys.append(key.text)
            self._expect(":", "`:` and the key's value")
            values.append(self._expression())
            if not self._take(","):
                break
        end = self._expect("}", "`,` or `}`").end
        return syntax.MapLiteral(opening.start, end, tuple(keys), tuple(values))


def _join(operator: str, left: Node, right: Node, place: tuple[int, int]) -> Node:
    if operator not in ("&&", "||"):
        return syntax.Binary(*place, operator, left, right)
    before = left.operands if isinstance(left, syntax.Logic) and left.operator == operator else (left,)
    return syntax.Logic(*place, operator, (*before, right))


def _number(token: Token, sign: Token | None = None) -> Node:
    text, start = ("-" if sign else "") + token.text, (sign or token).start
    if token.kind == "double":
        value = float(text)
        if value in (float("inf"), float("-inf")):
            raise ExpressionError(f"`{text}` is too large for a double", start, token.end)
        return syntax.Literal(start, token.end, value)
    if len(token.text) > 19 or not INTEGER_MIN <= int(text) <= INTEGER_MAX:
        raise ExpressionError(f"`{text}` doesn't fit into 64 bits", start, token.end)
    return syntax.Literal(start, token.end, int(text))


def _check_name(token: Token) -> None:
    if token.text in _RESERVED or token.text in _CONSTANTS or token.text == "in":
        message = f"`{token.text}` can't be a name here"
        raise ExpressionError(message, token.start, token.end, _HABITS.get(token.text, "it is a word of CEL"))


def _too_deep(start: int, end: int) -> NoReturn:
    message = f"the expression is nested more than {DEPTH_MAX} deep"
    raise ExpressionError(message, start, end, "put part of it into a node")
