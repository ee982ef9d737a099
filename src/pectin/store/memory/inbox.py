"""Messages that nobody has taken yet, and the waits for them: the letter of that part of the contract.

What a commit asks is checked as a whole before any of it is done, so that a refused one leaves nothing behind.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from pectin.core.identity import ExecutionId
from pectin.ports.store import Commit, Listen, Match, Message
from pectin.store import refusal


class _Receipt(NamedTuple):
    """What came under a dedup key, and until when the key stands."""

    correlation: str
    payload: bytes
    expires_at: int | None


_Received = MutableMapping[tuple[str, str | None], _Receipt]


class Inbox:
    """One inbox for all executions, keyed by `(name, correlation)`."""

    def __init__(self) -> None:
        self.messages: dict[int, Message] = {}
        self.waits: dict[tuple[str, str], dict[tuple[ExecutionId, str], None]] = {}
        """Who waits, by key, in the order in which they began to."""
        self.open: dict[ExecutionId, dict[tuple[str, str], Listen]] = {}
        """The same waits by execution, and there by activation and name."""
        self.received: _Received = {}
        self._sent = 0

    def check(self, commit: Commit) -> None:
        """Refuse a commit that takes, listens or sends what it can't."""
        if commit.takes is not None and commit.takes not in self.messages:
            raise refusal.message_taken(commit)
        self._check_listens(commit.execution, commit.unlistens, commit.listens)
        for child in commit.children:
            self._check_listens(child.execution, (), child.listens)
        received: _Received = ChainMap({}, self.received)
        for message in commit.sends:
            _receive(message, received)

    def apply(self, commit: Commit) -> None:
        """Do what a checked commit asks."""
        if commit.takes is not None:
            del self.messages[commit.takes]
        self._listen(commit.execution, commit.unlistens, commit.listens)
        for child in commit.children:
            self._listen(child.execution, (), child.listens)
        for message in commit.sends:
            self.send(message)

    def send(self, message: Message) -> bool:
        """Accept a message; False if it was accepted before."""
        if not _receive(message, self.received):
            return False
        if message.keep or self.waits.get((message.name, message.correlation)):
            self._sent += 1
            self.messages[self._sent] = replace(message, dedup=None)
        return True

    def matches(self, serves: Callable[[ExecutionId], bool]) -> Iterator[Match]:
        """The oldest message of each key with the longest wait, the second with the second, and so on."""
        waiting: dict[tuple[str, str], Iterator[tuple[ExecutionId, str]]] = {}
        for id, message in self.messages.items():
            key = (message.name, message.correlation)
            if key not in waiting:
                waiting[key] = iter([wait for wait in self.waits.get(key, ()) if serves(wait[0])])
            for execution, activation in waiting[key]:
                yield Match(id, message, execution, activation)
                break

    def expire(self, now: int) -> int:
        """Delete the messages and dedup keys that are over by now; how many messages."""
        messages = [id for id, message in self.messages.items() if _is_over(message.expires_at, now)]
        keys = [key for key, receipt in self.received.items() if _is_over(receipt.expires_at, now)]
        for id in messages:
            del self.messages[id]
        for key in keys:
            del self.received[key]
        return len(messages)

    def forget(self, execution: ExecutionId) -> None:
        """Close all waits of an execution."""
        self._listen(execution, list(self.open.get(execution, {}).values()), ())

    def _check_listens(self, execution: ExecutionId, closed: Sequence[Listen], opened: Sequence[Listen]) -> None:
        standing = self.open.get(execution, {})
        over = set(closed)
        begun: set[tuple[str, str]] = set()
        for listen in opened:
            place = (listen.activation, listen.name)
            if place in begun or (place in standing and standing[place] not in over):
                raise refusal.listens_already(execution, listen)
            begun.add(place)

    def _listen(self, execution: ExecutionId, closed: Sequence[Listen], opened: Sequence[Listen]) -> None:
        standing = self.open.setdefault(execution, {})
        for listen in closed:
            if standing.get((listen.activation, listen.name)) == listen:
                del standing[listen.activation, listen.name]
                del self.waits[listen.name, listen.correlation][execution, listen.activation]
        for listen in opened:
            standing[listen.activation, listen.name] = listen
            self.waits.setdefault((listen.name, listen.correlation), {})[execution, listen.activation] = None
        if not standing:
            del self.open[execution]
        self._let_go({(listen.name, listen.correlation) for listen in closed})

    def _let_go(self, keys: set[tuple[str, str]]) -> None:
        """Delete what was only for those that no longer wait."""
        over = {key for key in keys if not self.waits.get(key)}
        for id in [id for id, message in self.messages.items() if not message.keep and _key(message) in over]:
            del self.messages[id]


def _key(message: Message) -> tuple[str, str]:
    return message.name, message.correlation


def _receive(message: Message, received: _Received) -> bool:
    """Note the dedup key, if there is one; False if the same message came under it already."""
    if message.dedup is None:
        return True
    key = (message.name, message.dedup)
    known = received.get(key)
    if known is None or _is_over(known.expires_at, message.sent_at):
        received[key] = _Receipt(message.correlation, message.payload, message.expires_at)
        return True
    if (known.correlation, known.payload) != (message.correlation, message.payload):
        raise refusal.dedup_taken(message)
    return False


def _is_over(expires_at: int | None, now: int) -> bool:
    return expires_at is not None and expires_at <= now
