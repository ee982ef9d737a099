"""`pectin resume`."""

from __future__ import annotations

from pectin.cli.options import By, Exec, Json, StoreOption


def resume(execution: Exec, *, by: By = None, store: StoreOption = None, as_json: Json = False) -> int:
    """Let go on what is paused, or in quarantine."""
    from pectin.cli.decision import request
    from pectin.cli.visit import actor
    from pectin.core.command import Release

    who = actor(by)

    def make(at: int) -> Release:
        return Release(at=at, by=who)

    return request(execution, make, f"goes on, resumed by {who}", store=store, as_json=as_json)
