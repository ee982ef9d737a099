"""`pectin cancel`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import By, Exec, Json, StoreOption


def cancel(
    execution: Exec,
    *,
    by: By = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why.")] = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """End an execution; its finalizers still run."""
    from pectin.cli.decision import request
    from pectin.cli.given import check_comment, check_name
    from pectin.cli.visit import person
    from pectin.core.command import Cancel
    from pectin.core.limits import LIMITS

    check_name(by, "--by", LIMITS.identifier_characters_max)
    check_comment(reason, "--reason")

    def make(at: int) -> Cancel:
        return Cancel(at=at, by=person() if by is None else by, reason=reason)

    return request(execution, make, "cancelled", store=store, as_json=as_json)
