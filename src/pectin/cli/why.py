"""`pectin why`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pectin.cli.options import Exec, Json, StoreOption

if TYPE_CHECKING:
    from pectin.cli.visit import Speller
    from pectin.core.need import Need
    from pectin.core.state import Run


def why(execution: Exec, *, store: StoreOption = None, as_json: Json = False) -> int:
    """Say why an execution is where it is, and what one can do."""
    import asyncio

    return asyncio.run(_why(execution, store, as_json))


async def _why(execution: str, store: str | None, as_json: bool) -> int:
    from msgspec.structs import replace

    from pectin.cli.exit import Exit
    from pectin.cli.paper import out
    from pectin.cli.visit import Speller, find_execution, name_of, visiting
    from pectin.cli.words import local_time, put_json, waiting_document
    from pectin.core.need import EXEC
    from pectin.core.why import unreadable
    from pectin.core.why import why as tell_why
    from pectin.ports.store import Damaged
    from pectin.runtime.error import ChainBroken, Quarantined

    async with visiting(store) as visitor:
        summary = await find_execution(visitor, execution)
        name = await name_of(visitor, summary)
        at = visitor.clock.now()
        served = await visitor.store.in_charge()
        try:
            run = (await visitor.read(summary.execution)).run
            told = tell_why(run, at, served=served, tell_time=lambda time: local_time(time, at))
        except (Quarantined, Damaged) as problem:
            run, told = None, unreadable(str(problem))
            if isinstance(problem, ChainBroken):
                told = replace(told, then=(("verify", EXEC), *told.then))
    spell = Speller(name, summary.workflow_id, store)
    commands = [spell(command) for command in (*(c for need in told.needs for c in need.commands), *told.then)]
    commands = list(dict.fromkeys(commands))
    if as_json:
        document = {"code": told.code, "sentence": told.sentence, "commands": commands}
        waiting_for = [] if run is None else waiting_document(run)
        put_json({**document, "waiting_for": waiting_for, "execution": run and run.execution().to_json()})
        return Exit.OK
    out().write_text(told.sentence)
    if run is not None and (len(told.needs) > 1 or any(need.prompt is not None for need in told.needs)):
        _write_needs(told.needs, run, spell)
        commands = [spell(command) for command in told.then]
    if commands:
        _write_commands(commands)
    return Exit.OK


def _write_needs(needs: Sequence[Need], run: Run, spell: Speller) -> None:
    """Each need with what is asked, and the commands that give it."""
    from pectin.cli.paper import out
    from pectin.cli.words import show_call, show_editable

    paper = out()
    for need in needs:
        paper.write_whole("")
        if need.prompt is not None:
            paper.write_text(need.prompt, "    ")
        waiting = run.activations[need.activation].waiting
        if waiting is not None and waiting.editable:
            paper.write_text(f"what can be changed, with --set KEY=JSON: {show_editable(waiting)}", "    ")
        for line in () if waiting is None else show_call(waiting, run, paper.columns):
            paper.write_text(line, "    ")
        _write_commands([spell(command) for command in need.commands])


def _write_commands(commands: list[str]) -> None:
    """Side by side if they fit; a command is never cut."""
    from pectin.cli.paper import out

    paper = out()
    line = "    " + "        ".join(commands)
    paper.write_whole(*([line] if len(line) <= paper.columns else [f"    {command}" for command in commands]))
