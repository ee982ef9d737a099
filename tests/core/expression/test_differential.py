"""Random expressions, evaluated here and by CEL's own C++ implementation: the same values, the same errors.

Decimals are not generated, as CEL has none; neither is the order of a map's keys observed, which CEL leaves open (maps
that are gone over have one), nor an int beside a double past 2^53, which we compare exactly and CEL's library doesn't
(pinned at the end). The seed is fixed: on x86 the library writes 0.0 / 0.0 as `-nan`, which other seeds come upon.
"""

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from typing import cast

import pytest

from pectin.core import schema
from pectin.core.expression import EvaluationError, ExpressionError, compile_expression
from pectin.core.expression.evaluate import build
from pectin.core.expression.parse import parse
from pectin.core.expression.syntax import walk
from pectin.core.expression.value import BINARY, Frame
from pectin.core.schema import Any, Bool, Field, Float, Integer, List, Map, Nullable, Object, Schema, String

CASES = 3_000
CASES_PER_PROCESS = 1_000

# Reads a list of [source, state], writes a list of [value] or [], the latter for an error. The library releases a
# None too many with each null, and on Python 3.11 the process dies with the last one: so it is given plenty, and leaves
# without taking itself apart.
ORACLE = """
import json, os, sys
from cel_expr_python import cel
plenty = [None] * 1_000_000
env = cel.NewEnv(variables={"state": cel.Type.DYN})
def answer(source, state):
    try:
        value = env.compile(source, disable_check=True).eval(data={"state": state})
        return [] if value.type() == cel.Type.ERROR else [value.plain_value()]
    except RuntimeError:
        return []
json.dump([answer(*case) for case in json.load(sys.stdin)], sys.stdout)
sys.stdout.flush()
os._exit(0)
"""

STATE: dict[str, Schema] = {
    "i": Integer(),
    "j": Integer(),
    "d": Float(),
    "s": String(),
    "risk": String(("low", "high")),
    "b": Bool(),
    "maybe": Nullable(Integer()),
    "numbers": List(Integer()),
    "words": List(String()),
    "one": Map(Integer()),
    "any": Any(),
}
VARIABLES: dict[str, Schema] = {"state": Object({name: Field(kind) for name, kind in STATE.items()}, open=True)}
INTEGERS = (0, 1, 2, 2, 3, 3, 4, 5, -1, -2, -7, 10, 11, 1000, 2**63 - 1, -(2**63))
DOUBLES = (0.0, 1.0, 2.5, -1.5, 3.0, 0.1, 1e6, 123456.5, 1e-5, 1e300)
STRINGS = ("", "a", "low", "high", "é😀", "12", "-3", "1.5", "a'b\n", "1e3")
KINDS = ("int", "double", "string", "bool", "list", "map")

# What stands for a word in angle brackets: one of these, at a leaf ...
LEAVES: dict[str, tuple[str, ...]] = {
    "int": ("state.i", "state.j", "state.i", "state.j", "state.maybe", "state.any", "<an int>", "<an int>", "<an int>"),
    "double": ("state.d", "state.d", "state.d", "<a double>", "<a double>"),
    "string": ("state.s", "state.risk", "state.s", "state.risk", "state.any", "<a string>", "<a string>"),
    "bool": ("state.b", "state.b", "state.b", "true", "false", "state.any", "state.gone"),
    "list": ("state.numbers", "state.words", "[]", "[1, 2]", "[1.0, 2]", "['a', 'low', null]", "[[1]]", "[true]"),
    "map": ("state.one", "state.one", "state.any", "{}", "{'a': 1}", "{'a': 1.0}"),
    "scalar": ("1", "1.0", "true", "'a'", "null", "0", "false", "state.i", "state.any"),
    "extreme": (str(2**63 - 1), str(-(2**63))),
    "calculates": ("+", "-", "*", "/", "%"),
    "adds": ("+", "-", "*", "/"),
    "divides": ("/", "%"),
    "orders": ("<", "<=", ">", ">=", "==", "!="),
    "asks": ("startsWith", "endsWith", "contains"),
}
# ... and one of these above it. `@` is the element of a macro.
FORMS: dict[str, tuple[str, ...]] = {
    "int": (
        "(<int> <calculates> <int>)",
        "(<int> <divides> <int>)",
        "(<extreme> <calculates> <int>)",
        "-<int>",
        "(<bool> ? <int> : <int>)",
        "size(<some>)",
        "int(<int>)",
        "int(<double>)",
        "int(<string>)",
        "<list>[<int>]",
        "<map>.a",
    ),
    "double": (
        "(<double> <adds> <double>)",
        "-<double>",
        "double(3)",
        "double(state.s)",
        "double(<double>)",
        "(<bool> ? <double> : <double>)",
    ),
    "string": ("(<string> + <string>)", "string(<some>)", "(<bool> ? <string> : <string>)", "<list>[<int>]"),
    "bool": (
        "(<bool> && <bool>)",
        "(<bool> || <bool>)",
        "(<bool> && <bool> && <bool>)",
        "(<bool> || <bool> || <bool>)",
        "!<bool>",
        "(<bool> ? <bool> : <bool>)",
        "(<int> <orders> <int>)",
        "(<int> <orders> <double>)",
        "(<double> <orders> <double>)",
        "(<string> <orders> <string>)",
        "(<bool> <orders> <bool>)",
        "(<some> <orders> <some>)",
        "(<scalar> == <scalar>)",
        "(<some> == <some>)",
        "(<scalar> in <list>)",
        "(<some> in <list>)",
        "(<string> in <map>)",
        "<string>.<asks>(<string>)",
        "has(state.one.a)",
        "has(state.gone)",
        "has(<map>.a)",
        "<list>.exists(@, <bool>)",
        "<list>.all(@, <bool>)",
        "state.one.all(@, <bool>)",
    ),
    "list": (
        "(<list> + <list>)",
        "[<some>, <some>]",
        "(<bool> ? <list> : <list>)",
        "<list>.map(@, <some>)",
        "<list>.filter(@, <bool>)",
        "state.one.map(@, <some>)",
    ),
    "map": ("{'a': <some>}", "{'a': <some>, 'b': <some>}", "(<bool> ? <map> : <map>)"),
}

Case = tuple[str, dict[str, object]]
Answer = list[object]


class Sentences:
    """Draws states, and expressions that are mostly, and not always, of the kind that is asked for."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._elements: list[str] = []

    def state(self) -> dict[str, object]:
        draw = self._random.choice
        return {
            "i": draw(INTEGERS),
            "j": draw(INTEGERS),
            "d": draw(DOUBLES),
            "s": draw(STRINGS),
            "risk": draw(("low", "high")),
            "b": draw((True, False)),
            "maybe": draw((None, *INTEGERS)),
            "numbers": [draw(INTEGERS) for _ in range(self._random.randrange(4))],
            "words": [draw(STRINGS) for _ in range(self._random.randrange(4))],
            "one": {"a": draw(INTEGERS)},
            "any": draw((None, True, 1, 1.0, "a", [1, 1.0, None, "a"], {"a": [1]}, {})),
        }

    def draw(self, kind: str, depth: int) -> str:
        if kind == "some" or (kind in KINDS and self._random.random() < 0.03):
            kind = self._random.choice(KINDS)
        if kind not in FORMS or depth <= 0 or self._random.random() < 0.12:
            return self._leaf(kind)
        target, macro, body = self._random.choice(FORMS[kind]).partition("@")
        drawn = self._fill(target, depth - 1)
        if macro:
            self._elements.append(f"x{len(self._elements)}")
            drawn += self._elements[-1] + self._fill(body, depth - 1)
            self._elements.pop()
        return drawn

    def _fill(self, form: str, depth: int) -> str:
        return re.sub(r"<(\w+)>", lambda match: self.draw(match[1], depth), form)

    def _leaf(self, kind: str) -> str:
        if kind in KINDS and self._elements and self._random.random() < 0.5:
            return self._random.choice(self._elements)
        match self._random.choice(LEAVES[kind]):
            case "<an int>":
                return str(self._random.choice(INTEGERS))
            case "<a double>":
                return repr(self._random.choice(DOUBLES))
            case "<a string>":
                return quote(self._random.choice(STRINGS))
            case leaf:
                return leaf


def quote(text: str) -> str:
    return "'" + text.replace("'", "\\'").replace("\n", "\\n") + "'"


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    sentences = Sentences(seed=7)
    kinds = ("bool", *KINDS)
    return [(sentences.draw(kinds[n % len(kinds)], 3), sentences.state()) for n in range(CASES)]


@pytest.fixture(scope="module")
def oracle(cases: list[Case]) -> list[Answer]:
    return [
        answer
        for first in range(0, len(cases), CASES_PER_PROCESS)
        for answer in ask(cases[first : first + CASES_PER_PROCESS])
    ]


def ask(cases: list[Case]) -> list[Answer]:
    done = subprocess.run(
        [sys.executable, "-c", ORACLE], input=json.dumps(cases), capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def answer(case: Case) -> Answer:
    """Ours, unchecked: types are what CEL's checker refuses before anything runs."""
    source, state = case
    try:
        root = parse(source)
    except ExpressionError:
        return []
    closure, size = build(source, root, dict.fromkeys((node for node, _ in walk(root)), Any()), ("state",))
    try:
        return [closure(Frame([state, *[None] * (size - 1)]))]
    except EvaluationError:
        return []


def differences(cases: list[Case], oracle: list[Answer]) -> list[tuple[Case, Answer, Answer]]:
    """Where the two differ: in the value, its kind (1, 1.0 and true are three), or in whether there is one."""
    answers = ((case, answer(case), theirs) for case, theirs in zip(cases, oracle, strict=True))
    return [(case, ours, theirs) for case, ours, theirs in answers if json_text(ours) != json_text(theirs)]


def json_text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def test_every_random_expression_gives_what_cel_gives(cases: list[Case], oracle: list[Answer]) -> None:
    assert differences(cases, oracle) == []


def test_the_cases_are_worth_comparing(cases: list[Case], oracle: list[Answer]) -> None:
    failing = sum(answer == [] for answer in oracle)
    kinds = {type(answer[0]) for answer in oracle if answer}
    assert len({source for source, _ in cases}) > 0.8 * CASES
    assert 0.1 * CASES < failing < 0.7 * CASES
    assert kinds == {bool, int, float, str, list, dict, type(None)}


def floor_divide(frame: Frame, one: object, other: object) -> object:
    if type(one) is int and type(other) is int and other:
        return one // other
    return SOUND["/"](frame, one, other)


def python_remainder(frame: Frame, one: object, other: object) -> object:
    return one % other if type(one) is int and type(other) is int and other else SOUND["%"](frame, one, other)


def python_equal(frame: Frame, one: object, other: object) -> bool:
    return one == other


def unbounded_product(frame: Frame, one: object, other: object) -> object:
    return one * other if type(one) is int and type(other) is int else SOUND["*"](frame, one, other)


SOUND = dict(BINARY)


@pytest.mark.parametrize(
    ("sign", "unsound"),
    [("/", floor_divide), ("%", python_remainder), ("==", python_equal), ("*", unbounded_product)],
)
def test_a_planted_bug_is_found(
    sign: str,
    unsound: Callable[[Frame, object, object], object],
    cases: list[Case],
    oracle: list[Answer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(BINARY, sign, unsound)
    assert differences(cases, oracle)


def test_what_the_checker_accepts_evaluates_the_same_with_types(cases: list[Case], oracle: list[Answer]) -> None:
    accepted = 0
    for (source, state), theirs in zip(cases, oracle, strict=True):
        try:
            expression = compile_expression(source, VARIABLES)
        except ExpressionError:
            continue
        accepted += 1
        try:
            ours = [expression.evaluate({"state": state})]
        except EvaluationError:
            ours = []
        assert json_text(ours) == json_text(theirs), source
        if ours:
            assert is_of(ours[0], expression.type), (source, ours, expression.type)
    assert accepted > CASES / 20


def is_of(value: object, declared: Schema) -> bool:
    """Whether a result is of the type that the checker found. A double may be written as an int."""
    match declared:
        case schema.Any():
            return True
        case schema.Nullable():
            return value is None or is_of(value, declared.inner)
        case schema.Null():
            return value is None
        case schema.Bool():
            return type(value) is bool and (not declared.values or value in declared.values)
        case schema.Integer():
            return type(value) is int and (not declared.values or value in declared.values)
        case schema.Float():
            return type(value) in (int, float)
        case schema.String():
            return type(value) is str and (not declared.values or value in declared.values)
        case schema.List():
            return isinstance(value, list) and all(is_of(item, declared.item) for item in cast("list[object]", value))
        case schema.Map():
            if not isinstance(value, dict):
                return False
            return all(is_of(item, declared.value) for item in cast("dict[str, object]", value).values())
        case schema.Object():
            if not isinstance(value, dict):
                return False
            given = cast("dict[str, object]", value)
            missing = {name for name, field in declared.fields.items() if field.required} - given.keys()
            extra = set[str]() if declared.open else given.keys() - declared.fields.keys()
            fields = ((item, declared.fields[name].schema) for name, item in given.items() if name in declared.fields)
            return not missing and not extra and all(is_of(item, wanted) for item, wanted in fields)
        case schema.Decimal():
            raise AssertionError("the cases have no decimals: CEL has none")


def test_large_ints_compare_exactly_with_doubles_where_cel_rounds() -> None:
    case: Case = ("state.i == 9007199254740992.0", {"i": 2**53 + 1})
    assert answer(case) == [False]
    assert ask([case]) == [[True]]
