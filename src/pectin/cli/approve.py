"""`pectin approve`."""

from __future__ import annotations

from pectin.cli.options import By, Comment, Edits, Exec, Json, Node, StoreOption


def approve(
    execution: Exec,
    node: Node = None,
    *,
    edits: Edits = None,
    by: By = None,
    comment: Comment = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Approve what waits for a person."""
    from pectin.cli.decision import submit

    return submit(execution, node, "approved", edits=edits, by=by, comment=comment, store=store, as_json=as_json)
