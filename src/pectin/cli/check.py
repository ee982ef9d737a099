"""`pectin check`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pectin.cli.options import Json

if TYPE_CHECKING:
    from pectin.authoring.blueprint import Blueprint
    from pectin.authoring.workflow import Workflow
    from pectin.core.problem import Problem


def check(
    file: Annotated[
        str | None, typer.Argument(metavar="FILE[:NAME]", help="The Python file with the workflows.")
    ] = None,
    *,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Say what a code means, such as E014.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the workflows of a file; none is run."""
    from pectin.cli.exit import BadUsage
    from pectin.cli.source import load_workflows, parse_target
    from pectin.cli.streams import lent_streams

    if explain is not None:
        return _explain(explain, as_json)
    if file is None:
        raise BadUsage("name the file to check, or a code with --explain", "pectin check --help")
    with lent_streams():
        workflows = load_workflows(file)
        problems = _problems(workflows.values())
    if as_json:
        return _put(workflows, problems)
    return _show(str(parse_target(file).file), list(workflows.values()), problems)


def _problems(workflows: Iterable[Workflow[Any]]) -> list[Problem]:
    """What is wrong with each of them, and with all of them in one process."""
    from pectin.authoring.registry import Registry
    from pectin.core.problem import DefinitionError
    from pectin.nodes import examine

    problems: list[Problem] = []
    blueprints: list[Blueprint[Any]] = []
    for workflow in workflows:
        try:
            blueprint = workflow.build()
        except DefinitionError as error:
            problems += error.problems
        else:
            problems += examine(blueprint.definition, blueprint.places)
            blueprints.append(blueprint)
    try:
        Registry(blueprints)
    except DefinitionError as error:
        problems += error.problems
    return problems


def _show(file: str, workflows: list[Workflow[Any]], problems: list[Problem]) -> int:
    from pectin.cli.exit import Exit
    from pectin.cli.paper import out
    from pectin.core.problem import render
    from pectin.core.validate import is_warning

    paper = out()
    for problem in problems:
        paper.write_whole(*render(problem).split("\n"))
    errors = sum(not is_warning(problem) for problem in problems)
    warnings = len(problems) - errors
    counts = [
        f"{count} {what}{'' if count == 1 else 's'}" for count, what in ((errors, "error"), (warnings, "warning"))
    ]
    said = " and ".join(text for text, count in zip(counts, (errors, warnings), strict=True) if count)
    if problems:
        code = next((problem.code for problem in problems if not is_warning(problem)), problems[0].code)
        paper.write_whole(f"{said} in {file}{' ' * 8}(pectin check --explain {code})")
    if errors:
        return Exit.USAGE
    names = ", ".join(f"{workflow.id} {workflow.version}" for workflow in workflows)
    paper.write_text(f"{paper.mark('✓')} {names}: nothing is wrong")
    return Exit.OK


def _put(workflows: dict[str, Workflow[Any]], problems: list[Problem]) -> int:
    import msgspec

    from pectin.cli.exit import Exit
    from pectin.cli.words import put_json
    from pectin.core.validate import is_warning

    code = Exit.OK if all(map(is_warning, problems)) else Exit.USAGE
    put_json(
        {
            "exit_code": int(code),
            "workflows": [
                {"name": name, "id": workflow.id, "version": workflow.version} for name, workflow in workflows.items()
            ],
            "problems": msgspec.to_builtins(problems),
        }
    )
    return code


def _explain(code: str, as_json: bool) -> int:
    from pectin.cli.exit import BadUsage, Exit
    from pectin.cli.paper import out
    from pectin.cli.words import put_json
    from pectin.core.explanation import EXPLANATIONS
    from pectin.core.hint import did_you_mean

    found = EXPLANATIONS.get(code.upper())
    if found is None:
        hint = did_you_mean(code.upper(), EXPLANATIONS) or f"they go from {min(EXPLANATIONS)} to {max(EXPLANATIONS)}"
        raise BadUsage(f"there is no code {code!r}; {hint}")
    if as_json:
        put_json({"code": code.upper(), "title": found.title, "text": found.text})
    else:
        paper = out()
        paper.write_text(f"{code.upper()}: {found.title}")
        paper.write_text(found.text, "  ")
    return Exit.OK
