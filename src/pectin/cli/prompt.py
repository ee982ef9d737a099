"""Asks the person at the terminal to decide an approval, while the engine goes on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Iterable
from typing import NamedTuple, TypeVar

from pectin.cli.given import check_comment
from pectin.cli.paper import Paper
from pectin.cli.words import show_call
from pectin.core.error import BadValue
from pectin.core.state import Run, Waiting

LATER = "later"

T = TypeVar("T")


class Decided(NamedTuple):
    """What the person said; `decision` is None for `later`."""

    decision: str | None
    comment: str | None = None


def can_ask(paper: Paper) -> bool:
    """Whether a person can be asked: they see the stream, and what they type arrives."""
    return paper.is_terminal and sys.stdin is not None and sys.stdin.isatty()


def words_of(decisions: tuple[str, ...]) -> dict[str, str | None]:
    """What a person types for each decision: `approve`, `reject`, any other one's name, `later`."""
    spoken = {"approved": "approve", "rejected": "reject"}
    return {**{spoken.get(decision, decision): decision for decision in decisions}, LATER: None}


def understand(text: str, words: dict[str, str | None]) -> str | None:
    """The word that is meant: it, its beginning if that is enough, or the decision itself. Case doesn't matter."""
    said = text.strip().casefold()
    if not said:
        return None
    for word, decision in words.items():
        if said in (word.casefold(), (decision or LATER).casefold()):
            return word
    near = [word for word in words if word.casefold().startswith(said)]
    return near[0] if len(near) == 1 else None


async def ask(paper: Paper, run: Run, waiting: Waiting, decided: Awaitable[None]) -> Decided | None:
    """What the person says to the request; None when it was `decided` elsewhere before they did."""
    gone = asyncio.ensure_future(decided)
    words = words_of(waiting.decisions)
    try:
        paper.write("")
        paper.write_text(waiting.prompt or "", "    ")
        for line in show_call(waiting, run, paper.columns):
            paper.write_text(line, "    ")
        word = None
        while word is None:
            line = await _read_line(paper, f"    {' / '.join(words)}, or its beginning > ", gone)
            if line is None:
                return None if gone.done() else Decided(None)
            word = understand(line, words)
            if word is None:
                paper.write_text(f"no answer: type {_list(words)}, or the beginning of one", "    ")
        if words[word] is None:
            return Decided(None)
        comment = await _ask_comment(paper, gone)
        return None if gone.done() else Decided(words[word], comment)
    finally:
        gone.cancel()
        paper.write("")


async def _ask_comment(paper: Paper, gone: asyncio.Future[None]) -> str | None:
    while True:
        line = await _read_line(paper, "    comment (empty for none) > ", gone)
        comment = (line or "").strip() or None
        try:
            check_comment(comment, "the comment")
        except BadValue as bad:
            paper.write_text(str(bad), "    ")
        else:
            return comment


def _list(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}"


async def _read_line(paper: Paper, question: str, gone: asyncio.Future[None]) -> str | None:
    """A line from the terminal; None at its end, or when `gone` is done first."""
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[None] = loop.create_future()
    paper.ask(question)
    # A terminal gives whole lines, so reading one when there is something to read doesn't block the engine.
    loop.add_reader(sys.stdin.fileno(), lambda: typed.done() or typed.set_result(None))
    try:
        await asyncio.wait({typed, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        loop.remove_reader(sys.stdin.fileno())
    if not typed.done():
        paper.write("")
        return None
    line = sys.stdin.readline()
    return line or None
