"""What the cases are made of: a definition, commits, and the expectation of a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.core.status import WorkflowStatus
from pectin.ports.store import (
    OWNED,
    ChildRow,
    Commit,
    Find,
    Listen,
    Message,
    PublishedDefinition,
    Row,
    StartRow,
    Store,
)

Open = Callable[[], Store]
"""Opens the place under test, again and again the same."""

E = TypeVar("E", bound=Exception)

NOW = 1_790_000_000_000
REFUND = PublishedDefinition("a" * 64, "refund", "1.0.0", b'{"id":"refund"}')
REPORT = PublishedDefinition("b" * 64, "report", "1.0.0", b'{"id":"report"}')


async def ready(open_store: Open) -> tuple[Store, int]:
    """A store in charge, with both definitions, and its fence."""
    store = open_store()
    fence = await store.take()
    await store.publish(REFUND)
    await store.publish(REPORT)
    return store, fence


def body(text: str) -> bytes:
    """A row's body; stores don't read it."""
    return f'["{text}\\u0000 ü"]'.encode()


def starting(execution: ExecutionId, fence: int, definition: PublishedDefinition = REFUND, **start: Any) -> Commit:
    """The first commit of an execution: one row of two events. `start` are fields of `StartRow`."""
    return Commit(
        execution=execution,
        expected=0,
        version=2,
        fence=0,
        new_fence=fence,
        rows=[Row(1, 2, body("created"))],
        status=WorkflowStatus.RUNNING,
        updated_at=NOW,
        due=OWNED,
        start=replace(StartRow(definition.workflow_id, definition.version, definition.hash, created_at=NOW), **start),
    )


def step(execution: ExecutionId, expected: int, fence: int, settles: str | None = None, **changes: Any) -> Commit:
    """A later commit: one row of one event. `changes` are fields of `Commit`."""
    commit = Commit(
        execution=execution,
        expected=expected,
        version=expected + 1,
        fence=fence,
        new_fence=fence,
        rows=[Row(expected + 1, 1, body(f"event {expected + 1}"), settles)],
        status=WorkflowStatus.RUNNING,
        updated_at=NOW + expected,
        due=OWNED,
    )
    return replace(commit, **changes)


def end(execution: ExecutionId, expected: int, fence: int) -> Commit:
    """The last commit: the execution is completed."""
    return step(execution, expected, fence, "end", status=WorkflowStatus.COMPLETED, due=None)


async def started(store: Store, fence: int, definition: PublishedDefinition = REFUND, **start: Any) -> ExecutionId:
    """A new execution, at version 2."""
    execution = ExecutionId.new()
    await store.commit(starting(execution, fence, definition, **start))
    return execution


def message(payload: str = "1", name: str = "paid", correlation: str = "A-1042", **changes: Any) -> Message:
    """A message that is kept for ever. `changes` are fields of `Message`."""
    plain = Message(name=name, correlation=correlation, payload=payload.encode(), sent_at=NOW)
    return replace(plain, **changes)


def listen(activation: str = "wait:1", name: str = "paid", correlation: str = "A-1042") -> Listen:
    """A wait for `message()`."""
    return Listen(activation, name, correlation)


def child_row(
    execution: ExecutionId, definition: PublishedDefinition = REFUND, *listens: Listen, **start: Any
) -> ChildRow:
    """A child that is due at once. `start` are fields of `StartRow`."""
    begun = StartRow(definition.workflow_id, definition.version, definition.hash, created_at=NOW)
    return ChildRow(execution, replace(begun, **start), Row(1, 1, body("created")), NOW, listens)


async def waiting(store: Store, fence: int, *listens: Listen, definition: PublishedDefinition = REFUND) -> ExecutionId:
    """A new execution, at version 3, that waits for messages: for `message()` if nothing else is said."""
    execution = await started(store, fence, definition)
    await store.commit(step(execution, 2, fence, due=None, listens=listens or [listen()]))
    return execution


async def matched(store: Store, workflows: frozenset[str] | None = None) -> list[tuple[str, ExecutionId, str]]:
    """The matches, each as payload, execution and activation."""
    matches = await store.matches(workflows)
    return [(match.message.payload.decode(), match.execution, match.activation) for match in matches]


async def message_id(store: Store) -> int:
    """The id of the first message that somebody waits for."""
    return (await store.matches())[0].id


async def everything(store: Store, execution: ExecutionId) -> object:
    """All that a refused commit must leave as it was."""
    return (
        await store.load(execution),
        await store.find(Find()),
        await store.history(execution),
        await store.matches(),
        await store.logs(execution),
    )


async def refused(error: type[E], call: Awaitable[object]) -> E:
    """The error that `call` must raise."""
    try:
        await call
    except error as raised:
        return raised
    raise AssertionError(f"{error.__name__} was not raised")


async def version(store: Store, execution: ExecutionId) -> int:
    """The version that is stored."""
    stored = await store.load(execution)
    assert stored is not None, f"{execution} is not in the store"
    return stored.version
