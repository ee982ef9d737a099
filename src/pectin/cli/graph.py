"""`pectin graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import File, Functions, Json
from pectin.cli.picture.form import Output, Svg, Tree

if TYPE_CHECKING:
    from pectin.authoring.workflow import Workflow
    from pectin.cli.document import Given


def graph(
    file: File,
    *,
    workflow: Annotated[
        str | None, typer.Option("--workflow", metavar="ID", help="Which of the file's workflows, by its id.")
    ] = None,
    svg: Svg = False,
    tree: Tree = False,
    output: Output = None,
    functions: Functions = None,
    as_json: Json = False,
) -> int:
    """Draw a workflow: as a Mermaid flowchart, a picture or a tree."""
    from pectin.cli.document import Given
    from pectin.cli.exit import Exit
    from pectin.cli.picture.form import choose_form, draw_as, put_drawing, write_drawing
    from pectin.cli.streams import lent_streams
    from pectin.cli.words import put_json

    form = choose_form(svg=svg, tree=tree, output=output)
    with lent_streams():
        meant = _pick(Given(file, functions), workflow)
        drawing = draw_as(form, meant.build().program)
    if output is not None:
        write_drawing(output, drawing, f"{meant.id} {meant.version}")
    if as_json:
        put_json({"workflow": meant.id, "version": meant.version, form.value: drawing, "output": output})
    elif output is None:
        put_drawing(form, drawing)
    return Exit.OK


def _pick(given: Given, id: str | None) -> Workflow[Any]:
    """The workflow that is meant. Raises `BadUsage`."""
    import shlex

    from pectin.cli.exit import BadUsage
    from pectin.cli.source import load_workflows, only_workflow
    from pectin.core.hint import did_you_mean

    if id is None:
        return only_workflow(given)
    file = given.file
    found = {workflow.id: workflow for workflow in load_workflows(given).values()}
    if id not in found:
        hint = did_you_mean(id, found) or f"it has {', '.join(f'`{known}`' for known in found)}"
        commands = [shlex.join(["pectin", "graph", file, "--workflow", known]) for known in list(found)[:3]]
        raise BadUsage(f"--workflow {id}: {file} has no workflow `{id}`; {hint}", *commands)
    return found[id]
