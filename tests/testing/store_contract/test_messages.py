"""The cases of messages catch a store that loses one, or delivers one twice."""

from __future__ import annotations

from contextlib import suppress

import pytest
from msgspec.structs import replace

from pectin.ports.store import Commit, DedupTaken, Message
from tests.testing.store_contract.planted import Planted, assert_caught


class TakesTwice(Planted):
    """Whoever takes a message that is gone goes on without it."""

    async def commit(self, commit: Commit) -> None:
        gone = commit.takes not in self.memory.inbox.messages
        await super().commit(replace(commit, takes=None) if gone else commit)


class LeavesWhatWasTaken(Planted):
    async def commit(self, commit: Commit) -> None:
        kept = self.memory.inbox.messages.get(commit.takes or 0)
        await super().commit(commit)
        if kept is not None and commit.takes is not None:
            self.memory.inbox.messages[commit.takes] = kept


class RepeatsIds(Planted):
    async def expire(self, now: int) -> int:
        expired = await super().expire(now)
        self.memory.inbox._sent = max(self.memory.inbox.messages, default=0)  # pyright: ignore[reportPrivateUsage]
        return expired


class SendsFirst(Planted):
    """What a commit sends is out before the commit is accepted."""

    async def commit(self, commit: Commit) -> None:
        for message in commit.sends:
            self.memory.inbox.send(message)
        await super().commit(replace(commit, sends=()))


class KeepsEverything(Planted):
    async def send(self, message: Message) -> bool:
        return await super().send(replace(message, keep=True))


class ForgetsDedupKeys(Planted):
    async def send(self, message: Message) -> bool:
        return await super().send(replace(message, dedup=None))


class ForgetsDedupKeysOnceTaken(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        if commit.takes is not None:
            self.memory.inbox.received.clear()


class TakesAnotherForTheSame(Planted):
    async def send(self, message: Message) -> bool:
        with suppress(DedupTaken):
            return await super().send(message)
        return False


class RemembersDedupKeysForEver(Planted):
    async def expire(self, now: int) -> int:
        received = dict(self.memory.inbox.received)
        expired = await super().expire(now)
        self.memory.inbox.received.update(received)
        return expired


class NeverExpires(Planted):
    async def expire(self, now: int) -> int:
        return 0


class ExpiresTooEarly(Planted):
    async def expire(self, now: int) -> int:
        return await super().expire(now + 1)


class ExpiresSome(Planted):
    async def expire(self, now: int) -> int:
        messages = dict(list(self.memory.inbox.messages.items())[1_000:])
        expired = await super().expire(now)
        self.memory.inbox.messages |= messages
        return expired - len(messages)


class KeepsWhatIsAwaited(Planted):
    """A message that somebody waits for stays when its time is up."""

    async def expire(self, now: int) -> int:
        awaited = {match.id for match in await self.matches()}
        kept = {id: message for id, message in self.memory.inbox.messages.items() if id in awaited}
        expired = await super().expire(now)
        self.memory.inbox.messages = dict(sorted((self.memory.inbox.messages | kept).items()))
        return expired


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (TakesTwice, "messages: a message is taken once"),
        (TakesTwice, "messages: of two that take a message at once one has it"),
        (LeavesWhatWasTaken, "messages: a message is taken once"),
        (RepeatsIds, "messages: no message has the id of one that is gone"),
        (SendsFirst, "messages: a refused commit takes and sends nothing"),
        (SendsFirst, "messages: now is after the waits of the commit itself"),
        (KeepsEverything, "messages: what is not kept goes to those who wait now"),
        (ForgetsDedupKeys, "messages: the same message is accepted once"),
        (ForgetsDedupKeysOnceTaken, "messages: the same message is accepted once"),
        (ForgetsDedupKeys, "messages: a message that is not kept is known again too"),
        (TakesAnotherForTheSame, "messages: another message under a dedup key is refused"),
        (RemembersDedupKeysForEver, "messages: a dedup key lasts until its message would"),
        (NeverExpires, "messages: messages whose time is up are gone"),
        (ExpiresTooEarly, "messages: messages whose time is up are gone"),
        (ExpiresSome, "messages: however many are over all of them go"),
        (
            KeepsWhatIsAwaited,
            "messages: a message whose time is up can not be taken and the next one has its place",
        ),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)
