"""What a shell is offered for a half-typed word: executions, nodes, decisions, signals and events of the store.

It reads the store that the command would use and no author's file. Whatever goes wrong, nothing is offered: a shell is
no place for an error.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from pectin.core.program import Program
    from pectin.core.state import Run
    from pectin.runtime.visitor import Visitor

Offer = list[tuple[str, str]]
"""Words, each with what it is."""

_OFFERED_MAX = 50
_WHAT_CHARACTERS_MAX = 60


def complete_execution(ctx: typer.Context, incomplete: str) -> Offer:
    """Keys and ids of the newest executions, and `last`."""

    async def look(visitor: Visitor) -> Offer:
        from pectin.core.why import status_words
        from pectin.ports.store import Find

        found = await visitor.list(Find(limit=_OFFERED_MAX))
        words = [
            (summary.key or str(summary.execution), f"{summary.workflow_id} {status_words(summary.status)}")
            for summary in found
        ]
        return [*words, ("last", "the newest")] if found else []

    return _offer(ctx, incomplete, look)


def complete_approval(ctx: typer.Context, incomplete: str) -> Offer:
    """The approvals that wait."""
    return _of_execution(
        ctx, incomplete, lambda _, run: [(name, wait.prompt or "") for name, wait in run.approvals().items()]
    )


def complete_decision(ctx: typer.Context, incomplete: str) -> Offer:
    """The decisions of the approvals that wait, or of the one that is named."""

    def look(program: Program, run: Run) -> Offer:
        named = _argument(ctx, "node", 1)
        waits = [(name, wait) for name, wait in run.approvals().items() if named in (None, name)]
        return [(decision, name) for name, wait in waits for decision in wait.decisions]

    return _of_execution(ctx, incomplete, look)


def complete_doubt(ctx: typer.Context, incomplete: str) -> Offer:
    """The nodes that are in doubt."""
    return _of_execution(ctx, incomplete, lambda _, run: [(name, doubt.reason) for name, doubt in run.doubts().items()])


def complete_signal(ctx: typer.Context, incomplete: str) -> Offer:
    """The signals that the execution may wait for."""

    def look(program: Program, run: Run) -> Offer:
        from pectin.cli.message import signals_of

        awaited = {wait.signal for wait in run.waiting().values()}
        return [(name, "is waited for" if name in awaited else "") for name in signals_of(program)]

    return _of_execution(ctx, incomplete, look)


def complete_event(ctx: typer.Context, incomplete: str) -> Offer:
    """The events that somebody waits for."""

    async def look(visitor: Visitor) -> Offer:
        from pectin.cli.message import awaited_events

        return [(each.name, f"for {each.execution}") for each in await awaited_events(visitor)]

    return _offer(ctx, incomplete, look)


def complete_correlation(ctx: typer.Context, incomplete: str) -> Offer:
    """The keys with which somebody waits for the event that is named."""

    async def look(visitor: Visitor) -> Offer:
        from pectin.cli.message import awaited_events

        awaited = await awaited_events(visitor)
        return [(each.correlation, f"for {each.execution}") for each in awaited if each.name == ctx.params.get("name")]

    return _offer(ctx, incomplete, look)


def complete_status(incomplete: str) -> list[str]:
    """The statuses of executions."""
    from pectin.core.status import WorkflowStatus

    return [status.value for status in WorkflowStatus if status.value.startswith(incomplete)]


def _of_execution(ctx: typer.Context, incomplete: str, look: Callable[[Program, Run], Offer]) -> Offer:
    """What the execution that is named has to offer."""

    async def read(visitor: Visitor) -> Offer:
        execution = _argument(ctx, "execution", 0)
        if execution is None:
            return []
        summary = await visitor.resolve(execution)
        loaded = await visitor.read(summary.execution)
        return look(loaded.program, loaded.run)

    return _offer(ctx, incomplete, read)


def _argument(ctx: typer.Context, name: str, at: int) -> str | None:
    """An argument that stands there already. While an option lacks its value, none has got its name."""
    given: str | None = ctx.params.get(name)
    return given if given is not None or at >= len(ctx.args) else ctx.args[at]


def _offer(ctx: typer.Context, incomplete: str, look: Callable[[Visitor], Coroutine[Any, Any, Offer]]) -> Offer:
    """What is found in the store and begins as the word does, each once."""
    import asyncio

    from pectin.cli.visit import visiting

    async def find() -> Offer:
        async with visiting(ctx.params.get("store")) as visitor:
            return await look(visitor)

    try:
        found = asyncio.run(find())
    except Exception:  # nothing is offered then
        return []
    words: dict[str, str] = {}
    for word, what in found:
        if word.startswith(incomplete) and word.isprintable():
            words.setdefault(word, " ".join(what.split())[:_WHAT_CHARACTERS_MAX])
    return list(words.items())
