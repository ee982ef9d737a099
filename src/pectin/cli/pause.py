"""`pectin pause`."""

from __future__ import annotations

from pectin.cli.options import By, Exec, Json, Reason, StoreOption


def pause(
    execution: Exec,
    *,
    reason: Reason = None,
    by: By = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Hold an execution: nothing more of it starts until `resume`."""
    from pectin.cli.decision import request
    from pectin.cli.given import check_comment
    from pectin.cli.visit import actor
    from pectin.core.command import Hold
    from pectin.core.need import RELEASE

    check_comment(reason, "--reason")
    who = actor(by)

    def make(at: int) -> Hold:
        return Hold(at=at, by=who, reason=reason)

    return request(execution, make, f"paused by {who}", then=("go on", RELEASE), store=store, as_json=as_json)
