"""Whom the engine asks about an attempt in doubt: those who know, and those who don't, fail, hang or lie."""

from __future__ import annotations

import asyncio

from pectin import Context, DidNot, Happened, Unknown
from tests.crash.every_write.ledger import ledger
from tests.crash.every_write.stage import Case

Verdict = Happened[Case] | DidNot | Unknown


def _happened(state: Case) -> Happened[Case]:
    state["n"] += 1
    return Happened(state)


async def look_it_up(state: Case, ctx: Context) -> Verdict:
    """Says what the ledger says."""
    if ledger.has_done(ctx):
        return _happened(state)
    return DidNot()


async def know_nothing(state: Case, ctx: Context) -> Verdict:
    return Unknown()


async def break_down(state: Case, ctx: Context) -> Verdict:
    raise OSError("the bank is away")


async def hang_for_ever(state: Case, ctx: Context) -> Verdict:
    await asyncio.Event().wait()
    return Unknown()


async def lie(state: Case, ctx: Context) -> Verdict:
    """Denies everything."""
    return DidNot()


async def boast(state: Case, ctx: Context) -> Verdict:
    """Says that all is done."""
    return _happened(state)
