"""The commands together, and the one way out of each of them: an exit code.

What a command needs is imported inside of it, so that `pectin --help` doesn't load the engine.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import typer

from pectin.cli.approve import approve
from pectin.cli.cancel import cancel
from pectin.cli.check import check
from pectin.cli.convert import convert
from pectin.cli.crashtest import crashtest
from pectin.cli.decide import decide
from pectin.cli.doctor import doctor
from pectin.cli.events import events
from pectin.cli.exit import BadUsage, Exit, judge
from pectin.cli.fmt import fmt
from pectin.cli.graph import graph
from pectin.cli.list import list_executions
from pectin.cli.logs import logs
from pectin.cli.pause import pause
from pectin.cli.preview import preview
from pectin.cli.reject import reject
from pectin.cli.resolve import resolve
from pectin.cli.resume import resume
from pectin.cli.run import run
from pectin.cli.schema import schema
from pectin.cli.send import send
from pectin.cli.show import show
from pectin.cli.signal import signal
from pectin.cli.streams import own_streams
from pectin.cli.verify import verify
from pectin.cli.version import version
from pectin.cli.why import why
from pectin.cli.worker import worker

app = typer.Typer(
    help="Workflows that survive crashes, wait for people, and can be audited.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain text: the help of typer with rich takes three times as long
    pretty_exceptions_enable=False,
)
app.command("run")(run)
app.command("preview")(preview)
app.command("worker")(worker)
app.command("list")(list_executions)
app.command("show")(show)
app.command("why")(why)
app.command("events")(events)
app.command("logs")(logs)
app.command("approve")(approve)
app.command("reject")(reject)
app.command("decide")(decide)
app.command("signal")(signal)
app.command("send")(send)
app.command("pause")(pause)
app.command("resume")(resume)
app.command("resolve")(resolve)
app.command("cancel")(cancel)
app.command("check")(check)
app.command("crashtest")(crashtest)
app.command("graph")(graph)
app.command("fmt")(fmt)
app.command("convert")(convert)
app.command("schema")(schema)
app.command("doctor")(doctor)
app.command("verify")(verify)
app.command("version")(version)


@app.callback()
def _commands() -> None:
    """Workflows that survive crashes, wait for people, and can be audited."""
    try:
        os.getcwd()
    except OSError as error:
        raise BadUsage("the working directory is gone: go to a directory that is there") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. No error of a command leaves this function."""
    args = list(sys.argv[1:] if argv is None else argv)
    with own_streams():
        code = _run(args)
    if argv is None:
        sys.stdout = sys.stderr  # what prints while the process ends is an author's code
    return code


def _run(args: list[str]) -> int:
    try:
        return int(app(args, prog_name="pectin", standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED
    except SystemExit as end:  # of what answers a shell that completes a word
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as error:
        return _report(error, args)


def _report(error: Exception, args: Sequence[str]) -> int:
    if os.environ.get("PECTIN_DEBUG"):
        traceback.print_exception(error)
    from pectin.cli.paper import err
    from pectin.cli.words import put_json

    judgement = judge(error, args)
    if "--json" in args and judgement.exit is not Exit.OUTPUT:
        told = {"code": judgement.code, "message": judgement.message}
        put_json({"type": "outcome", "exit_code": int(judgement.exit), "error": told})
    else:
        paper = err()
        paper.write_text(judgement.message)
        paper.write_whole(*(f"  {command}" for command in judgement.then))
    return judgement.exit
