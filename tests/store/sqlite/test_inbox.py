"""The inbox in the file does what the one in memory does, whatever is asked of it, and its mark is always right."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import UUID

import apsw
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Listen, Message, Store
from pectin.store.memory import MemoryStore
from pectin.store.sqlite import SqliteStore
from pectin.store.sqlite.connection import Connection
from pectin.testing.store_contract.sample import NOW, REFUND, REPORT, child_row, listen, message, ready, starting, step

IDS = [ExecutionId(UUID(int=number)) for number in range(3)]
CHILDREN = [ExecutionId(UUID(int=number)) for number in range(10, 13)]
WRONGLY_MARKED = """
select id from inbox m where awaited <> (
    id = (select min(id) from inbox where name = m.name and correlation = m.correlation)
    and exists (select 1 from waits where name = m.name and correlation = m.correlation)
)
"""


class Step(NamedTuple):
    """A commit of one execution: its first one, the next one, or one that comes too late."""

    who: ExecutionId
    late: bool
    takes: int | None
    unlistens: list[Listen]
    listens: list[Listen]
    sends: list[Message]
    children: list[ExecutionId]


class Send(NamedTuple):
    message: Message


class Expire(NamedTuple):
    now: int


class Forget(NamedTuple):
    who: ExecutionId


Deed = Step | Send | Expire | Forget

# Most are what goes well: a story in which everything is refused tells nothing.
keys = st.sampled_from("ab")
waits = [listen("a", correlation="a"), listen("a", correlation="b"), listen("b", correlation="a")]
listens = st.lists(st.sampled_from(waits), max_size=2, unique=True)
unlistens = st.sampled_from([[], waits[:1], waits])
messages = st.builds(
    message,
    st.sampled_from("12"),
    correlation=keys,
    expires_at=st.sampled_from([None, None, NOW + 1, NOW + 2]),
    dedup=st.sampled_from([None, None, None, "k"]),
    keep=st.sampled_from([True, True, True, False]),
)
steps = st.builds(
    Step,
    st.sampled_from(IDS + CHILDREN[:1]),
    st.sampled_from([False] * 9 + [True]),
    st.sampled_from([None] * 5 + [1, 2, 3]),
    unlistens,
    listens,
    st.lists(messages, max_size=1),
    st.sampled_from([CHILDREN[:0]] * 9 + [[child] for child in CHILDREN]),
)
often = [steps, steps, steps, steps, st.builds(Send, messages), st.builds(Send, messages)]
seldom = [
    st.builds(Forget, st.sampled_from(IDS + CHILDREN)),
    st.builds(Expire, st.sampled_from([NOW, NOW + 1, NOW + 2])),
]
deeds = st.sampled_from([*often, *often, *seldom]).flatmap(lambda deed: deed)


@given(st.lists(deeds, min_size=10, max_size=30))
def test_it_does_what_the_memory_store_does(story: list[Deed]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(_compare(str(Path(directory, "pectin.db")), story))


async def _compare(path: str, story: list[Deed]) -> None:
    memory, _ = await ready(MemoryStore)
    file, _ = await ready(lambda: SqliteStore(path, fast=True))
    beside = cast(Connection, apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE))
    for execution, definition in zip(IDS, (REFUND, REFUND, REPORT), strict=True):
        for store in (memory, file):
            await store.commit(starting(execution, 1, definition))
    for deed in story:
        assert await _outcome(file, deed) == await _outcome(memory, deed), deed
        for workflows, limit in ((None, 256), (None, 1), (frozenset({"refund"}), 2), (frozenset({"report"}), 256)):
            assert await file.matches(workflows, limit) == await memory.matches(workflows, limit), deed
        assert beside.execute(WRONGLY_MARKED).fetchall() == [], deed
    beside.close()
    await file.close()


async def _outcome(store: Store, deed: Deed) -> Any:
    match deed:
        case Step():
            return await _tried(lambda: _commit(store, deed))
        case Send(sent):
            return await _tried(lambda: store.send(sent))
        case Expire(now):
            return await store.expire(now)
        case Forget(who):
            return await store.forget(who)


async def _commit(store: Store, deed: Step) -> None:
    stored = await store.load(deed.who)
    if stored is None:
        commit = starting(deed.who, 1)
    else:
        commit = step(deed.who, max(stored.version - deed.late, 1), stored.fence)
    children = [child_row(child, REFUND, *deed.listens) for child in deed.children]
    waits = {"unlistens": deed.unlistens, "listens": deed.listens}
    await store.commit(replace(commit, takes=deed.takes, sends=deed.sends, children=children, **waits))


async def _tried(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await call()
    except Exception as error:
        return type(error), str(error)


async def test_a_mark_is_moved_once_however_many_messages_there_are(tmp_path: Path) -> None:
    """A wait that ends and begins again at a long queue rewrites two messages, not all of them."""
    path = str(tmp_path / "pectin.db")
    store, fence = await ready(lambda: SqliteStore(path))
    await store.commit(starting(IDS[0], fence))
    await asyncio.gather(*(store.send(message(str(number))) for number in range(500)))
    writer: Any = store
    connection = writer._writer._connection
    await store.commit(step(IDS[0], 2, fence, listens=[listen("a")]))
    before = connection.total_changes()
    await store.commit(step(IDS[0], 3, fence, unlistens=[listen("a")], listens=[listen("b")]))
    await store.commit(step(IDS[0], 4, fence, unlistens=[listen("b")]))
    assert connection.total_changes() - before < 20
    await store.close()
