"""The memory store keeps the contract to the letter."""

from __future__ import annotations

import inspect
import re

import pytest

from pectin.ports.store import Store
from pectin.store.memory import Memory, MemoryStore
from pectin.testing.store_contract import CASES, SQL_CASES, Case, name_of, run


@pytest.mark.parametrize("case", CASES, ids=name_of)
async def test_contract(case: Case) -> None:
    memory = Memory()
    await run(case, lambda: MemoryStore(memory))


def test_every_verb_has_cases() -> None:
    sources = "".join(inspect.getsource(case) for case in CASES)
    verbs = [verb for verb in vars(Store) if not verb.startswith("_")]
    assert [verb for verb in verbs if not re.search(rf"\b\w*(store|engine|beside)\.{verb}\b", sources)] == []


def test_no_case_stands_twice() -> None:
    every = CASES + SQL_CASES
    assert len({name_of(case) for case in every}) == len(every) >= 90
