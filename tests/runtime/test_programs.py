"""Programs by hash."""

from __future__ import annotations

import pytest

from pectin import Workflow
from pectin.core.definition import definition_hash
from pectin.core.error import BadValue
from pectin.ports.store import PublishedDefinition
from pectin.runtime.error import Quarantined
from pectin.runtime.programs import Programs, published, read_definition
from pectin.store.memory import MemoryStore
from tests.runtime.sample import Count, add, asking, chain


@pytest.mark.parametrize("workflow", [asking(deadline="3d"), chain(add, retry="io_default", timeout="3s")])
async def test_a_definition_comes_back_as_it_was_and_is_bound_once(workflow: Workflow[Count]) -> None:
    store = MemoryStore()
    program = workflow.build().program
    await Programs(store).publish(program)
    again = Programs(store)
    loaded = await again.get(program.hash)
    assert loaded.definition == program.definition
    assert loaded is await again.get(program.hash)
    assert definition_hash(read_definition(published(program.definition).body)) == program.hash


async def test_a_definition_that_is_gone_or_unknown_quarantines() -> None:
    store = MemoryStore()
    with pytest.raises(Quarantined, match="not in the store"):
        await Programs(store).get("f" * 64)
    program = asking().build().program
    body = published(program.definition).body.replace(b'"human_approval"', b'"oracle"')
    await store.publish(PublishedDefinition("e" * 64, "asking", "9.0.0", body))
    with pytest.raises(Quarantined, match="can't be run by this version"):
        await Programs(store).get("e" * 64)


async def test_a_definition_that_is_damaged_is_not_run_for_another_one() -> None:
    store = MemoryStore()
    program = chain(add).build().program
    body = published(program.definition).body.replace(b'"add"', b'"sub"')
    await store.publish(PublishedDefinition(program.hash, "counting", "1.0.0", body))
    with pytest.raises(Quarantined, match="is damaged: what is stored is"):
        await Programs(store).get(program.hash)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"[]", "no definition"),
        (b"{", "not JSON"),
        (b'{"id":"a","id":"b"}', "stands twice"),
        (b"{}", "state is not an object but None"),
        (b'{"state":{"type":"string"}}', "a state is an object"),
        (b"[" * 5_000, "more than 128 levels deep"),
        (b'{"id":"\xff"}', "not UTF-8"),
    ],
)
def test_what_is_no_definition_is_refused_with_its_place(body: bytes, complaint: str) -> None:
    with pytest.raises(BadValue, match=complaint):
        read_definition(body)
