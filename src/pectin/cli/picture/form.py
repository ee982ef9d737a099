"""The forms in which a workflow is drawn, and how they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pectin.cli.picture.standing import Standing
    from pectin.core.program import Program

Svg = Annotated[bool, typer.Option("--svg", help="As an SVG picture.")]
Tree = Annotated[bool, typer.Option("--tree", help="As a tree of lines, for a terminal.")]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write it to this file; one named *.svg becomes a picture."),
]


class Form(StrEnum):
    """What a drawing is written in."""

    MERMAID = "mermaid"
    SVG = "svg"
    TREE = "tree"


def choose_form(*, svg: bool, tree: bool, output: str | None) -> Form:
    """The form that is meant. Raises `BadUsage`."""
    from pectin.cli.exit import BadUsage

    if svg and tree:
        raise BadUsage("--svg and --tree: a drawing is one or the other")
    if tree:
        return Form.TREE
    return Form.SVG if svg or (output is not None and output.lower().endswith(".svg")) else Form.MERMAID


def draw_as(
    form: Form, program: Program, standings: Mapping[str, Standing] | None = None, caption: str | None = None
) -> str:
    """The drawing, its last line without a line break."""
    from pectin.cli.mermaid import flowchart
    from pectin.cli.paper import out
    from pectin.cli.picture.chart import chart_of
    from pectin.cli.picture.svg import draw_svg
    from pectin.cli.picture.tree import draw_tree

    match form:
        case Form.MERMAID:
            return flowchart(program, standings)
        case Form.SVG:
            return draw_svg(chart_of(program), standings, caption)
        case Form.TREE:
            return "\n".join(draw_tree(chart_of(program), standings or {}, out()))


def put_drawing(form: Form, drawing: str) -> None:
    """Write a drawing to standard output, in what that can show."""
    from pectin.cli.paper import out
    from pectin.cli.words import put_chart

    match form:
        case Form.MERMAID:
            put_chart(drawing, "#{};")
        case Form.SVG:
            put_chart(drawing, "&#{};")
        case Form.TREE:
            out().write(*drawing.split("\n"))


_OTHERS = (".py", ".png", ".jpg", ".jpeg", ".gif", ".pdf")
"""How the names of files end that hold something else."""


def write_drawing(path: str, drawing: str, what: str) -> None:
    """Write a drawing to a file, and say so. Raises `BadUsage`."""
    from pectin.cli.exit import BadUsage
    from pectin.cli.paper import err

    if Path(path).suffix in _OTHERS:
        raise BadUsage(
            f"--output {path}: a drawing is text, Mermaid, SVG or lines: name a file that ends in .svg or .md"
        )
    try:
        Path(path).write_text(drawing + "\n", "utf-8")
    except OSError as error:
        raise BadUsage(f"--output {path}: the file can't be written: {error.strerror}") from error
    err().write_text(f"wrote {what} to {path}")
