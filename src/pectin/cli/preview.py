"""`pectin preview`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import File, Functions, Json


def preview(
    file: File,
    *,
    functions: Functions = None,
    input: Annotated[
        str | None, typer.Option("--input", metavar="JSON", help="The input as JSON, @FILE, or - for standard input.")
    ] = None,
    simulate: Annotated[
        list[str] | None,
        typer.Option("--simulate", metavar="NODE=JSON", help="What a node gives that isn't run; several times."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Try a workflow without doing anything, and keep nothing."""
    import asyncio

    from pectin.cli.document import Given
    from pectin.cli.given import read_json
    from pectin.cli.previewing import Asked, preview_workflow
    from pectin.cli.source import load_workflow
    from pectin.cli.streams import lent_streams

    source = Given(file, functions)
    asked = Asked(source=source, input=input, given=read_json(input, "--input"), simulate=tuple(simulate or ()))
    with lent_streams():
        return asyncio.run(preview_workflow(load_workflow(source, "preview"), asked, as_json))
