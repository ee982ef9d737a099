"""`pectin run`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import By, File, Functions, Json, StoreOption


def run(
    file: File,
    *,
    input: Annotated[
        str | None, typer.Option("--input", metavar="JSON", help="The input as JSON, @FILE, or - for standard input.")
    ] = None,
    key: Annotated[str | None, typer.Option("--key", metavar="K", help="The same key is the same execution.")] = None,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="EXEC", help="Go on with an execution that was started before.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Start anew what has ended under this key.")] = False,
    functions: Functions = None,
    by: By = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Run one execution to its end, or until it waits. The same command again goes on with the same key."""
    import asyncio

    from pectin.cli.document import Given
    from pectin.cli.exit import BadUsage
    from pectin.cli.given import check_name, read_json
    from pectin.cli.running import Asked, run_execution
    from pectin.cli.source import load_workflow
    from pectin.cli.stopping import stoppable
    from pectin.cli.streams import lent_streams
    from pectin.core.limits import LIMITS

    if resume is not None and (input is not None or key is not None or restart):
        raise BadUsage(
            "--resume names an execution that has its input and its key: leave --input, --key, --restart out"
        )
    if restart and key is None:
        raise BadUsage("--restart starts anew what has ended under a key: say which with --key")
    check_name(key, "--key", LIMITS.key_characters_max)
    check_name(by, "--by", LIMITS.identifier_characters_max)
    asked = Asked(
        source=Given(file, functions),
        input=input,
        given=read_json(input, "--input"),
        key=key,
        resume=resume,
        restart=restart,
        by=by,
        store=store,
    )
    go_on: list[str] = []
    with lent_streams():
        workflow = load_workflow(asked.source)
        return asyncio.run(stoppable(run_execution(workflow, asked, as_json, go_on), go_on))
