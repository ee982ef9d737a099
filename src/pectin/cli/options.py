"""Arguments and options that several commands share, so that each is called the same everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.completion import complete_approval, complete_doubt, complete_execution

NUMBER_MAX = 2**63 - 1
"""No store numbers further."""

_EXEC_HELP = "Its id, a unique end of it, its key, or `last`."

Exec = Annotated[
    str, typer.Argument(metavar="EXEC", help=_EXEC_HELP, show_default=False, autocompletion=complete_execution)
]
Node = Annotated[
    str | None,
    typer.Argument(
        metavar="NODE",
        help="The approval, where several wait.",
        show_default=False,
        autocompletion=complete_approval,
    ),
]
DoubtfulNode = Annotated[
    str | None,
    typer.Argument(
        metavar="NODE", help="The node, where several are in doubt.", show_default=False, autocompletion=complete_doubt
    ),
]
File = Annotated[
    str,
    typer.Argument(
        metavar="FILE[:NAME]",
        help="The Python file or the document with the workflow, and its variable or id if there are several.",
    ),
]
Functions = Annotated[
    str | None,
    typer.Option("--functions", metavar="FILE", help="The Python file with the functions that a document runs."),
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
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")]
Edits = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=JSON", help="A new value of an editable key; may be given several times."),
]
Payload = Annotated[
    str | None,
    typer.Option("--payload", metavar="JSON", help="What it brings: JSON, @FILE, or - for standard input."),
]
Dedup = Annotated[str | None, typer.Option("--dedup", metavar="KEY", help="With the same key it is accepted once.")]
