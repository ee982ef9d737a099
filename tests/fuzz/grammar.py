"""Random expressions and templates over one state, mostly of the types that belong together, and not always."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Final

from pectin.core.schema import Any, Bool, Decimal, Field, Float, Integer, List, Map, Nullable, Object, Schema, String
from tests.fuzz.mutate import SIGNS, oddity, value
from tests.fuzz.recipe import Recipe, special, text

STATE: Final = Object(
    {
        "n": Field(Integer()),
        "d": Field(Float()),
        "price": Field(Decimal()),
        "s": Field(String()),
        "risk": Field(String(("low", "high"))),
        "b": Field(Bool()),
        "maybe": Field(Nullable(Integer())),
        "gone": Field(Decimal(), required=False),
        "ns": Field(List(Integer())),
        "prices": Field(List(Decimal())),
        "lines": Field(List(Object({"price": Field(Decimal()), "of": Field(Nullable(String()))}))),
        "m": Field(Map(Decimal())),
        "any": Field(Any()),
    }
)
VARIABLES: Final[Mapping[str, Schema]] = {"state": STATE, "iteration": Integer(), "output": Any()}

_LEAVES: Final = {
    "int": (
        "state.n",
        "iteration",
        "0",
        "1",
        "-7",
        "9223372036854775807",
        "state.ns[0]",
        "size(state.s)",
        "state.maybe",
    ),
    "double": ("state.d", "0.0", "1.5", "1e308", "double(state.n)"),
    "decimal": (
        "state.price",
        "decimal('0.1')",
        "decimal('1e1000')",
        "state.prices[0]",
        "state.m.a",
        "state.lines[0].price",
    ),
    "string": ("state.s", "state.risk", "'low'", "''", "'\\u00e9'", "string(state.price)", "output.text"),
    "bool": ("state.b", "true", "has(state.gone)", "state.risk == 'low'", "output.ok"),
    "list": ("state.ns", "state.prices", "state.lines", "[]", "[1, 2]", "[null]", "output.list", "state.any"),
    "map": ("state.m", "{}", "{'a': 1}", "state.any", "output", "state"),
}
_FORMS: Final = {
    "int": (
        "(<int> + <int>)",
        "<int> * <int>",
        "<int> / <int>",
        "<int> % <int>",
        "-<int>",
        "size(<list>)",
        "int(<string>)",
    ),
    "double": ("(<double> + <double>)", "<double> / <double>", "double(<string>)", "-<double>"),
    "decimal": ("<decimal> * <decimal>", "(<decimal> + <int>)", "<decimal> / <decimal>", "decimal(<string>)"),
    "string": ("(<string> + <string>)", "string(<int>)", "string(<double>)", "<bool> ? <string> : <string>"),
    "bool": (
        *("(<bool> && <bool>)", "(<bool> || <bool>)", "!<bool>", "<int> < <int>", "<decimal> >= <decimal>"),
        *("<string> == <string>", "<list> == <list>", "<map> == <map>", "<int> in <list>", "<string> in <map>"),
        *("<string>.contains(<string>)", "<string>.startsWith(<string>)", "<int> != null", "<any> == <any>"),
        *("<list>.exists(@, <bool>)", "<list>.all(@, <bool>)", "<map>.exists(@, <bool>)", "has(output.<name>)"),
    ),
    "list": (
        "(<list> + <list>)",
        "[<any>, <any>]",
        "<list>.map(@, <any>)",
        "<list>.filter(@, <bool>)",
        "<map>.map(@, <any>)",
    ),
    "map": ("{'a': <any>}", "{'a': <any>, 'b': <any>}", "<bool> ? <map> : <map>", "<list>[<int>]", "output[<string>]"),
}
_KINDS: Final = tuple(_LEAVES)


class Sentences:
    """Draws expressions."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._elements: list[str] = []

    def draw(self, kind: str = "any", depth: int = 3) -> str:
        if kind == "name":
            return self._random.choice(("a", "ok", "text", "gone", "in", "null", "_"))
        if kind == "any" or self._random.random() < 0.02:
            kind = self._random.choice(_KINDS)
        if depth <= 0 or self._random.random() < 0.15:
            if self._elements and self._random.random() < 0.5:
                return self._random.choice(self._elements)
            return self._random.choice(_LEAVES[kind])
        target, macro, body = self._random.choice(_FORMS[kind]).partition("@")
        drawn = self._fill(target, depth - 1)
        if macro:
            self._elements.append(f"x{len(self._elements)}")
            drawn += self._elements[-1] + self._fill(body, depth - 1)
            self._elements.pop()
        return drawn

    def _fill(self, form: str, depth: int) -> str:
        return re.sub(r"<(\w+)>", lambda match: self.draw(match[1], depth), form)


def expression(random: Random, kind: str = "any") -> str:
    """An expression that is one, mostly."""
    return Sentences(random).draw(kind, random.randint(0, 4))


def heavy(random: Random) -> Recipe:
    """An expression that is much, or does much: long, deep, or macros inside macros."""
    inside = expression(random)
    times = random.choice((3, 30, 33, 120, 700))
    return random.choice(
        (
            text(("(", times), "1", (")", times)),
            text(("!", times), "state.b"),
            text(("-", times), "state.n"),
            text("state", (".any", times)),
            text("state.any", ("[0]", times)),
            text("state.b", (" && state.b", times)),
            text("state.n", (" + state.n", times)),
            text("state.s", (" + state.s", times)),
            text(("state.b ? ", times), "1", (" : 2", times)),
            text(("[", times), ("]", times)),
            text("[", ("state.prices, ", times), "1]"),
            text("[", (f"{inside}, ", min(times, 120)), "1]"),
            text("{", ("'a': ", times), ("}", times)),
            text(("state.ns.map(x, ", 1), f"[{inside}, ", ("1, ", times), "1])"),
            text("state.b", (" || state.prices == state.prices + [state.price]", min(times, 30))),
            "state.ns.map(x, state.ns)",
            "state.ns.map(x, state.lines)",
            "state.ns.map(x, state.ns.map(y, state.ns))",
            "state.ns.filter(x, state.s.contains('aaaaaaaaaaaaaaab'))",
            "state.ns.filter(x, double(state.s) > 1.0)",
            "state.ns.all(x, state.m.exists(y, true))",
            "state.ns.exists(x, state.prices == [decimal('1')])",
            "state.ns.map(x, state.s + state.s)",
            "output[state.s]",
            f"state.lines.map(l, {{'p': l.price, 'x': {inside}}})",
        )
    )


def source(random: Random) -> Recipe:
    """An expression, something like one, or nothing of the kind."""
    drawn = random.random()
    if drawn < 0.35:
        return expression(random)
    if drawn < 0.45:
        return heavy(random)
    if drawn < 0.55:
        return "".join(random.choice((*SIGNS, "state", "x", " ", ".n")) for _ in range(random.randint(0, 12)))
    return mangled(random, expression(random))


def mangled(random: Random, written: str) -> str:
    """An expression with some of its tokens gone, doubled, or replaced."""
    tokens = re.findall(r"\w+|\s+|[^\w\s]", written) or [""]
    for _ in range(random.choice((1, 1, 2, 3))):
        place = random.randrange(len(tokens))
        other = random.choice((*SIGNS, *_WORDS, random.choice(tokens)))
        tokens[place : place + random.choice((0, 1, 1))] = random.choice(([], [other], [other], [other, other]))
        tokens = tokens or [other]
    return "".join(tokens)


_WORDS: Final = (
    *("state", "stat", "state.nn", "True", "None", "and", "not", "is", "if", "in", "len(", ".size()", ".lower()"),
    *(".map(", ".map(x", ".map(state, 1)", ".exists(in, true)", "r'a'", "'''", "'a", "\\x", "'\\q'", "0x1F", "1u"),
    *("99999999999999999999", "1e999", "has(", "has(state)", "size()", "size(1, 2)", "sizes(1)", "// no", "=>", "**"),
    *("state.risk == 'hi'", "state.gone", "state.lines.price", "state.s[0]", "state.d % 2.0", "state.price + 1.5"),
)


def state(random: Random) -> Recipe:
    """A state as the schema has it, or not quite."""
    drawn: dict[str, Recipe] = {
        "n": random.choice((0, 1, 2, -7, 2**63 - 1)),
        "d": random.choice((0.0, 1.5, -1e300)),
        "price": random.choice(("1299.00", "0", "1e1000", "-0.1")),
        "s": random.choice(("", "a", "12", "é", "x" * 50)),
        "risk": random.choice(("low", "high")),
        "b": random.choice((True, False)),
        "maybe": random.choice((None, 1)),
        "ns": random.choice(([], [1], [1, 2, 3], special("count", 50))),
        "prices": random.choice(([], ["1.5"], ["1.50", "2"])),
        "lines": random.choice(([], [{"price": "1", "of": None}], [{"price": "2.5", "of": "a"}] * 3)),
        "m": random.choice(({}, {"a": "1.5"}, {"b": "2", "a": "1"})),
        "any": value(random),
    }
    for _ in range(random.choice((0, 0, 1, 2))):
        drawn[random.choice([*drawn])] = oddity(random)
    if random.random() < 0.1:
        del drawn[random.choice([*drawn])]
    if random.random() < 0.12:
        drawn |= random.choice(_LARGE)
    return drawn


_LARGE: Final[tuple[dict[str, Recipe], ...]] = (
    {"ns": special("count", 9_999)},
    {"ns": special("count", 4_000), "s": text(("a", 400_000))},
    {"ns": special("count", 3_000), "prices": special("repeat", "1.5", 3_000)},
    {"ns": special("count", 4_000), "m": special("keys", 20_000, "1")},
    {"prices": special("repeat", "1.5", 100_000)},
    {"s": text(("1", 500_000)), "ns": special("count", 5_000)},
    {"ns": special("count", 1_000), "lines": special("repeat", {"price": "2.50", "of": "a"}, 5_000)},
)


def template(random: Random) -> Recipe:
    """A text with expressions in it, or something like one."""
    drawn = random.random()
    if drawn < 0.1:
        return text(("{{ state.n }} and ", random.choice((3, 200, 201, 5_000))))
    if drawn < 0.16:
        return text((random.choice(("{{", "}}", "{{ '", "{{ {", "{{ state.s }}")), random.choice((2, 190, 30_000))))
    pieces = [f"a {{{{ {expression(random, random.choice(_KINDS))} }}}} b" for _ in range(random.randint(1, 3))]
    written = "".join(pieces)
    return mangled(random, written) if random.random() < 0.6 else written
