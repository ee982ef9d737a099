"""`pectin check`."""

from __future__ import annotations

from typing import Annotated

import typer

from pectin.cli.options import Functions, Json


def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE[:NAME]...", help="Python files with workflows, or documents."),
    ] = None,
    *,
    functions: Functions = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Say what a code means, such as E014.")
    ] = None,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="For code hosts and editors: SARIF 2.1.0.")] = False,
    as_json: Json = False,
) -> int:
    """Check the workflows of files; none is run."""
    from pectin.cli.checking import explain_code, find_problems, put, show
    from pectin.cli.exit import BadUsage
    from pectin.cli.sarif import put_sarif
    from pectin.cli.streams import lent_streams

    if as_sarif and as_json:
        raise BadUsage("--sarif is JSON, too: leave --json out")
    if explain is not None:
        return explain_code(explain, as_json)
    if not files:
        raise BadUsage("name the file to check, or a code with --explain", "pectin check --help")
    with lent_streams():
        checked = find_problems(files, functions)
    if as_sarif:
        return put_sarif(checked)
    return put(checked) if as_json else show(checked, functions)
