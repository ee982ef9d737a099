"""Tools by themselves: names, effects and endpoints."""

from __future__ import annotations

import pytest

from pectin.core.definition import Contract, Definition, Effect, Endpoint, Place
from pectin.core.problem import Problem
from pectin.core.schema import Null, Object
from pectin.nodes import examine
from tests.definitions import define, fn, found


def tool(name: str = "bank.pay", effect: Effect = Effect.ONCE, url: str | None = None) -> Contract:
    endpoint = None if url is None else Endpoint(method="POST", url=url)
    return Contract(name, Object({}), Null(), effect, endpoint=endpoint)


NAME = "write letters, digits, `_` and `-`, with dots between, at most 128: `bank.pay`"

CASES: list[tuple[Definition, list[tuple[str, str, str]]]] = [
    (define(fn("a"), tools=(tool(), tool("ping", url="https://api.example.com/"))), []),
    (
        define(fn("a"), tools=(tool(), tool())),
        [("E060", "", "two tools are named `bank.pay`; give each a name of its own")],
    ),
    (define(fn("a"), tools=(tool("bank pay"),)), [("E060", "", f"a tool's name, 'bank pay', can't be used; {NAME}")]),
    (
        define(fn("a"), tools=(tool(effect=Effect.TRANSACTIONAL, url="https://api.example.com/"),)),
        [
            (
                "E063",
                "",
                "the tool `bank.pay` is `transactional`, and an endpoint runs no SQL of the store; "
                "use `keyed`, if it knows idempotency keys, or `once`",
            )
        ],
    ),
    (define(fn("a"), tools=(tool(effect=Effect.TRANSACTIONAL),)), []),
    (
        define(fn("a"), tools=(tool(url="https://{a}.example.com/"),)),
        [
            (
                "E064",
                "",
                "the tool `bank.pay`: the host, '{a}.example.com', is a template; name one host: only the path has "
                "fields",
            )
        ],
    ),
]


@pytest.mark.parametrize(("definition", "problems"), CASES)
def test_what_is_wrong_is_told(definition: Definition, problems: list[tuple[str, str, str]]) -> None:
    assert found(definition) == problems


def test_a_name_that_is_too_long() -> None:
    assert found(define(fn("a"), tools=(tool("a" * 128),))) == []
    assert [code for code, _, _ in found(define(fn("a"), tools=(tool("a" * 129),)))] == ["E060"]


def test_it_is_told_where_it_was_declared() -> None:
    place = Place("bank.py", 7)
    (problem,) = examine(define(fn("a"), tools=(tool("x y"),)), {("tool", "x y"): place})
    assert isinstance(problem, Problem)
    assert problem.place == place
