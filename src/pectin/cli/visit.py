"""A visit to a store that is there: what every command that reads or decides begins with."""

from __future__ import annotations

import asyncio
import getpass
import os
import shlex
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pectin.cli.exit import BadUsage
from pectin.cli.given import check_name
from pectin.cli.source import guess_file
from pectin.cli.words import show_path, spell
from pectin.core.hint import did_you_mean
from pectin.core.limits import LIMITS
from pectin.core.need import Command
from pectin.ports.store import Find, StoreError, Summary
from pectin.runtime.default_store import default_store
from pectin.runtime.error import Ambiguous, NotFound
from pectin.runtime.visitor import Visitor
from pectin.store import open_store

_MEMORY = ("memory:", ":memory:")
_SUFFIXES = (6, 8, 12, 32)
_LOOK_SECONDS = 0.05
_KEYS_MAX = 200


def store_of(named: str | None) -> str:
    """The store that is meant. Raises `BadUsage` for one that no other command could open."""
    if named == "":
        raise BadUsage("--store is empty: write a path, or leave it out")
    url = default_store() if named is None else named
    if url.lower() in _MEMORY:
        raise BadUsage(f"{url!r} is a store that lives in one process only, and ends with this command: name a path")
    return url


@asynccontextmanager
async def visiting(named: str | None) -> AsyncGenerator[Visitor]:
    """A visitor to the store that is meant. Raises `StoreError` if it isn't there: nobody who reads creates one."""
    url = store_of(named)
    try:
        store = open_store(url, must_exist=True)
    except StoreError as error:
        if _is_missing(url):
            where = show_path(url)
            raise StoreError(
                f"There is no store at {where}: run a workflow first, or name one with --store."
            ) from error
        raise
    try:
        yield Visitor(store)
    finally:
        await store.close()


async def change(visitor: Visitor) -> None:
    """Return when somebody has written to the store; it is looked at often, which costs next to nothing."""
    while not visitor.store.changed():  # noqa: ASYNC110 # another process writes, and sets no event of ours
        await asyncio.sleep(_LOOK_SECONDS)


async def find_execution(visitor: Visitor, text: str) -> Summary:
    """The execution that a person means. Raises `NotFound`, with the key that was probably meant."""
    try:
        return await visitor.resolve(text)
    except NotFound as error:
        known = [summary.key for summary in await visitor.list(Find(limit=_KEYS_MAX)) if summary.key]
        hint = did_you_mean(text, known)
        raise NotFound(f"{error}; {hint}" if hint else str(error)) from error


async def name_of(visitor: Visitor, summary: Summary) -> str:
    """The shortest that a person can call an execution: its key, or the end of its id."""
    hex_digits = summary.execution.uuid.hex
    for name in (summary.key, *(hex_digits[-count:] for count in _SUFFIXES)):
        if name and _can_be_typed(name) and await _means(visitor, name, summary):
            return name
    return str(summary.execution)


def _can_be_typed(name: str) -> bool:
    return name.isascii() and name.isprintable() and not name.startswith("-")


def person() -> str:
    """Who sits at the terminal, as the operating system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user-{os.getuid()}"


def actor(by: str | None) -> str:
    """Who does it: the one that is named, or else the person at the terminal. Raises `BadValue`."""
    check_name(by, "--by", LIMITS.identifier_characters_max)
    return person() if by is None else by


class Speller:
    """Writes commands about one execution so that they can be pasted."""

    def __init__(self, name: str, workflow_id: str, store: str | None, file: Sequence[str] | None = None) -> None:
        self.name = name
        self._workflow_id = workflow_id
        self._file = file
        self._options = [] if store is None else ["--store", store]

    def __call__(self, command: Command, *options: str) -> str:
        if self._file is None:
            self._file = guess_file(self._workflow_id)
        return spell(command, self.name, self._file, [*options, *self._options])

    def plain(self, words: Sequence[str]) -> str:
        """A command in the words of whoever asks."""
        return shlex.join(["pectin", *words, *self._options])


def _is_missing(url: str) -> bool:
    return "://" not in url and not Path(url).exists()


async def _means(visitor: Visitor, name: str, summary: Summary) -> bool:
    try:
        return (await visitor.resolve(name)).execution == summary.execution
    except (NotFound, Ambiguous):
        return False
