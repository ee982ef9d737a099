"""`pectin cancel`."""

from __future__ import annotations

from pectin.cli.options import By, Exec, Json, Reason, StoreOption


def cancel(
    execution: Exec,
    *,
    by: By = None,
    reason: Reason = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """End an execution; its finalizers still run."""
    from pectin.cli.decision import request
    from pectin.cli.given import check_comment
    from pectin.cli.visit import actor
    from pectin.core.command import Cancel

    check_comment(reason, "--reason")
    who = actor(by)

    def make(at: int) -> Cancel:
        return Cancel(at=at, by=who, reason=reason)

    return request(execution, make, "cancelled", store=store, as_json=as_json)
