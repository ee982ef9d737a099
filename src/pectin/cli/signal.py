"""`pectin signal`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pectin.cli.completion import complete_signal
from pectin.cli.options import By, Dedup, Exec, Json, Payload, StoreOption

if TYPE_CHECKING:
    from pectin.core.program import Program
    from pectin.core.state import Run


def signal(
    execution: Exec,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The signal that it waits for.", autocompletion=complete_signal)
    ],
    *,
    payload: Payload = None,
    dedup: Dedup = None,
    by: By = None,
    store: StoreOption = None,
    as_json: Json = False,
) -> int:
    """Send a signal to an execution, for a wait now or later."""
    from pectin.cli.decision import request
    from pectin.cli.given import read_json
    from pectin.cli.message import check_dedup, check_message_name, check_signal
    from pectin.cli.visit import actor
    from pectin.core.command import Signal

    check_message_name(name)
    check_dedup(dedup)
    who = actor(by)
    brought = read_json(payload, "--payload")

    def make(at: int) -> Signal:
        return Signal(at=at, name=name, payload=brought, dedup=dedup, by=who)

    def check(program: Program, run: Run) -> None:
        check_signal(name, program, run, execution)

    return request(execution, make, f"got the signal {name}", check=check, store=store, as_json=as_json)
