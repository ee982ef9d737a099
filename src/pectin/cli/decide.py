"""`pectin decide`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.completion import complete_decision
from pectin.cli.options import By, Comment, Edits, Exec, Json, Node, StoreOption


def decide(
    execution: Exec,
    node: Node = None,
    *,
    decision: Annotated[
        str,
        typer.Option(
            "--decision", metavar="D", help="One of the approval's decisions.", autocompletion=complete_decision
        ),
    ],
    edits: Edits = None,
    by: By = None,
    comment: Comment = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Decide an approval in its own words."""
    from pectin.cli.decision import submit

    return submit(execution, node, decision, edits=edits, by=by, comment=comment, store=store, as_json=as_json)
