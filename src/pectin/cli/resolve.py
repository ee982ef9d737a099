"""`pectin resolve`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import By, Comment, DoubtfulNode, Exec, Json, StoreOption


def resolve(
    execution: Exec,
    node: DoubtfulNode = None,
    *,
    happened: Annotated[
        str | None,
        typer.Option("--happened", metavar="JSON", help="It happened, with this result: JSON, @FILE, or -."),
    ] = None,
    did_not: Annotated[bool, typer.Option("--did-not", help="It did not happen: it is run again.")] = False,
    attempt: Annotated[
        int | None,
        typer.Option("--attempt", min=1, help="Which attempt, if an earlier one was resolved before."),
    ] = None,
    by: By = None,
    comment: Comment = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Say whether an attempt in doubt has happened."""
    import shlex

    from pectin.cli.decision import request
    from pectin.cli.exit import BadUsage
    from pectin.cli.given import check_comment, read_json
    from pectin.cli.visit import actor
    from pectin.core.command import Resolve
    from pectin.core.need import RESULT

    words = ["pectin", "resolve", execution, *([] if node is None else [node])]
    if did_not == (happened is not None):
        wrong = "it can't both have happened and not" if did_not else "that leaves open whether it happened"
        said = f"{wrong}: say --happened with its result, or --did-not"
        raise BadUsage(said, shlex.join([*words, "--happened", RESULT]), shlex.join([*words, "--did-not"]))
    check_comment(comment, "--comment")
    who = actor(by)
    result = read_json(happened, "--happened")

    def make(at: int) -> Resolve:
        return Resolve(
            at=at,
            activation=node,
            happened=not did_not,
            by=who,
            result=result,
            comment=comment,
            attempt=attempt,
        )

    done = f"it did not happen, says {who}; it is run again" if did_not else f"it happened, says {who}"
    return request(execution, make, done, store=store, as_json=as_json)
