"""Slips of who writes a store."""

# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from pectin.ports.line import Line
from pectin.ports.store import OWNED, Commit
from pectin.store import refusal
from pectin.store.memory import MemoryStore
from pectin.store.memory.inbox import Inbox
from tests.core.bugs.plant import nothing


def fence_not_raised(patch: pytest.MonkeyPatch) -> None:
    async def take(store: Any) -> int:
        store._memory.in_charge = store
        store._memory.term = 1
        return 1

    patch.setattr(MemoryStore, "take", take)


def version_unchecked(patch: pytest.MonkeyPatch) -> None:
    def expect(store: Any, commit: Commit) -> Any:
        found = store._memory.executions[commit.execution]
        if found.summary.fence != commit.fence:
            raise refusal.lease_lost(commit, found.summary.fence)
        return found

    patch.setattr(MemoryStore, "_expect", expect)


def line_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What rests on a commit that failed is applied, if the version fits by chance."""
    patch.setattr(Line, "is_broken", property(lambda line: False, nothing))


def start_key_unchecked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MemoryStore, "_holder", lambda store, start: None)


def message_kept(patch: pytest.MonkeyPatch) -> None:
    """Who takes a message doesn't delete it."""
    real = Inbox.apply
    patch.setattr(Inbox, "apply", lambda inbox, commit: real(inbox, replace(commit, takes=None)))


def message_taken_unchecked(patch: pytest.MonkeyPatch) -> None:
    check, apply = Inbox.check, Inbox.apply

    def apply_what_is_there(inbox: Inbox, commit: Commit) -> None:
        apply(inbox, commit if commit.takes in inbox.messages else replace(commit, takes=None))

    patch.setattr(Inbox, "check", lambda inbox, commit: check(inbox, replace(commit, takes=None)))
    patch.setattr(Inbox, "apply", apply_what_is_there)


def dedup_forgotten(patch: pytest.MonkeyPatch) -> None:
    real = Inbox.send
    patch.setattr(Inbox, "send", lambda inbox, message: real(inbox, replace(message, dedup=None)))


def letters_lost(patch: pytest.MonkeyPatch) -> None:
    """A commit's messages are not sent."""
    real = Inbox.apply
    patch.setattr(Inbox, "apply", lambda inbox, commit: real(inbox, replace(commit, sends=())))


def seals_lost(patch: pytest.MonkeyPatch) -> None:
    """A commit's seal is not written, but for the first."""
    real = MemoryStore._apply

    def apply(store: Any, memory: Any, commit: Commit) -> None:
        real(store, memory, replace(commit, seal=None) if commit.start is None else commit)

    patch.setattr(MemoryStore, "_apply", apply)


def waits_not_written(patch: pytest.MonkeyPatch) -> None:
    real = Inbox.apply
    patch.setattr(Inbox, "apply", lambda inbox, commit: real(inbox, replace(commit, listens=())))


def waits_stand_for_ever(patch: pytest.MonkeyPatch) -> None:
    real = Inbox.apply
    patch.setattr(Inbox, "apply", lambda inbox, commit: real(inbox, replace(commit, unlistens=())))


def expired_too_early(patch: pytest.MonkeyPatch) -> None:
    """Tidying up deletes messages whatever their time."""

    def expire(inbox: Inbox, now: int) -> int:
        count = len(inbox.messages)
        inbox.messages.clear()
        return count

    patch.setattr(Inbox, "expire", expire)


def claim_skips_the_oldest(patch: pytest.MonkeyPatch) -> None:
    real = MemoryStore.claim

    async def claim(store: MemoryStore, now: int, fence: int, workflows: frozenset[str], limit: int = 256) -> Any:
        return (await real(store, now, fence, workflows, limit + 1))[1:]

    patch.setattr(MemoryStore, "claim", claim)


def claim_forgets_the_dead(patch: pytest.MonkeyPatch) -> None:
    """What an engine had at work when it died is nobody's."""
    real: Any = MemoryStore._agenda
    patch.setattr(
        MemoryStore,
        "_agenda",
        lambda store, workflows: [entry for entry in real(store, workflows) if entry[0] != OWNED],
    )


def due_not_written(patch: pytest.MonkeyPatch) -> None:
    real: Any = MemoryStore._apply

    def apply(store: Any, memory: Any, commit: Commit) -> None:
        before = memory.executions.get(commit.execution)
        real(store, memory, commit if before is None else replace(commit, due=before.summary.due))

    patch.setattr(MemoryStore, "_apply", apply)


def children_unborn(patch: pytest.MonkeyPatch) -> None:
    real: Any = MemoryStore._apply
    patch.setattr(
        MemoryStore, "_apply", lambda store, memory, commit: real(store, memory, replace(commit, children=()))
    )
