"""Executions in the situations that `why` tells of, made by hand."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from pectin.core.state import Activation, Doubt, Run, Waiting
from pectin.core.status import NodeStatus, WorkflowStatus
from pectin.core.why import Why, why

NOW = 1_000_000_000
SECOND, HOUR = 1_000, 3_600_000


def clock(at: int) -> str:
    return f"T{(at - NOW) // SECOND:+}s"


def tell(run: Run, *, served: bool = True, **missing: str) -> Why:
    return why(run, NOW, served=served, tell_time=clock, missing=missing)


def made(*activations: Activation, **fields: Any) -> Run:
    """A run in which these activations are unsettled."""
    by_name = {activation.name: activation for activation in activations}
    quarantined = fields.get("quarantined", {})
    ready = {
        a.name: None
        for a in activations
        if a.not_before is None and (a.status is NodeStatus.SCHEDULED or (a.doubt is not None and a.doubt.asks))
        if a.name not in quarantined and (a.doubt is None or a.doubt.begun_by is None)
    }
    backoff = {a.name: a.not_before for a in activations if a.not_before is not None}
    waits = sum(a.waiting is not None for a in activations)
    children = {a.name: a.child for a in activations if a.child is not None}
    due = {a.name: a.waiting.until for a in activations if a.waiting is not None and a.waiting.until is not None}
    basis = Run(version=7, status=WorkflowStatus.RUNNING, updated_at=NOW - 41 * SECOND)
    return replace(
        basis, activations=by_name, ready=ready, backoff=backoff, due=due, waits=waits, children=children, **fields
    )


def running(name: str = "pay", **fields: Any) -> Activation:
    options: dict[str, Any] = {"attempt": 1, "begun_by": "engine", **fields}
    return Activation(name, name, NodeStatus.RUNNING, NOW - 12 * SECOND, **options)


def ready(name: str = "pay", **fields: Any) -> Activation:
    return Activation(name, name, NodeStatus.SCHEDULED, NOW - 2 * SECOND, **fields)


def asked(name: str = "review", until: int | None = NOW + 70 * HOUR, **fields: Any) -> Activation:
    wait = Waiting(NOW - 2 * HOUR, until, f"{name}?", ("approved", "rejected"), "d")
    return Activation(name, name, NodeStatus.RUNNING, NOW - 2 * HOUR, waiting=wait, **fields)


def timer(until: int, name: str = "cool_down") -> Activation:
    return Activation(name, name, NodeStatus.RUNNING, NOW - HOUR, waiting=Waiting(NOW - HOUR, until))


CHILD = "0199f3c2-b1e4-7d0c-9a51-c3d05e3f7c41"
DAY = 24 * HOUR


def message(name: str = "arrive", *, since: int = NOW - 3 * DAY, **fields: Any) -> Activation:
    return Activation(name, name, NodeStatus.RUNNING, since, waiting=Waiting(since, **fields))


def doubted(name: str = "pay", **fields: Any) -> Activation:
    doubt = Doubt(1, NOW - 3 * 60 * SECOND, "the engine that ran it is gone", **fields)
    return Activation(name, name, NodeStatus.RUNNING, NOW - 4 * 60 * SECOND, attempt=1, doubt=doubt)


def child(name: str = "ship") -> Activation:
    return Activation(name, name, NodeStatus.RUNNING, NOW - HOUR, child=CHILD)
