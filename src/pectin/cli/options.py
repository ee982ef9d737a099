"""Arguments and options that several commands share, so that each is called the same everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

Exec = Annotated[
    str, typer.Argument(metavar="EXEC", help="Its id, a unique end of it, its key, or `last`.", show_default=False)
]
Node = Annotated[
    str | None,
    typer.Argument(metavar="NODE", help="The approval, where several wait.", show_default=False),
]
File = Annotated[
    str,
    typer.Argument(
        metavar="FILE[:NAME]", help="The Python file with the workflow, and its variable if there are several."
    ),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", help="A path or URL. Without it: PECTIN_STORE, pectin.toml, .pectin/pectin.db."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]
By = Annotated[
    str | None, typer.Option("--by", metavar="WHO", help="Who does it. Without it: your name on this machine.")
]
Comment = Annotated[str | None, typer.Option("--comment", metavar="TEXT", help="What to say with it.")]
