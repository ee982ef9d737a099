"""`pectin send`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pectin.cli.completion import complete_correlation, complete_event
from pectin.cli.options import Dedup, Json, Payload, StoreOption

if TYPE_CHECKING:
    from pectin.cli.message import Awaited
    from pectin.core.definition import Json as Value


def send(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The event that is waited for.", autocompletion=complete_event)
    ],
    correlation: Annotated[
        str,
        typer.Argument(
            metavar="CORRELATION", help="Whose it is: the key of the wait.", autocompletion=complete_correlation
        ),
    ],
    *,
    payload: Payload = None,
    dedup: Dedup = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Send an event to whoever waits for it, in any execution."""
    import asyncio

    from pectin.cli.exit import BadUsage
    from pectin.cli.given import check_name, read_json
    from pectin.cli.message import check_dedup, check_message_name
    from pectin.core.limits import LIMITS

    check_message_name(name)
    if not correlation:
        raise BadUsage("CORRELATION is empty, and no wait can be for it: write the key of the wait")
    check_name(correlation, "CORRELATION", LIMITS.key_characters_max)
    check_dedup(dedup)
    brought = read_json(payload, "--payload")
    return asyncio.run(_send(name, correlation, brought, dedup, store, as_json))


async def _send(
    name: str, correlation: str, payload: Value, dedup: str | None, store: str | None, as_json: bool
) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.message import awaited_events
    from pectin.cli.visit import visiting
    from pectin.cli.words import put_json

    async with visiting(store) as visitor:
        awaited = await awaited_events(visitor)
        accepted = await visitor.send(name, correlation, payload, dedup=dedup)
        served = await visitor.store.in_charge()
    takers = [each for each in awaited if (each.name, each.correlation) == (name, correlation)]
    if as_json:
        put_json({"answer": {"type": "done" if accepted else "already"}, "waits": [each.execution for each in takers]})
    elif not accepted:
        _write("nothing to do: the same message was accepted under this key before")
    elif takers:
        _tell_taken(takers[0].execution, store, served=served)
    else:
        _tell_kept(name, correlation, awaited, store)
    return Exit.OK


def _write(text: str, *commands: str) -> None:
    from pectin.cli.paper import out

    paper = out()
    paper.write_text(text)
    paper.write_whole(*(f"  {command}" for command in commands))


def _tell_taken(execution: str, store: str | None, *, served: bool) -> None:
    """Somebody waits for it."""
    why = _spell("why", execution, store=store)
    if served:
        _write(f"accepted: {execution} waits for it", why)
    else:
        _write(f"accepted: {execution} waited for it, and has it", why)


def _tell_kept(name: str, correlation: str, awaited: list[Awaited], store: str | None) -> None:
    """Nobody waits for it now: say what is waited for that is written alike."""
    from pectin.cli.message import nearest
    from pectin.core.duration import format_duration
    from pectin.core.limits import LIMITS

    kept = format_duration(LIMITS.event_keep_ms)
    near = nearest(name, correlation, awaited)
    if not near:
        _write(f"accepted: nobody waits for it yet, and it is kept for {kept}")
        return
    _write(
        f"accepted: nobody waits for it yet, and it is kept for {kept}. Did you mean one that is waited for?",
        *(_spell("send", each.name, each.correlation, store=store) for each in near),
    )


def _spell(*words: str, store: str | None) -> str:
    import shlex

    return shlex.join(["pectin", *words, *([] if store is None else ["--store", store])])
