"""`pectin worker`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import File, Functions, Json, StoreOption


def worker(
    file: File,
    *,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="End when all has ended or waits for a person or a distant time.")
    ] = False,
    functions: Functions = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Run all that the workflows of a file have to do."""
    import asyncio

    from pectin.cli.document import Given
    from pectin.cli.source import load_workflows
    from pectin.cli.stopping import stoppable
    from pectin.cli.streams import lent_streams
    from pectin.cli.working import work

    with lent_streams():
        workflows = list(load_workflows(Given(file, functions), "worker").values())
        return asyncio.run(stoppable(work(workflows, store, until_idle=until_idle, as_json=as_json)))
