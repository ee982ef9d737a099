"""`pectin decide`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import By, Comment, Exec, Json, Node, StoreOption


def decide(
    execution: Exec,
    node: Node = None,
    *,
    decision: Annotated[str, typer.Option("--decision", metavar="D", help="One of the approval's decisions.")],
    by: By = None,
    comment: Comment = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Decide an approval in its own words."""
    from pectin.cli.decision import submit

    return submit(execution, node, decision, by=by, comment=comment, store=store, as_json=as_json)
