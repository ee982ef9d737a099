"""What is read of a function, and what is said of those that can't be called."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import pytest

from pectin.authoring.signature import BadFunction, read_signature, type_name
from pectin.ports.context import Context
from pectin.ports.function import Happened


def plain(state: int) -> str: ...
async def later(item: list[int], ctx: Context) -> None: ...


class Class:
    def method(self, state: int) -> int: ...
    def __call__(self, state: int) -> int: ...


def test_a_signature_is_read() -> None:
    found = read_signature(plain, "f", "state", {})
    assert (found.parameter, found.takes_context, found.returns, found.is_async) == (("state", int), False, str, False)
    found = read_signature(later, "f", "item", {})
    assert (found.parameter, found.takes_context, found.is_async) == (("item", list[int]), True, True)
    assert read_signature(Class().method, "f", "state", {}).parameter == ("state", int)


def test_a_decorated_function_has_the_signature_inside() -> None:
    @functools.wraps(plain)
    def wrapped(*arguments: Any) -> Any: ...

    assert read_signature(wrapped, "f", "state", {}).returns is str


def test_annotations_may_name_what_is_local() -> None:
    class Local: ...

    def f(state: Local) -> Local: ...

    assert read_signature(f, "f", "state", {"Local": Local}).returns is Local
    with pytest.raises(BadFunction) as caught:
        read_signature(f, "`f`", "state", {})
    assert caught.value.findings[0].message == "the annotations of `f` name `Local`, which can't be found from there"


def nothing() -> int: ...
def many(state: int, *rest: int, key: int) -> int: ...
def no_context(state: int, limit: int) -> int: ...
def keyword(state: int, *, ctx: Context) -> int: ...
def generator(state: int) -> Any:
    yield state


async def asynchronous(state: int) -> AsyncIterator[int]:
    yield state


@pytest.mark.parametrize(
    ("function", "messages"),
    [
        (nothing, ["f takes nothing"]),
        (many, ["f takes `rest`, which nothing fills in", "f takes `key`, which nothing fills in"]),
        (no_context, ["f takes `limit`, which nothing fills in"]),
        (keyword, ["f takes `ctx`, which nothing fills in"]),
        (generator, ["f is a generator"]),
        (asynchronous, ["f is a generator"]),
        (Class, [f"f is no function but {Class!r}"]),
        (len, ["f is no function but <built-in function len>"]),
    ],
)
def test_what_cant_be_called_is_told(function: Callable[..., Any], messages: list[str]) -> None:
    with pytest.raises(BadFunction) as caught:
        read_signature(function, "f", "state", {})
    assert [finding.message for finding in caught.value.findings] == messages


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (int, "int"),
        (None, "None"),
        (type(None), "None"),
        (Class, "Class"),
        (list[Class], "list[Class]"),
        (Class | None, "Class | None"),
        (dict[str, Any], "dict[str, Any]"),
        (tuple[Class, ...], "tuple[Class, ...]"),
        (Happened[list[Class]] | Class | None, "Happened[list[Class]] | Class | None"),
        (Literal["low", "high"], "Literal['low', 'high']"),
    ],
)
def test_a_type_has_the_name_that_its_author_writes(annotation: Any, name: str) -> None:
    assert type_name(annotation) == name
