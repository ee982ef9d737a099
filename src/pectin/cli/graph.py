"""`pectin graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import File, Json

if TYPE_CHECKING:
    from pectin.authoring.workflow import Workflow


def graph(
    file: File,
    *,
    workflow: Annotated[
        str | None, typer.Option("--workflow", metavar="ID", help="Which of the file's workflows, by its id.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("--output", metavar="FILE", help="Write it to this file instead.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Draw a workflow as a Mermaid flowchart."""
    from pectin.cli.exit import Exit
    from pectin.cli.mermaid import flowchart
    from pectin.cli.streams import lent_streams
    from pectin.cli.words import put_chart, put_json

    with lent_streams():
        meant = _pick(file, workflow)
        chart = flowchart(meant.build().program)
    if output is not None:
        _write(output, chart + "\n")
    if as_json:
        put_json({"workflow": meant.id, "version": meant.version, "mermaid": chart, "output": output})
    elif output is None:
        put_chart(chart)
    else:
        _say(f"wrote {meant.id} {meant.version} to {output}")
    return Exit.OK


def _pick(file: str, id: str | None) -> Workflow[Any]:
    """The workflow that is meant. Raises `BadUsage`."""
    import shlex

    from pectin.cli.exit import BadUsage
    from pectin.cli.source import load_workflow, load_workflows
    from pectin.core.hint import did_you_mean

    if id is None:
        return load_workflow(file)
    found = {workflow.id: workflow for workflow in load_workflows(file).values()}
    if id not in found:
        hint = did_you_mean(id, found) or f"it has {', '.join(f'`{known}`' for known in found)}"
        commands = [shlex.join(["pectin", "graph", file, "--workflow", known]) for known in list(found)[:3]]
        raise BadUsage(f"--workflow {id}: {file} has no workflow `{id}`; {hint}", *commands)
    return found[id]


def _write(path: str, text: str) -> None:
    from pathlib import Path

    from pectin.cli.exit import BadUsage

    try:
        Path(path).write_text(text, "utf-8")
    except OSError as error:
        raise BadUsage(f"--output {path}: the file can't be written: {error.strerror}") from error


def _say(text: str) -> None:
    from pectin.cli.paper import err

    err().write_text(text)
