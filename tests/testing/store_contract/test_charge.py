"""The cases of `take`, `in_charge`, `changed` and `close` catch a store that lets two engines in, or misses others."""

from __future__ import annotations

import asyncio

import pytest

from tests.testing.store_contract.planted import Planted, assert_caught


class LetsEverybodyIn(Planted):
    async def take(self) -> int:
        self.memory.in_charge = None
        return await super().take()


class RepeatsFences(Planted):
    async def take(self) -> int:
        await super().take()
        return 1


class BystanderEndsTheCharge(Planted):
    async def close(self) -> None:
        await super().close()
        self.memory.in_charge = None


class SeesOnlyItself(Planted):
    async def in_charge(self) -> bool:
        return await super().in_charge() and self.memory.in_charge is self


class NoticesNobody(Planted):
    def changed(self) -> bool:
        super().changed()
        return False


class HearsNobody(Planted):
    async def news(self) -> None:
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (LetsEverybodyIn, "charge: only one store is in charge"),
        (RepeatsFences, "charge: closing ends the charge and the next fence is higher"),
        (BystanderEndsTheCharge, "charge: a closed bystander leaves the charge alone"),
        (SeesOnlyItself, "charge: everybody sees whether one is in charge"),
        (NoticesNobody, "charge: changed tells of others writes once"),
        (HearsNobody, "charge: there is news when others have written"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pectin.testing.store_contract.charge.PATIENCE_SECONDS", 0.2)
    await assert_caught(planted, case)
