"""`pectin why`."""

from __future__ import annotations

from pectin.cli.options import Exec, Json, StoreOption


def why(execution: Exec, *, store: StoreOption = None, as_json: Json = False) -> int:
    """Say why an execution is where it is, and what one can do."""
    import asyncio

    return asyncio.run(_why(execution, store, as_json))


async def _why(execution: str, store: str | None, as_json: bool) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.paper import out
    from pectin.cli.visit import Speller, name_of, visiting
    from pectin.cli.words import local_time, put_json, waiting_document
    from pectin.core.why import why as tell_why

    async with visiting(store) as visitor:
        summary = await visitor.resolve(execution)
        run = (await visitor.read(summary.execution)).run
        name = await name_of(visitor, summary)
        at = visitor.clock.now()
        served = await visitor.store.in_charge()
    told = tell_why(run, at, served=served, tell_time=lambda time: local_time(time, at))
    spell = Speller(name, summary.workflow_id, store)
    commands = [spell(command) for question in told.questions for command in question.commands]
    commands += [spell(command) for command in told.then]
    if as_json:
        document = {"code": told.code, "sentence": told.sentence, "commands": commands}
        put_json({**document, "waiting_for": waiting_document(run), "execution": run.execution().to_json()})
        return Exit.OK
    paper = out()
    paper.write_text(told.sentence)
    for question in told.questions:
        paper.write_whole("")
        paper.write_text(question.prompt, "    ")
        _write_commands([spell(command) for command in question.commands])
    if told.then:
        _write_commands([spell(command) for command in told.then])
    return Exit.OK


def _write_commands(commands: list[str]) -> None:
    """Side by side if they fit; a command is never cut."""
    from pectin.cli.paper import out

    paper = out()
    line = "    " + "        ".join(commands)
    paper.write_whole(*([line] if len(line) <= paper.columns else [f"    {command}" for command in commands]))
