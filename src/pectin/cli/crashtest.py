"""`pectin crashtest`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import Edits, File, Functions, Json

Input = Annotated[
    str | None, typer.Option("--input", metavar="JSON", help="The input as JSON, @FILE, or - for standard input.")
]
Decide = Annotated[
    list[str] | None,
    typer.Option("--decide", metavar="NODE=DECISION", help="What is decided; elsewhere the first that can be."),
]
Signal = Annotated[
    list[str] | None, typer.Option("--signal", metavar="NAME=JSON", help="What a signal brings; elsewhere null.")
]
Send = Annotated[
    list[str] | None, typer.Option("--send", metavar="NAME=JSON", help="What an event brings; elsewhere null.")
]
Resolve = Annotated[
    list[str] | None,
    typer.Option("--resolve", metavar="NODE=JSON", help="For a doubt: a result, or did-not; elsewhere the truth."),
]
Silent = Annotated[
    list[str] | None,
    typer.Option("--silent", metavar="NAME", help="A node, signal or event to which nobody says a word."),
]
Probe = Annotated[
    str | None,
    typer.Option(
        "--probe",
        metavar="COMMAND",
        help="Tells of the outside world: a command, or a function of the file. Without it: the file's `probe`.",
    ),
]
At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="POINT", help="Only this crash: pay:after-body, commit-7:inside. Again: the next."),
]
Simulate = Annotated[
    bool, typer.Option("--simulate", help="Kill no process: faster, for bodies that wait for nothing real.")
]
AnyOrder = Annotated[bool, typer.Option("--any-order", help="The outcome may depend on what is ready first.")]
Everything = Annotated[bool, typer.Option("--all", help="Every point of a long run, not 400 of them.")]
Timeout = Annotated[float, typer.Option("--timeout", metavar="SECONDS", min=0.1, help="How long a trial may take.")]


def crashtest(
    file: File,
    *,
    input: Input = None,
    decide: Decide = None,
    edits: Edits = None,
    signal: Signal = None,
    send: Send = None,
    resolve: Resolve = None,
    silent: Silent = None,
    probe: Probe = None,
    at: At = None,
    simulate: Simulate = False,
    any_order: AnyOrder = False,
    everything: Everything = False,
    timeout: Timeout = 30.0,
    functions: Functions = None,
    as_json: Json = False,
) -> int:
    """Crash a workflow at every point of its run, and compare."""
    from pectin.cli.crashing import Asked, crash
    from pectin.cli.document import Given
    from pectin.cli.streams import lent_streams

    asked = Asked(
        source=Given(file, functions),
        input=input,
        decide=tuple(decide or ()),
        edits=tuple(edits or ()),
        signal=tuple(signal or ()),
        send=tuple(send or ()),
        resolve=tuple(resolve or ()),
        silent=tuple(silent or ()),
        probe=probe,
        at=tuple(at or ()),
        simulate=simulate,
        any_order=any_order,
        everything=everything,
        timeout=timeout,
    )
    with lent_streams():
        return crash(asked, as_json)
