"""The cases of `matches` catch a store that gives a message to the wrong one, or strands a wait."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from pectin.ports.store import Commit, Match
from tests.testing.store_contract.planted import Planted, assert_caught


class LastComesFirst(Planted):
    """The shortest wait is served."""

    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        waits = self.memory.inbox.waits
        for key, waiting in waits.items():
            waits[key] = dict(sorted(waiting.items(), reverse=True))


class IgnoresTheCorrelation(Planted):
    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        inbox = self.memory.inbox
        for (name, _), waiting in list(inbox.waits.items()):
            for id, message in inbox.messages.items():
                if message.name == name and waiting:
                    inbox.messages[id] = replace(message, correlation=next(c for n, c in inbox.waits if n == name))
        return await super().matches(workflows, limit)


class ForgetsWhatCameBefore(Planted):
    """A wait looks at new messages only."""

    async def commit(self, commit: Commit) -> None:
        await super().commit(commit)
        for listen in commit.listens:
            key = (listen.name, listen.correlation)
            early = [id for id, each in self.memory.inbox.messages.items() if (each.name, each.correlation) == key]
            for id in early:
                del self.memory.inbox.messages[id]


class NeverStopsWaiting(Planted):
    async def commit(self, commit: Commit) -> None:
        await super().commit(replace(commit, unlistens=()))


class OpensWaitsInRefusedCommits(Planted):
    async def commit(self, commit: Commit) -> None:
        try:
            await super().commit(commit)
        except Exception:
            for listen in commit.listens:
                waiting = self.memory.inbox.waits.setdefault((listen.name, listen.correlation), {})
                waiting[commit.execution, listen.activation] = None
            raise


class ServesEveryWorkflow(Planted):
    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        return await super().matches(None, limit)


class LimitsBeforeItLooks(Planted):
    """The limit counts messages that nobody waits for."""

    async def matches(self, workflows: frozenset[str] | None = None, limit: int = 256) -> list[Match]:
        first = list(self.memory.inbox.messages)[:limit]
        return [match for match in await super().matches(workflows) if match.id in first]


class ReplacesWaits(Planted):
    """A second wait of an activation takes the place of the first."""

    async def commit(self, commit: Commit) -> None:
        standing = self.memory.inbox.open.get(commit.execution, {})
        replaced = [standing[place] for each in commit.listens if (place := (each.activation, each.name)) in standing]
        await super().commit(replace(commit, unlistens=[*commit.unlistens, *replaced]))


@pytest.mark.parametrize(
    ("planted", "case"),
    [
        (LastComesFirst, "matches: the longest wait has the oldest message"),
        (LastComesFirst, "matches: one execution waits at several activations and for several names"),
        (IgnoresTheCorrelation, "matches: name and correlation must both be the same"),
        (ForgetsWhatCameBefore, "matches: a wait finds what came before it"),
        (NeverStopsWaiting, "matches: a wait that is over gets nothing"),
        (OpensWaitsInRefusedCommits, "matches: a refused commit opens and closes no wait"),
        (ServesEveryWorkflow, "matches: only waits of the workflows asked for match"),
        (LimitsBeforeItLooks, "matches: messages that nobody waits for hide none"),
        (ReplacesWaits, "matches: a wait stands once"),
    ],
)
async def test_a_planted_bug_is_caught(planted: type[Planted], case: str) -> None:
    await assert_caught(planted, case)
