"""`pectin reject`."""

from __future__ import annotations

from pectin.cli.options import By, Comment, Edits, Exec, Json, Node, StoreOption


def reject(
    execution: Exec,
    node: Node = None,
    *,
    edits: Edits = None,
    by: By = None,
    comment: Comment = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Reject what waits for a person."""
    from pectin.cli.decision import submit

    return submit(execution, node, "rejected", edits=edits, by=by, comment=comment, store=store, as_json=as_json)
